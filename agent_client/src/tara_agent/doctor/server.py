"""What the server says to this agent's token, without a sample being sent."""

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from tara_agent.answers import Answer, Verdict, code_of, verdict_of
from tara_agent.doctor.findings import Finding, failed, good, odd, skipped
from tara_agent.errors import ServerUnreachable

SKEW_SECONDS: Final = 60.0
ASK_SECONDS: Final = 10.0

NO_SAMPLES: Final = b'{"version": 1, "samples": []}'
"""What the server refuses to store, but only once it has accepted the token."""

_NO_SAMPLES_CODE: Final = "samples"
_BAD_REQUEST: Final = 400

_REFUSED: Final = (
    "Make a new token on the server with `python manage.py gen_token --agent-id NAME`, or enable "
    "this agent there."
)
_SOMEBODY_ELSE: Final = (
    "Correct SERVER_URL: http instead of https, a missing path, or a proxy or login page between "
    "are the usual causes."
)


def examine(post: Callable[[bytes], Answer]) -> Iterator[Finding]:
    """Yield what is found of token and clock. `post` raises ServerUnreachable."""
    asked_at = time.time()
    try:
        answer = post(NO_SAMPLES)
    except ServerUnreachable as error:
        yield failed("token", f"no answer ({error.reason})", "See to the server, and try again.")
        yield skipped("clock", "the server gave no answer to compare with")
        return
    yield _token(answer)
    yield _clock(answer.date, (asked_at + time.time()) / 2)


def _token(answer: Answer) -> Finding:
    subject, code, verdict = "token", code_of(answer.body), verdict_of(answer)
    if code == _NO_SAMPLES_CODE:
        return good(subject, "accepted by the server")
    if verdict is Verdict.TOKEN_REFUSED:
        return failed(subject, f"refused (HTTP {answer.status})", _REFUSED)
    if verdict is Verdict.UNAVAILABLE and answer.status >= _BAD_REQUEST:
        advice = "Nothing to do here: the agent keeps its samples and tries again."
        return odd(subject, f"the server is busy or down (HTTP {answer.status})", advice)
    if code is not None:
        advice = "Bring agent and server to matching versions."
        return failed(subject, f"the server answers `{code}` (HTTP {answer.status})", advice)
    return failed(subject, f"that is not our server (HTTP {answer.status})", _SOMEBODY_ELSE)


def _clock(date: str, now: float) -> Finding:
    """Return how far this machine's clock is from the server's, which is told in whole seconds."""
    try:
        skew_seconds = now - (parsedate_to_datetime(date).timestamp() + 0.5)
    except ValueError:
        return skipped("clock", "the server's answer has no date to compare with")
    seen = f"{abs(skew_seconds):.0f} s {'ahead of' if skew_seconds > 0 else 'behind'} the server"
    if abs(skew_seconds) > SKEW_SECONDS:
        advice = "Set this machine's clock, by NTP if possible; or the server's, if that is wrong."
        return odd("clock", seen, advice)
    return good("clock", seen)
