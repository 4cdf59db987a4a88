"""Which requests a benchmark sends: whose samples, of when, over which connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks import bodies, fleet, server, victoria
from benchmarks.bodies import Door, Moment, Sender
from benchmarks.load import Shot

POOL_MACHINES = 50
POOL_SAMPLES = 120


@dataclass(frozen=True, slots=True)
class Target:
    """One of the systems under load: how it takes samples, and how it says that it has."""

    name: str
    texts: Callable[[fleet.Run], list[bytes]]
    door: Door
    stored: Callable[[int], bytes]


TARA = Target(
    server.NAME, bodies.json_texts, bodies.tara_request, lambda samples: b'"accepted":%d,' % samples
)
TARA_GZIP = Target(TARA.name, TARA.texts, bodies.tara_gzip_request, TARA.stored)
VICTORIA = Target(
    victoria.NAME, bodies.influx_texts, bodies.victoria_request, lambda _: victoria.STORED
)

VICTORIA_IMPORT = replace(VICTORIA, texts=bodies.column_texts, door=bodies.victoria_import)


class Feed:
    """Requests of many agents whose samples go on from where the last ones ended.

    The values come from a pool of some machines, made once. `first_ms` is the time of each agent's
    first sample.
    """

    def __init__(
        self,
        target: Target,
        senders: Sequence[Sender],
        *,
        samples: int,
        spacing_seconds: float,
        first_ms: int,
    ) -> None:
        """`samples` go into one request, `spacing_seconds` apart."""
        self.target = target
        self.senders = senders
        self.samples = samples
        self.spacing_ms = round(spacing_seconds * 1000)
        self.first_ms = first_ms
        self.turn = 0
        runs = [fleet.machine(number, POOL_SAMPLES) for number in range(POOL_MACHINES)]
        self.pool = [target.texts(run) for run in runs]

    @property
    def next_ms(self) -> int:
        """The time of each agent's next sample."""
        return self.first_ms + self.turn * self.samples * self.spacing_ms

    def rounds(self, count: int, *, connections: int) -> list[list[Shot]]:
        """Return `count` requests of every agent, to be sent as fast as they are answered."""
        lines: list[list[Shot]] = [[] for _ in range(connections)]
        for turn in range(self.turn, self.turn + count):
            for place in range(len(self.senders)):
                lines[place % connections].append(self._shot(place, turn, due_at=None))
        self.turn += count
        return lines

    def paced(self, rate: float, *, seconds: float, connections: int) -> list[list[Shot]]:
        """Return `rate` requests a second, each agent in its turn, due when its sample is taken."""
        lines: list[list[Shot]] = [[] for _ in range(connections)]
        for number in range(round(rate * seconds)):
            turn, place = divmod(number, len(self.senders))
            shot = self._shot(place, self.turn + turn, due_at=number / rate)
            lines[place % connections].append(shot)
        self.turn += -(-round(rate * seconds) // len(self.senders))
        return lines

    def _shot(self, place: int, turn: int, *, due_at: float | None) -> Shot:
        texts = self.pool[place % POOL_MACHINES]
        first = turn * self.samples
        moments = [
            Moment(texts[number % POOL_SAMPLES], self.first_ms + number * self.spacing_ms)
            for number in range(first, first + self.samples)
        ]
        data = self.target.door(self.senders[place], moments)
        return Shot(data, self.target.stored(self.samples), due_at)


def history(
    target: Target,
    senders: Sequence[Sender],
    *,
    first_ms: int,
    count: int,
    spacing_seconds: float,
    samples: int = 60,
    connections: int = 8,
) -> list[Iterator[Shot]]:
    """Return lines that send `count` samples of every agent's own machine, made as they go."""

    def line(number: int) -> Iterator[Shot]:
        """Yield what goes over one connection: the shots of every so many-th sender."""
        for place in range(number, len(senders), connections):
            run = fleet.machine(place, count, interval_seconds=spacing_seconds)
            texts, times = target.texts(run), (first_ms + run.offsets_ms).tolist()
            for at in range(0, count, samples):
                pairs = zip(texts[at : at + samples], times[at : at + samples], strict=True)
                moments = [Moment(*pair) for pair in pairs]
                data = target.door(senders[place], moments)
                yield Shot(data, target.stored(len(moments)))

    return [line(number) for number in range(min(connections, len(senders)))]


def now_ms() -> int:
    """Return the time in milliseconds."""
    return round(time.time() * 1000)
