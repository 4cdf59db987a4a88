"""Where a series is heading: a slope that spikes and clean-ups do not bend, and whether it is real.

The slope is Theil's and Sen's: the median of those between all pairs of points. Up to 29 % of the
points may be anything without moving it far.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

POINTS_MINIMUM: Final = 12
POINTS_MAXIMUM: Final = 400
"""A slope of n points is the median of n²/2 numbers."""

_CERTAIN: Final = 3.0
"""How many times the typical distance from the line it must have moved, to be more than noise."""

Values = npt.NDArray[np.float64]


class Trend(NamedTuple):
    """A straight line through a series. `span_seconds` is from the first value to the last."""

    per_second: float
    span_seconds: float
    is_certain: bool


def trend_of(times: Values, values: Values) -> Trend | None:
    """Return the trend of values at these seconds, NaN for none; None where they are too few.

    Raises ValueError for more than POINTS_MAXIMUM of them.
    """
    held = np.isfinite(values)
    times, values = times[held], values[held]
    if len(times) > POINTS_MAXIMUM:
        raise ValueError(f"{len(times)} points are too many; {POINTS_MAXIMUM} are taken.")
    if len(times) < POINTS_MINIMUM:
        return None
    first, second = np.triu_indices(len(times), k=1)
    slope = float(np.median((values[second] - values[first]) / (times[second] - times[first])))
    line = values - slope * times
    noise = float(np.median(np.abs(line - np.median(line))))
    span = float(times[-1] - times[0])
    return Trend(slope, span, is_certain=abs(slope) * span > _CERTAIN * noise)
