"""What the agents sent: catalogue, wire, hot log and the one door to read it."""
