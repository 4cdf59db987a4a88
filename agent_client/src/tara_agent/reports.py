"""What the sender tells in the log: changes of state only, each once."""

import logging
from typing import Final

from tara_agent.answers import Verdict

logger = logging.getLogger(__name__)

_WHAT_TO_DO: Final = {
    Verdict.UNAVAILABLE: "server unreachable (%s): buffering samples, trying again by itself",
    Verdict.TOKEN_REFUSED: (
        "token refused (%s): buffering samples; if it stays so, the token is unknown, expired or "
        "revoked, or this agent is disabled: issue a new one on the server with "
        "`python manage.py gen_token --agent-id NAME` and restart the agent with it"
    ),
    Verdict.WRONG_PLACE: (
        "no ingest API at this address (%s): buffering samples; check SERVER_URL, and that no "
        "proxy or redirect stands between"
    ),
    Verdict.AGENT_TOO_OLD: (
        "this agent is too old for the server (%s): buffering samples; install a newer one"
    ),
    Verdict.ENCODING_REFUSED: (
        "plain JSON refused (%s): buffering samples; check what stands between agent and server"
    ),
}


class Reports:
    """Remembers what was said, until the state changes back."""

    def __init__(self) -> None:
        self._said: set[Verdict] = set()
        self._said_codes: tuple[str, ...] = ()
        self._said_given_up = False
        self._replayed = 0

    def kept(self, verdict: Verdict, reason: str) -> None:
        """Say why samples are being kept, once an outage and reason."""
        if verdict not in self._said:
            self._said.add(verdict)
            level = logging.WARNING if verdict is Verdict.UNAVAILABLE else logging.ERROR
            logger.log(level, _WHAT_TO_DO[verdict], reason)

    def stored(self, count: int, *, waiting: int) -> None:
        """Say that an outage is over, once what was kept has been sent."""
        self._said_given_up = False
        if not self._said:
            return
        self._replayed += count
        if not waiting:
            logger.info("server reachable again: %d samples replayed", self._replayed)
            self._said.clear()
            self._replayed = 0

    def rejected(self, codes: tuple[str, ...]) -> None:
        """Say which samples the server would not take, when that changes."""
        if codes and codes != self._said_codes:
            logger.warning(
                "the server would not take some samples (%s); check this machine's clock",
                ", ".join(codes),
            )
        self._said_codes = codes

    def given_up(self, count: int, status: int) -> None:
        """Say that samples were thrown away, once until one is stored again."""
        if not self._said_given_up:
            self._said_given_up = True
            logger.error(
                "the server could not read %d samples (HTTP %d), twice: they are given up; agent "
                "and server may be of different versions",
                count,
                status,
            )
