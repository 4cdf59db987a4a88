"""One metric over many agents: as a heat map, a ranking, small charts, or lines of one chart."""
