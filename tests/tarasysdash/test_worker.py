"""A real Celery worker on the file-system broker does what beat tells it."""

from __future__ import annotations

import sys

from django.conf import settings

from tarasysdash.celery import app
from tests import processes

WORKER = [sys.executable, "-m", "tarasysdash.worker"]
STORE_AN_OLD_BATCH = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from tests import factories
at = timezone.now() - timedelta(days=8)
factories.store(factories.make_agent(), factories.sample(at.timestamp()), received_at=at)
"""
COUNT_BATCHES = """
import django; django.setup()
from metrics.models import Batch
print(Batch.objects.count())
"""
SEND = """
from tarasysdash.celery import app
app.send_task("metrics.tasks.prune")
app.send_task("tarasysdash.tasks.clear_sessions")
"""
IN_A_HURRY = """
import sys
from tarasysdash import worker
often = {"task": "metrics.tasks.heartbeat", "schedule": 1.0}
worker.app.conf.beat_schedule = {"show that the worker lives": often}
sys.exit(worker.main())
"""
HEARTBEATS = """
import django; django.setup()
from metrics.models import JobRun
for run in JobRun.objects.filter(finished_at__isnull=False):
    print(run.name, run.ok, run.lag_seconds is not None and 0 <= run.lag_seconds < 30)
"""


class TestWorker:
    def test_prunes_when_told(self, tmp_path):
        environment = processes.product_environment(tmp_path)
        processes.python(environment, "manage.py", "migrate", "--verbosity=0")
        processes.python(environment, "-c", STORE_AN_OLD_BATCH)

        with processes.started(WORKER, environment, tmp_path / "worker.log"):
            processes.python(environment, "-c", SEND)
            processes.wait_until(
                lambda: processes.python(environment, "-c", COUNT_BATCHES).strip() == "0",
                what="the batch is pruned",
            )

        log = (tmp_path / "worker.log").read_text()
        assert "ERROR" not in log
        assert "Traceback" not in log

    def test_shows_that_it_lives_when_the_clock_rings(self, tmp_path):
        environment = processes.product_environment(tmp_path)
        processes.python(environment, "manage.py", "migrate", "--verbosity=0")

        worker = [sys.executable, "-c", IN_A_HURRY]
        with processes.started(worker, environment, tmp_path / "worker.log") as process:
            processes.wait_until(
                lambda: (
                    processes.python(environment, "-c", HEARTBEATS).strip()
                    == "metrics.tasks.heartbeat True True"
                ),
                what="the heartbeat is noted with its lag",
            )
            process.terminate()

            assert process.wait(timeout=processes.STOP_SECONDS) == 0
        assert "Traceback" not in (tmp_path / "worker.log").read_text()


class TestSchedule:
    def test_names_tasks_that_exist(self):
        app.loader.import_default_modules()

        scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

        assert scheduled <= set(app.tasks)
