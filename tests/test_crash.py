"""Killed with -9 at any moment under ingest, web server and worker lose and double nothing.

`make test-crash` runs the same with 200 kills.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests import processes
from tests.crash_clients import Client, value_at
from tests.victim import Victim

KILLS = int(os.environ.get("CRASH_KILLS", "20"))
CLIENTS = 8

MAKE_AGENTS = """
import sys
import django; django.setup()
from tests import factories
for number in range(int(sys.argv[1])):
    print(factories.make_token(factories.make_agent(f"web-{number}")))
"""
# What beat asks for every five minutes, here all the time.
ASK_TO_SEAL = """
import time
import django; django.setup()
from tarasysdash.celery import app
from metrics.tasks import seal
while True:
    seal.apply_async(expires=5)
    time.sleep(0.2)
"""
TELL = """
import json
import django; django.setup()
from django.db.models import Sum
from agents.models import Agent
from metrics.models import Batch, Chunk, Tier
from metrics.names import SeriesKey
from tests.stored import samples_of
told = {}
for agent in Agent.objects.all():
    column = samples_of(agent.pk)[SeriesKey("cpu_percent", "")]
    rows = [Batch.objects.filter(agent=agent), Chunk.objects.filter(agent=agent, tier=Tier.RAW)]
    hot, sealed = (each.aggregate(Sum("sample_count"))["sample_count__sum"] or 0 for each in rows)
    told[agent.agent_id] = {
        "samples": list(column.items()),
        "hot": hot,
        "sealed": sealed,
    }
print(json.dumps(told))
"""


class Site:
    """A server on a data folder of its own, with clients that send to it."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "var" / "tarasysdash.sqlite3"
        port = processes.free_port()
        where = {"TARA_HOST": "127.0.0.1", "TARA_PORT": str(port)}
        self.environment = processes.product_environment(folder / "var", **where)
        processes.python(self.environment, "manage.py", "migrate", "--verbosity=0")
        tokens = processes.python(self.environment, "-c", MAKE_AGENTS, str(CLIENTS)).split()
        self.clients = [
            Client(port, f"web-{number}", token, seed=number) for number, token in enumerate(tokens)
        ]
        self.web = Victim("web", self.environment, folder)
        self.worker = Victim("worker", self.environment, folder)

    def acknowledged(self) -> int:
        """Return how many samples the clients were told are stored."""
        return sum(len(client.acknowledged) for client in self.clients)

    def rewrites(self) -> int:
        """Return how often a chunk has been written."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database:
            query = "SELECT total(revision) + count(*) FROM metrics_chunk"
            return int(database.execute(query).fetchone()[0])

    def is_sound(self) -> bool:
        """Ask SQLite whether the file is whole."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database:
            return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextmanager
def under_load(folder: Path) -> Iterator[Site]:
    """Start everything; at the end let the clients finish and stop the rest."""
    site = Site(folder)
    ask = [sys.executable, "-c", ASK_TO_SEAL]
    with ExitStack() as stack:
        for victim in (site.web, site.worker):
            victim.start()
            stack.callback(victim.stop)
        stack.enter_context(processes.started(ask, site.environment, folder / "ask.log"))
        for client in site.clients:
            client.start()
        stack.callback(finish, site.clients)
        yield site


def finish(clients: list[Client]) -> None:
    """Stop the clients once each has an answer to its last request."""
    for client in clients:
        client.stop()
    for client in clients:
        client.join(timeout=30)
        assert not client.is_alive(), f"{client.agent_id} has no answer"


def wait_for_more(count: Callable[[], int], what: str) -> None:
    """Return once `count` has grown."""
    before = count()
    deadline = time.monotonic() + 30
    while count() == before:
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def assert_all_is_there_once(site: Site) -> None:
    """Compare what is stored with what the clients were told."""
    told = json.loads(processes.python(site.environment, "-c", TELL))
    for client in site.clients:
        held = told[client.agent_id]
        assert held["sealed"] > 0
        assert held["hot"] + held["sealed"] == len(client.acknowledged)
        values = dict(held["samples"])
        lost, unasked = client.acknowledged - values.keys(), values.keys() - client.acknowledged
        assert (len(lost), len(unasked)) == (0, 0), (sorted(lost)[:5], sorted(unasked)[:5])
        assert [at for at in values if values[at] != value_at(at)] == []
    assert site.is_sound()


class TestKilled:
    def test_at_any_moment_loses_and_doubles_nothing(self, tmp_path):
        rng = random.Random(KILLS)
        with under_load(tmp_path) as site:
            kinds = [
                (site.web, site.acknowledged, "samples are acknowledged"),
                (site.worker, site.rewrites, "chunks are written"),
            ]
            for _, count, what in kinds:
                wait_for_more(count, what)
            for number in range(KILLS):
                victim, count, what = kinds[number % 2]
                time.sleep(rng.uniform(0, 0.1))
                # Sealing rests most of the time: what it has just written shows that it is at work.
                wait_for_more(count, what)
                time.sleep(rng.uniform(0, 0.04))
                victim.kill()
                assert site.is_sound()
                victim.start()
                wait_for_more(count, what)

        assert sum(client.failures for client in site.clients) > 0, "no kill met a request"
        assert_all_is_there_once(site)
        processes.python(site.environment, "manage.py", "seal")
        assert_all_is_there_once(site)
