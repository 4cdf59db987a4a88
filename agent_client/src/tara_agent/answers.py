"""What an answer of the server means."""

import json
import math
from enum import Enum
from typing import Any, Final, NamedTuple, TypeGuard

from tara_agent.settings import INTERVAL_SECONDS_MAXIMUM, INTERVAL_SECONDS_MINIMUM

BATCH_MAXIMUM: Final = 500

_EARLIEST_TIME: Final = 1_750_000_000  # June 2025, before this was written
_LATEST_TIME: Final = 4_102_444_800  # the year 2100


class Answer(NamedTuple):
    """An HTTP answer; `body` is cut off where it is longer than the agent reads.

    `date` is when the server says that it was sent, in HTTP's words.
    """

    status: int
    body: bytes
    retry_after_seconds: float | None = None
    date: str = ""


class Verdict(Enum):
    """What became of a batch, or why it has to wait."""

    STORED = "stored"
    UNREADABLE = "unreadable"
    TOKEN_REFUSED = "token refused"  # noqa: S105  (a state, no secret)
    WRONG_PLACE = "wrong place"
    TOO_LARGE = "too large"
    ENCODING_REFUSED = "encoding refused"
    AGENT_TOO_OLD = "agent too old"
    UNAVAILABLE = "unavailable"


_BY_STATUS: Final = {
    400: Verdict.UNREADABLE,
    401: Verdict.TOKEN_REFUSED,
    403: Verdict.TOKEN_REFUSED,
    408: Verdict.UNAVAILABLE,
    411: Verdict.TOO_LARGE,
    413: Verdict.TOO_LARGE,
    415: Verdict.ENCODING_REFUSED,
    422: Verdict.UNREADABLE,
    426: Verdict.AGENT_TOO_OLD,
    429: Verdict.UNAVAILABLE,
}


class Receipt(NamedTuple):
    """The server's word that a batch is durable, and the only two numbers the agent obeys.

    `server_time` is what its clock said, in Unix seconds; see clock.
    """

    rejected_codes: tuple[str, ...] = ()
    interval_seconds: int | None = None
    batch: int | None = None
    server_time: float | None = None


def verdict_of(answer: Answer) -> Verdict:
    """Return what an answer other than 200 means; 300 to 499 not listed is a wrong address.

    That a body cannot be read is believed of our server only: a proxy says 400 for reasons of its
    own, and no sample is given up for those.
    """
    verdict = _BY_STATUS.get(answer.status)
    if verdict is Verdict.UNREADABLE and code_of(answer.body) is None:
        return Verdict.WRONG_PLACE
    if verdict is not None:
        return verdict
    is_of_the_address = 300 <= answer.status < 500  # noqa: PLR2004
    return Verdict.WRONG_PLACE if is_of_the_address else Verdict.UNAVAILABLE


def receipt_of(body: bytes) -> Receipt | None:
    """Return what a 200 says; None if it is not our server's (a captive portal, a proxy)."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or not all(
        _is_count(answer.get(name)) for name in ("accepted", "duplicate")
    ):
        return None
    following = answer.get("next")
    if not isinstance(following, dict):
        following = {}
    low, high = INTERVAL_SECONDS_MINIMUM, INTERVAL_SECONDS_MAXIMUM
    return Receipt(
        rejected_codes=_codes(answer.get("rejected")),
        interval_seconds=_between(following.get("interval_seconds"), low, high),
        batch=_between(following.get("batch"), 1, BATCH_MAXIMUM),
        server_time=_time(answer.get("server_time")),
    )


def code_of(body: bytes) -> str | None:
    """Return the code in an error's body; None if the body is not one of our server's."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if _is_word(code) else None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _between(value: Any, low: int, high: int) -> int | None:
    """Return a whole number within the bounds; one outside is not obeyed at all."""
    return value if type(value) is int and low <= value <= high else None


def _time(value: Any) -> float | None:
    """Return a time that can be one; a server whose clock is not set is not believed."""
    if type(value) not in {int, float} or not math.isfinite(value):
        return None
    return float(value) if _EARLIEST_TIME <= value <= _LATEST_TIME else None


def _codes(rejected: Any) -> tuple[str, ...]:
    """Return the different codes in `[[index, code], …]`, fit for a log line."""
    pairs = rejected if isinstance(rejected, list) else []
    codes = {
        pair[1] for pair in pairs if isinstance(pair, list) and len(pair) > 1 and _is_word(pair[1])
    }
    return tuple(sorted(codes))


def _is_word(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= 40 and value.isidentifier()  # noqa: PLR2004
