"""What the samples take on the disk: hot and sealed, by tier, and what that will come to.

Cheap enough for a page that refreshes: of 1,000 agents with all that is kept, 20 ms were measured.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Avg, Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Length

from agents.models import Agent
from metrics import meter, sizing, tiers
from metrics.models import Batch, Chunk, Tier

ROW_BYTES: Final = 64
"""What a batch takes beside its payload: its row, and its entry in the index."""

_SAMPLED_BATCHES: Final = 500
_RECENTLY: Final = timedelta(days=2)
"""The days that tell how many buckets samples make: today's are sealed in part only."""

_SHAPES: Final = {shape.tier: shape for shape in (tiers.RAW, tiers.FIVE_MINUTES, tiers.ONE_HOUR)}
_HOURS_PER_FIVE_MINUTES: Final = tiers.FIVE_MINUTES.bucket_ms / tiers.ONE_HOUR.bucket_ms


@dataclass(frozen=True, slots=True)
class TierFigures:
    """The chunks of one tier. A value is a sample of a series, or a bucket with its figures.

    `counted_bytes` are those of chunks whose values are known: earlier versions did not count them.
    """

    tier: Tier
    chunks: int = 0
    data_bytes: int = 0
    values: int = 0
    counted_bytes: int = 0
    first_ms: int = 0

    @property
    def keep_days(self) -> int:
        """How many days it is kept, 0 for ever; what is damaged goes with the samples."""
        return _SHAPES.get(self.tier, tiers.RAW).retention_days

    @property
    def bytes_a_value(self) -> float | None:
        """How many bytes a value takes, None where there are none."""
        return self.counted_bytes / self.values if self.values else None


@dataclass(frozen=True, slots=True)
class StorageFigures:
    """What is stored. `hot_bytes` is reckoned from the newest batches.

    `free_bytes` are pages of the database's file that hold nothing, `disk_free_bytes` is what is
    left of its disk; None where the database is elsewhere. `year_bytes` is the size to expect a
    year from now at today's rate, None while there is too little to tell it from.
    """

    hot_rows: int
    hot_bytes: int
    oldest_hot_at: datetime | None
    tiers: Sequence[TierFigures]
    database_bytes: int
    free_bytes: int | None
    disk_free_bytes: int | None
    year_bytes: int | None


def storage(*, now: datetime) -> StorageFigures:
    """Return what is stored at `now`, in ten queries at most, none of which reads a payload."""
    sealed = _by_tier(Chunk.objects.all())
    rows, hot_bytes = _hot()
    database_bytes, free_bytes = _file()
    return StorageFigures(
        hot_rows=rows,
        hot_bytes=hot_bytes,
        oldest_hot_at=_oldest_hot_at(),
        tiers=[sealed.get(tier, TierFigures(tier)) for tier in Tier],
        database_bytes=database_bytes,
        free_bytes=free_bytes,
        disk_free_bytes=None if free_bytes is None else shutil.disk_usage(settings.DATA_DIR).free,
        year_bytes=_year_bytes(sealed, hot_bytes, now=now),
    )


def _by_tier(chunks: QuerySet[Chunk]) -> dict[Tier, TierFigures]:
    grouped = (
        chunks.order_by()
        .values("tier")
        .annotate(
            chunks=Count("pk"),
            all_bytes=Sum("data_bytes"),
            values=Sum("value_count"),
            counted_bytes=Sum("data_bytes", filter=Q(value_count__gt=0)),
            first_ms=Min("start_ms"),
        )
    )
    return {Tier(row["tier"]): _tier_figures(row) for row in grouped}


def _tier_figures(row: Mapping[str, Any]) -> TierFigures:
    return TierFigures(
        tier=Tier(row["tier"]),
        chunks=row["chunks"],
        data_bytes=row["all_bytes"],
        values=row["values"],
        counted_bytes=row["counted_bytes"] or 0,
        first_ms=row["first_ms"],
    )


def _hot() -> tuple[int, int]:
    """Return how many batches there are, and about how many bytes they take."""
    # Counted in the index: 3 ms for the 720,000 batches of 1,000 agents.
    rows = Batch.objects.count()
    lengths = Batch.objects.order_by("-pk").annotate(length=Length("payload")).values("length")
    length = lengths[:_SAMPLED_BATCHES].aggregate(mean=Avg("length"))["mean"] or 0
    return rows, round(rows * (length + ROW_BYTES))


def _oldest_hot_at() -> datetime | None:
    # Agent by agent, because the index begins with the agent: 1 ms for 1,000 of them.
    own = Batch.objects.filter(agent=OuterRef("pk")).order_by("last_ms").values("last_ms")[:1]
    oldest_ms = Agent.objects.aggregate(ms=Min(Subquery(own)))["ms"]
    return None if oldest_ms is None else datetime.fromtimestamp(oldest_ms / 1000, tz=UTC)


def _file() -> tuple[int, int | None]:
    """Return the size of the database, and how much of it is free pages if it is a file here."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0]), None
        sizes = []
        for pragma in ("page_size", "page_count", "freelist_count"):
            cursor.execute(f"PRAGMA {pragma}")
            sizes.append(int(cursor.fetchone()[0]))
    page_bytes, pages, free = sizes
    return page_bytes * pages, page_bytes * free


def _year_bytes(sealed: Mapping[Tier, TierFigures], hot_bytes: int, *, now: datetime) -> int | None:
    per_day = _values_per_day(now=now)
    flows = {
        shape.tier: _flow(shape, per_day[shape.tier], sealed, now=now)
        for shape in _SHAPES.values()
        if shape.tier in per_day
    }
    if not flows:
        return None
    return sizing.file_bytes_after(sizing.YEAR_DAYS, flows=flows.values(), hot_bytes=hot_bytes)


def _values_per_day(*, now: datetime) -> dict[Tier, float]:
    """Return what each tier gains at today's rate; empty where too little was taken or sealed."""
    raw = meter.values_per_day(now=now)
    since_ms = round((now - _RECENTLY).timestamp() * 1000) // tiers.DAY_MS * tiers.DAY_MS
    lately = _by_tier(Chunk.objects.filter(start_ms__gte=since_ms, tier__lte=Tier.FIVE_MINUTES))
    if raw is None or len(lately) <= Tier.FIVE_MINUTES or not lately[Tier.RAW].values:
        return {}
    buckets = raw * lately[Tier.FIVE_MINUTES].values / lately[Tier.RAW].values
    return {
        Tier.RAW: raw,
        Tier.FIVE_MINUTES: buckets,
        Tier.ONE_HOUR: buckets * _HOURS_PER_FIVE_MINUTES,
    }


def _flow(
    shape: tiers.Shape, values_per_day: float, sealed: Mapping[Tier, TierFigures], *, now: datetime
) -> sizing.Flow:
    held = sealed.get(shape.tier, TierFigures(shape.tier))
    bytes_a_value = held.bytes_a_value or 0.0
    if shape is tiers.ONE_HOUR:
        # In its first weeks a chunk of hours is mostly header, and at first there is none.
        fine = sealed[Tier.FIVE_MINUTES].bytes_a_value or 0.0
        bytes_a_value = min(bytes_a_value or fine, fine)
    days = (now.timestamp() * 1000 - held.first_ms) / tiers.DAY_MS if held.chunks else 0.0
    return sizing.Flow(
        bytes_per_day=values_per_day * bytes_a_value,
        keep_days=shape.retention_days,
        held_bytes=held.data_bytes,
        held_days=days,
    )
