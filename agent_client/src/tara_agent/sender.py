"""Sends what the backlog holds, one batch in flight, until the server says that it is durable."""

import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple, Protocol

from tara_agent import backoff, wire
from tara_agent.answers import Answer, Receipt, Verdict, code_of, receipt_of, verdict_of
from tara_agent.backlog import Backlog
from tara_agent.errors import ServerUnreachable
from tara_agent.extras import without_extras
from tara_agent.facts import Facts
from tara_agent.reports import Reports
from tara_agent.samples import Sample

DRAIN_SECONDS: Final = 0.25
FACTS_SECONDS: Final = 600.0
PLAIN_SECONDS: Final = 24 * 3600.0
"""How long a refusal of gzip is remembered."""
ATTEMPT_SECONDS: Final = 30.0


class Post(Protocol):
    """How a body gets to the server."""

    def __call__(self, body: bytes, *, encoding: str | None, within_seconds: float) -> Answer:
        """Return the answer. Raises ServerUnreachable."""
        ...


class Learn(Protocol):
    """Who wants to know the server's time."""

    def __call__(self, server_time: float, *, asked_at: float, answered_at: float) -> None:
        """Take it in, with our own time before and after."""
        ...


def _ignore(server_time: float, *, asked_at: float, answered_at: float) -> None:
    """Take no notice."""


