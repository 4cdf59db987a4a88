"""Sealing by a real process that is killed at any moment: every sample is there once."""

from __future__ import annotations

import random
import sqlite3
import sys
import time

from tests import processes

FILL = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from django.db import transaction
from tests import factories
start = datetime(2026, 11, 20, tzinfo=UTC)
with transaction.atomic():
    for number in range(4):
        agent = factories.make_agent(f"web-{number}")
        for minute in range(240):
            at = start + timedelta(minutes=10 * minute)
            factories.store(agent, factories.sample(at.timestamp(), cpu_percent=minute / 10))
"""
SEAL = """
import django; django.setup()
from datetime import UTC, datetime
from metrics import sealing
sealing.BATCHES_A_TURN = 10
print("sealing", flush=True)
sealing.seal(now=datetime(2026, 11, 23, tzinfo=UTC))
"""
COUNT = """
import django; django.setup()
from agents.models import Agent
from metrics.models import Batch
from metrics.names import SeriesKey
from tests.stored import samples_of
for agent in Agent.objects.all():
    values = list(samples_of(agent.pk)[SeriesKey("cpu_percent", "")].values())
    assert values == [minute / 10 for minute in range(240)], (agent, len(values))
print(Batch.objects.count())
"""


class TestKilled:
    def test_at_any_moment_loses_and_doubles_nothing(self, tmp_path):
        environment = processes.product_environment(tmp_path / "var")
        processes.python(environment, "manage.py", "migrate", "--verbosity=0")
        processes.python(environment, "-c", FILL)
        rng = random.Random(7)
        log = tmp_path / "seal.log"

        kills = 0
        while int(processes.python(environment, "-c", COUNT)) and kills < 8:
            with processes.started([sys.executable, "-c", SEAL], environment, log) as process:
                processes.wait_until(lambda: "sealing" in log.read_text(), what="it seals")
                time.sleep(rng.uniform(0, 0.12))
                process.kill()
                process.wait(timeout=10)
            kills += 1

        assert kills >= 3
        with processes.started([sys.executable, "-c", SEAL], environment, log) as process:
            assert process.wait(timeout=60) == 0
        assert processes.python(environment, "-c", COUNT).strip() == "0"
        with sqlite3.connect(tmp_path / "var" / "tarasysdash.sqlite3") as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
