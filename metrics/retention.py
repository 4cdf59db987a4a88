"""Retention: drop what has outlived its tier, in transactions too short to hold up ingest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from agents.models import Agent
from metrics import tiers
from metrics.models import Batch, Chunk, Tier
from metrics.progress import Tell, counted, silent

ROWS_A_TRANSACTION: Final = 500
CHUNKS_A_TRANSACTION: Final = 50
PAGES_A_VACUUM: Final = 1000
SPARE_SHARE: Final = 20
"""A twentieth of the file may stay free: what sealing frees every hour is used in the next."""


def prune(*, now: datetime, tell: Tell = silent) -> int:
    """Delete what is older than the retention of its tier; return how many rows there were.

    A retention of 0 days keeps everything. Freed pages go back to the file system. `tell` hears
    how far it is.
    """
    deleted = _prune_hot(_oldest_ms(tiers.RAW, now), tell)
    for shape in counted((tiers.RAW, tiers.FIVE_MINUTES, tiers.ONE_HOUR), "Pruning tier", tell):
        deleted += sum(_delete_chunks(_outlived(shape, _oldest_ms(shape, now))))
    _give_pages_back()
    return deleted


def _oldest_ms(shape: tiers.Shape, now: datetime) -> int:
    """Return what is the oldest to keep: nothing is older than the epoch."""
    days = shape.retention_days
    return round((now - timedelta(days=days)).timestamp() * 1000) if days else 0


def _prune_hot(oldest_ms: int, tell: Tell) -> int:
    agents = Agent.objects.order_by("pk").values_list("pk", flat=True)
    each = counted(agents, "Pruning agent", tell)
    return sum(count for agent in each for count in _delete_in_steps(agent, oldest_ms))


def _outlived(shape: tiers.Shape, oldest_ms: int) -> QuerySet[Chunk]:
    # Buckets count by their end, so that a tier never loses one whose samples are within.
    chunks = Chunk.objects.filter(last_ms__lt=oldest_ms - shape.bucket_ms)
    if shape is tiers.RAW:
        return chunks.filter(tier__in=[Tier.RAW, Tier.DAMAGED])
    if shape is tiers.FIVE_MINUTES:
        # Not before the tier of an hour has it.
        return chunks.filter(tier=Tier.FIVE_MINUTES, is_rolled_up=True)
    return chunks.filter(tier=shape.tier)


def _delete_in_steps(agent_pk: int, oldest_ms: int) -> Iterator[int]:
    """Delete an agent's outlived batches a few at a time; yield how many each time."""
    while True:
        outlived = Batch.objects.filter(agent=agent_pk, last_ms__lt=oldest_ms).order_by("last_ms")
        keys = list(outlived.values_list("pk", flat=True)[:ROWS_A_TRANSACTION])
        if not keys:
            return
        yield Batch.objects.filter(pk__in=keys).delete()[0]


def _delete_chunks(outlived: QuerySet[Chunk]) -> Iterator[int]:
    """Delete chunks a few at a time, for each frees many pages; yield how many each time."""
    while keys := list(outlived.values_list("pk", flat=True)[:CHUNKS_A_TRANSACTION]):
        yield Chunk.objects.filter(pk__in=keys).delete()[0]


def _give_pages_back() -> None:
    """Shrink a SQLite file by its free pages, if they are many; others do it themselves."""
    if connection.vendor != "sqlite":
        return
    free = _pages("freelist_count")
    if free <= _pages("page_count") // SPARE_SHARE:
        return
    while free:
        before = free
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA incremental_vacuum({PAGES_A_VACUUM})")
            cursor.fetchall()
        free = _pages("freelist_count")
        if free == before:
            return


def _pages(count: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {count}")
        return int(cursor.fetchone()[0])
