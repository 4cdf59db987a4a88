"""How long to wait before the next attempt."""

from random import Random
from typing import Final

FIRST_SECONDS: Final = 5.0
MAXIMUM_SECONDS: Final = 300.0
RETRY_AFTER_SECONDS: Final = (1.0, 900.0)
TOKEN_SECONDS: Final = (300.0, 900.0)
TOO_OLD_SECONDS: Final = (3600.0, 4680.0)


def backoff_seconds(failures: int, rng: Random) -> float:
    """Return a random wait after `failures` (0 and up), so that a fleet does not come at once."""
    # Bounded before the power, which would otherwise outgrow a float in a long outage.
    ceiling = min(MAXIMUM_SECONDS, FIRST_SECONDS * 2 ** min(failures, 10))
    return rng.uniform(0, ceiling)


def requested_seconds(retry_after_seconds: float, rng: Random) -> float:
    """Return the wait that the server asked for, bounded, and spread so that not all obey alike."""
    low, high = RETRY_AFTER_SECONDS
    return min(high, max(low, retry_after_seconds)) * rng.uniform(1.0, 1.3)


def token_seconds(rng: Random) -> float:
    """Return the wait after a refused token: somebody has to do something first."""
    return rng.uniform(*TOKEN_SECONDS)


def too_old_seconds(rng: Random) -> float:
    """Return the wait of an agent that is too old: an hour, for somebody has to renew it."""
    return rng.uniform(*TOO_OLD_SECONDS)
