"""A year that was never sent: `python -m benchmarks.past --days 365` in a benchmark's site.

One day of each simulated machine is taken again as every day before the first that was sent, by the
functions that the worker seals and rolls up with, so that pages over months have something to read.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from functools import reduce

import django
from django.db import transaction

django.setup()

from agents.models import Agent  # noqa: E402  (models want a set-up Django)
from benchmarks import fleet  # noqa: E402
from metrics import figures, samples, tiers  # noqa: E402
from metrics.figures import Figures  # noqa: E402
from metrics.models import Chunk, Tier  # noqa: E402
from metrics.names import SeriesKey  # noqa: E402
from metrics.samples import Samples  # noqa: E402

RAW_DAYS = 7
FIVE_MINUTES_DAYS = 90


class Past:
    """The days before an agent's first sample, as chunks that are not written yet."""

    def __init__(self, agent: Agent, number: int) -> None:
        """Take a day of machine `number`, as that on which the agent's first sample was sent."""
        first = Chunk.objects.filter(agent=agent, tier=Tier.RAW).order_by("start_ms").first()
        if first is None:
            raise LookupError(f"{agent} has no sealed day")
        self.agent = agent
        self.start_ms = first.start_ms
        day = fleet.machine(number, round(tiers.DAY_MS / 1000 / fleet.INTERVAL_SECONDS))
        keys = [SeriesKey(*series) for series in day.series]
        self.samples = Samples(self.start_ms + day.offsets_ms, keys, day.values.T.copy())
        self.fine = figures.rolled_up(
            figures.of_samples(self.samples), tiers.FIVE_MINUTES.bucket_ms
        )
        self.coarse = figures.rolled_up(self.fine, tiers.ONE_HOUR.bucket_ms)
        self.chunks: list[Chunk] = []

    def repeat(self, days: int) -> None:
        """Make the chunks of as many days, in the tiers that keep them."""
        months: dict[int, list[Figures]] = defaultdict(list)
        for back_ms in range(tiers.DAY_MS, (days + 1) * tiers.DAY_MS, tiers.DAY_MS):
            start_ms = self.start_ms - back_ms
            if back_ms < RAW_DAYS * tiers.DAY_MS:
                day = self.samples._replace(times_ms=self.samples.times_ms - back_ms)
                self._add(Tier.RAW, start_ms, day, samples.encode(day))
            if back_ms < FIVE_MINUTES_DAYS * tiers.DAY_MS:
                fine = self.fine._replace(times_ms=self.fine.times_ms - back_ms)
                self._add(Tier.FIVE_MINUTES, start_ms, fine, figures.encode(fine))
            coarse = self.coarse._replace(times_ms=self.coarse.times_ms - back_ms)
            months[tiers.ONE_HOUR.chunk_start(start_ms)].append(coarse)
        for start_ms, lots in months.items():
            month = reduce(figures.fuller, lots)
            self._add(Tier.ONE_HOUR, start_ms, month, figures.encode(month))

    def _add(self, tier: Tier, start_ms: int, content: Samples | Figures, data: bytes) -> None:
        times = content.times_ms
        fields = {"last_ms": int(times[-1]), "sample_count": len(times), "data": data}
        chunk = Chunk(agent=self.agent, tier=tier, start_ms=start_ms, is_rolled_up=True, **fields)
        self.chunks.append(chunk)

    def write(self) -> None:
        """Write the chunks, in place of those of the same months."""
        with transaction.atomic():
            hours = Chunk.objects.filter(agent=self.agent, tier=Tier.ONE_HOUR)
            hours.filter(start_ms__in=[each.start_ms for each in self.chunks]).delete()
            Chunk.objects.bulk_create(self.chunks)


def main() -> None:
    """Write the days of every agent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    for number, agent in enumerate(Agent.objects.order_by("pk")):
        past = Past(agent, number)
        past.repeat(options.days)
        past.write()


if __name__ == "__main__":
    main()