class Clocks(NamedTuple):
    """Where the sender takes time and chance from."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    rng: Random = Random()  # noqa: S311  (spreads load, guards nothing)


SYSTEM_CLOCKS: Final = Clocks()


class Sender:
    """Decides what is sent next, and what becomes of it. Knows no thread: see runner."""

    def __init__(
        self,
        backlog: Backlog,
        post: Post,
        *,
        facts: Callable[[], Facts],
        obey_interval: Callable[[int], None],
        learn_time: Learn = _ignore,
        clocks: Clocks = SYSTEM_CLOCKS,
    ) -> None:
        """`obey_interval` is told the interval that an answer names, where that changes.

        `learn_time` is told what each answer says that the time is.
        """
        self.gather = 1
        self._backlog = backlog
        self._post = post
        self._facts = facts
        self._obey_interval = obey_interval
        self._learn_time = learn_time
        self._clocks = clocks
        self._reports = Reports()
        self._facts_due_at = float("-inf")
        self._failures = 0
        self._interval_seconds: int | None = None
        self._plain_until = float("-inf")
        self._samples_maximum = wire.SAMPLES_MAXIMUM
        self._refused: list[Sample] = []
        self._dropped: Counter[str] = Counter()

    def step(self) -> float:
        """Send one batch if there is one; return the seconds to wait before the next step."""
        batch = self._next_batch()
        return self._deliver(batch, ATTEMPT_SECONDS) if batch else 0.0

    def last_step(self, within_seconds: float) -> int:
        """Try once more, for so long; return how many samples are left unsent."""
        batch = self._refused or self._oldest()
        if batch:
            self._deliver(batch, within_seconds)
        return len(self._backlog)

    def _next_batch(self) -> list[Sample]:
        """Return what was refused once; after a failure the newest sample; else the oldest ones."""
        if self._refused:
            return self._refused
        # The newest alone tells the server at once that the machine lives; the rest can follow.
        return (self._failures and self._backlog.newest()) or self._oldest()

    def _oldest(self) -> list[Sample]:
        return self._backlog.oldest(count=self._samples_maximum, size=wire.SAMPLES_BYTES)

    def _deliver(self, batch: list[Sample], within_seconds: float) -> float:
        with_facts = self._clocks.monotonic() >= self._facts_due_at
        asked_at = self._clocks.wall()
        body, encoding = self._encoded(batch, sent_at=asked_at, with_facts=with_facts)
        try:
            answer = self._post(body, encoding=encoding, within_seconds=within_seconds)
        except ServerUnreachable as error:
            return self._keep(Verdict.UNAVAILABLE, error.reason)
        if answer.status == 200:  # noqa: PLR2004
            receipt = receipt_of(answer.body)
            if receipt is None:
                return self._keep(Verdict.UNAVAILABLE, "a 200 that is not the server's")
            if receipt.server_time is not None:
                now = self._clocks.wall()
                self._learn_time(receipt.server_time, asked_at=asked_at, answered_at=now)
            return self._stored(batch, receipt, with_facts=with_facts)
        return self._not_stored(batch, answer, encoding)

    def _encoded(
        self, batch: list[Sample], *, sent_at: float, with_facts: bool
    ) -> tuple[bytes, str | None]:
        envelope = wire.Envelope(
            sent_at=sent_at,
            dropped=self._backlog.dropped | self._dropped,
            backlog=max(0, len(self._backlog) - len(batch)),
            facts=self._facts() if with_facts else None,
        )
        body = wire.encode(batch, envelope)
        is_plain = self._clocks.monotonic() < self._plain_until
        if is_plain or len(body) <= wire.GZIP_ABOVE_BYTES:
            return body, None
        return wire.compress(body), "gzip"

    def _stored(self, batch: list[Sample], receipt: Receipt, *, with_facts: bool) -> float:
        self._failures = 0
        self._refused = []
        self._backlog.done(batch)
        if with_facts:
            self._facts_due_at = self._clocks.monotonic() + FACTS_SECONDS
        if receipt.interval_seconds not in {None, self._interval_seconds}:
            self._interval_seconds = receipt.interval_seconds
            self._obey_interval(receipt.interval_seconds)
        if receipt.batch is not None:
            self.gather = receipt.batch
        self._reports.rejected(receipt.rejected_codes)
        self._reports.stored(len(batch), waiting=len(self._backlog))
        return self._drain_seconds()

    def _not_stored(self, batch: list[Sample], answer: Answer, encoding: str | None) -> float:
        verdict = verdict_of(answer)
        if verdict is Verdict.UNREADABLE:
            return self._refuse(batch, answer.status)
        if verdict is Verdict.TOO_LARGE:
            return self._halve(batch, answer)
        if verdict is Verdict.ENCODING_REFUSED and encoding:
            self._plain_until = self._clocks.monotonic() + PLAIN_SECONDS
            return 0.0
        return self._keep(verdict, f"HTTP {answer.status}", answer.retry_after_seconds)

    def _keep(
        self, verdict: Verdict, reason: str, retry_after_seconds: float | None = None
    ) -> float:
        """Leave the batch where it is and return how long to wait."""
        self._failures += 1
        self._facts_due_at = float("-inf")
        self._refused = []
        self._backlog.outage()
        self._reports.kept(verdict, reason)
        rng = self._clocks.rng
        if verdict is Verdict.TOKEN_REFUSED:
            return backoff.token_seconds(rng)
        if verdict is Verdict.AGENT_TOO_OLD:
            return backoff.too_old_seconds(rng)
        if retry_after_seconds is not None and verdict is Verdict.UNAVAILABLE:
            return backoff.requested_seconds(retry_after_seconds, rng)
        return backoff.backoff_seconds(self._failures - 1, rng)

    def _refuse(self, batch: list[Sample], status: int) -> float:
        """Send an unreadable batch once more, in case it was hurt on the way; then give it up."""
        self._facts_due_at = float("-inf")
        if batch is not self._refused:
            self._refused = batch
            return backoff.backoff_seconds(0, self._clocks.rng)
        self._refused = []
        return self._give_up(batch, status)

    def _halve(self, batch: list[Sample], answer: Answer) -> float:
        """Send less at a time, a sample alone without its extras; then give it up.

        That only where it is our server that finds it too large: a proxy may be mended.
        """
        self._refused = []
        if len(batch) > 1:
            self._samples_maximum = len(batch) // 2
            return self._drain_seconds()
        self._samples_maximum = wire.SAMPLES_MAXIMUM
        bare = [without_extras(sample) for sample in batch]
        if bare != batch:
            self._refused = bare
            return self._drain_seconds()
        if code_of(answer.body) is None:
            return self._keep(Verdict.WRONG_PLACE, f"HTTP {answer.status} of a proxy")
        return self._give_up(batch, answer.status)

    def _give_up(self, batch: list[Sample], status: int) -> float:
        self._backlog.reject(batch)
        self._dropped["rejected"] += len(batch)
        self._reports.given_up(len(batch), status)
        return self._drain_seconds()

    def _drain_seconds(self) -> float:
        """Return the pause before the next batch; spread, or a fleet would march in step."""
        if not len(self._backlog):
            return 0.0
        return DRAIN_SECONDS * self._clocks.rng.uniform(0.5, 1.5)
