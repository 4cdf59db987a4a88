"""What the store holds of an agent, sample by sample, wherever it lies."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from metrics import history
from metrics.buckets import Grid
from metrics.names import SeriesKey


def samples_of(agent: int, *metrics: str) -> dict[SeriesKey, dict[int, float]]:
    """Return every sample of `metrics`, or all, by series and time in ms, in order of time.

    Raises ValueError if one is there twice.
    """
    found: dict[SeriesKey, dict[int, float]] = defaultdict(dict)
    each_alone = Grid(start_ms=0, step_ms=1, count=2**62)
    for part in history.read(agent, each_alone, metrics=metrics or None).parts:
        for key, counts, values in zip(
            part.keys, np.broadcast_to(part.counts, part.totals.shape), part.totals, strict=True
        ):
            held = counts > 0
            fresh = dict(zip(part.times_ms[held].tolist(), values[held].tolist(), strict=True))
            if twice := found[key].keys() & fresh.keys():
                raise ValueError(f"agent {agent}: {key} has samples twice: {sorted(twice)[:5]}")
            found[key].update(fresh)
    return {key: dict(sorted(values.items())) for key, values in found.items() if values}
