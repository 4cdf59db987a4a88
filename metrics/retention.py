"""Retention: drop what has outlived its tier, in transactions too short to hold up ingest."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from agents.models import Agent
from metrics import tiers
from metrics.models import AgentState, Batch, Chunk, Layout, Tier
from metrics.progress import Tell, counted, silent

ROWS_A_TRANSACTION: Final = 2000
CHUNKS_A_TRANSACTION: Final = 50
PAGES_A_VACUUM: Final = 1000
SPARE_SHARE: Final = 20
"""A twentieth of the file may stay free: what sealing frees every hour is used in the next."""

LAYOUTS_A_TRANSACTION: Final = 500
LAYOUTS_REST: Final = timedelta(days=7)
"""A layout stays for so long, used or not: one that comes and goes must not be made each time."""

LEFT_TO_OTHERS_SECONDS: Final = 0.12
"""Who waits for SQLite's lock looks after it every 0.1 s at last, and starves where it is taken
again at once: with 1,400 transactions one after the other, agents waited for up to 9 s."""


def prune(*, now: datetime, tell: Tell = silent) -> int:
    """Delete what is older than the retention of its tier; return how many rows there were.

    A retention of 0 days keeps everything. Layouts that nothing names any more go too; they are not
    counted. Freed pages go back to the file system. `tell` hears how far it is.
    """
    deleted = _prune_hot(_oldest_ms(tiers.RAW, now), tell)
    for shape in counted((tiers.RAW, tiers.FIVE_MINUTES, tiers.ONE_HOUR), "Pruning tier", tell):
        deleted += sum(_delete_chunks(_outlived(shape, _oldest_ms(shape, now))))
    _delete_layouts(made_before=now - LAYOUTS_REST)
    _give_pages_back()
    return deleted


def _oldest_ms(shape: tiers.Shape, now: datetime) -> int:
    """Return what is the oldest to keep: nothing is older than the epoch."""
    days = shape.retention_days
    return round((now - timedelta(days=days)).timestamp() * 1000) if days else 0


def _prune_hot(oldest_ms: int, tell: Tell) -> int:
    agents = Agent.objects.order_by("pk").values_list("pk", flat=True)
    each = counted(agents, "Pruning agent", tell)
    return sum(_delete_batches(each, oldest_ms))


def _outlived(shape: tiers.Shape, oldest_ms: int) -> QuerySet[Chunk]:
    # Buckets count by their end, so that a tier never loses one whose samples are within.
    chunks = Chunk.objects.filter(last_ms__lt=oldest_ms - shape.bucket_ms)
    if shape is tiers.RAW:
        return chunks.filter(tier__in=[Tier.RAW, Tier.DAMAGED])
    if shape is tiers.FIVE_MINUTES:
        # Not before the tier of an hour has it.
        return chunks.filter(tier=Tier.FIVE_MINUTES, is_rolled_up=True)
    return chunks.filter(tier=shape.tier)


def _delete_batches(agents: Iterable[int], oldest_ms: int) -> Iterator[int]:
    """Delete outlived batches, of many agents at a time; yield how many each time."""
    keys: list[int] = []
    for agent in agents:
        outlived = Batch.objects.filter(agent=agent, last_ms__lt=oldest_ms).order_by("last_ms")
        while True:
            keys += outlived.values_list("pk", flat=True)[: ROWS_A_TRANSACTION - len(keys)]
            if len(keys) < ROWS_A_TRANSACTION:
                break
            yield _delete(Batch.objects.filter(pk__in=keys))
            keys = []
    if keys:
        yield _delete(Batch.objects.filter(pk__in=keys))


def _delete_chunks(outlived: QuerySet[Chunk]) -> Iterator[int]:
    """Delete chunks a few at a time, for each frees many pages; yield how many each time."""
    while keys := list(outlived.values_list("pk", flat=True)[:CHUNKS_A_TRANSACTION]):
        yield _delete(Chunk.objects.filter(pk__in=keys))


def _delete_layouts(*, made_before: datetime) -> None:
    """Delete the layouts that neither a batch nor an agent's newest sample names.

    The hot log is read before the lock is taken, and what came since then under it; and not at all
    where every layout is some agent's newest, as in a fleet that does not change. The database
    would read it whole, under the lock, for each layout: an index for that costs ingest 2 %.
    """
    made = Layout.objects.filter(created_at__lt=made_before).values_list("pk", flat=True)
    old = set(made) - _named_by_states()
    if not old:
        return
    newest = Batch.objects.aggregate(newest=Max("pk"))["newest"] or 0
    unused = sorted(old - _named_by_batches(after=0))
    for first in range(0, len(unused), LAYOUTS_A_TRANSACTION):
        some = set(unused[first : first + LAYOUTS_A_TRANSACTION])
        with _leaving_time(), connection.constraint_checks_disabled(), transaction.atomic():
            _delete_unseen(some - _named_by_batches(after=newest) - _named_by_states())


def _delete_unseen(layouts: Collection[int]) -> None:
    """Delete layouts by hand: the ORM would first read the hot log for what names them."""
    if not layouts:
        return  # an empty list is no SQL everywhere
    marks = ", ".join(["%s"] * len(layouts))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM metrics_layout WHERE id IN ({marks})", list(layouts))  # noqa: S608  (marks only)


def _named_by_batches(*, after: int) -> set[int]:
    batches = Batch.objects.filter(pk__gt=after)
    return set(batches.values_list("layout", flat=True).distinct())


def _named_by_states() -> set[int | None]:
    return set(AgentState.objects.values_list("latest_layout", flat=True))


def _delete(rows: QuerySet[Batch] | QuerySet[Chunk]) -> int:
    with _leaving_time():
        return rows.delete()[0]


@contextmanager
def _leaving_time() -> Iterator[None]:
    """After a transaction, leave the database to others for as long as it took or longer."""
    began = time.perf_counter()
    yield
    time.sleep(max(LEFT_TO_OTHERS_SECONDS, time.perf_counter() - began))


def _give_pages_back() -> None:
    """Shrink a SQLite file by its free pages, if they are many; others do it themselves."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return  # a script would end the transaction of who called
    free = _pages("freelist_count")
    if free <= _pages("page_count") // SPARE_SHARE:
        return
    while free:
        before = free
        with _leaving_time(), connection.cursor() as cursor:
            # As a script, which runs to its end: execute would stop after the first page.
            cursor.executescript(f"PRAGMA incremental_vacuum({PAGES_A_VACUUM})")
        free = _pages("freelist_count")
        if free == before:
            return


def _pages(count: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {count}")
        return int(cursor.fetchone()[0])
