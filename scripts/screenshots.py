"""Take docs/screenshots from a running instance: `make screenshots`.

Starts the product on a data folder of its own with two dozen made-up agents and a day's history,
and logs in with Chromium. With a folder as its argument it takes every page there, at 1440 and 390
pixels in both themes; without, only the pictures of the README.
"""

from __future__ import annotations

import math
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "docs" / "screenshots"
NAMES = (  # noqa: SIM905  (a list of 24 lines reads worse)
    "atlas boreas calypso demeter echo-01 echo-02 fortuna gaia helios-db hermes iris janus kratos "
    "luna-nas mars nyx orion-gw pallas-ci quirinus rhea-backup selene styx-mail tethys vesta"
).split()
SYSTEMS = (
    ("Debian 12", "6.1.0-28-amd64"),
    ("Alpine 3.21", "6.12.4-virt"),
    ("Rocky 9.5", "5.14.0-503"),
    ("Ubuntu 24.04", "6.8.0-51-generic"),
)
PASSWORD = "only-for-the-pictures"  # noqa: S105
HISTORY_SECONDS = 24 * 3600
STEP_SECONDS = 60


README_PICTURES = {"fleet-1440-light", "agent-1440-dark", "agent-390-light"}


def main(output: Path, wanted: set[str] | None) -> None:
    """Seed, serve, shoot into `output` what is wanted, everything where that is None."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tarasysdash-pictures-") as folder:
        environment = {
            **os.environ,
            "TARA_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "tarasysdash.settings",
            "PYTHONPATH": str(ROOT),
        }
        run = [sys.executable, "manage.py"]
        subprocess.run([*run, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        subprocess.run(
            [*run, "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=environment, check=True
        )
        subprocess.run([sys.executable, __file__, "seed"], cwd=ROOT, env=environment, check=True)
        with serving(environment) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            for width in (1440, 390):
                for scheme in ("light", "dark"):
                    shots = Shots(output, wanted, f"{width}-{scheme}")
                    shoot(browser, address, shots, width=width, scheme=scheme)
            browser.close()


@dataclass(frozen=True, slots=True)
class Shots:
    """Where pictures go, and which of them."""

    output: Path
    wanted: set[str] | None
    suffix: str

    def take(self, page: Page, name: str) -> None:
        """Take the page as it stands, if its picture is wanted."""
        picture = f"{name}-{self.suffix}"
        if self.wanted is None or picture in self.wanted:
            page.screenshot(path=self.output / f"{picture}.png")


def shoot(browser: Browser, address: str, shots: Shots, *, width: int, scheme: str) -> None:
    """Take every page at one width in one theme."""
    context = browser.new_context(
        viewport={"width": width, "height": 1180 if width > 800 else 1350},  # noqa: PLR2004
        device_scale_factor=1 if width > 800 else 2,  # noqa: PLR2004
        color_scheme=scheme,  # type: ignore[arg-type]
        timezone_id="Europe/Paris",
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(address + "/login/")
    shots.take(page, "login")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    pages = {
        "fleet": "/",
        "agent": "/agents/helios-db/?range=24h",
        "heat-map": "/compare/",
        "ranking": "/compare/?view=rank",
        "small-charts": "/compare/?view=small",
        "one-chart": "/compare/?view=chart&metric=received",
        "server": "/server/",
        "admin-list": "/admin/agents/agent/",
        "admin-agent": "/admin/agents/agent/9/change/",
        "admin-enrolment-key": "/admin/agents/enrolmentkey/add/",
        "password": "/password/",
        "status": "/status/web/",
    }
    for name, path in pages.items():
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(700)
        shots.take(page, name)
    context.close()


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """Serve the product on a free loopback port; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)),
        *("--lifespan", "off", "--log-level", "warning", "tarasysdash.asgi:application"),
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def seed() -> None:
    """Make the agents and their day, through ingest's own door."""
    import django  # noqa: PLC0415  (only the seeding process has Django set up)

    django.setup()
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from agents import facts, provisioning, tokens  # noqa: PLC0415

    get_user_model().objects.create_superuser("admin", password=PASSWORD)
    now = timezone.now()
    for number, name in enumerate(NAMES):
        rng = random.Random(name)
        tags = [["web", "prod"], ["ci"], ["lab"], ["backup"]][number % 4]
        agent, _ = provisioning.ensure_agent(name, tags=tags)
        plain = tokens.issue(agent, now=now).plain
        system, kernel = SYSTEMS[number % len(SYSTEMS)]
        memory_gib = rng.choice((2, 4, 8, 16, 32))
        facts.record(
            agent.pk,
            {
                "hostname": name,
                "os": system,
                "kernel": kernel,
                "agent_version": "0.1.0",
                "cpu_model": "AMD EPYC 7313P",
                "cpu_count": rng.choice((1, 2, 4, 8)),
                "memory_total_bytes": memory_gib * 2**30,
                "address": f"10.0.1.{10 + 7 * number}",
            },
        )
        machine = Machine(rng, memory_gib)
        if name == "luna-nas":
            machine.disk = 88.5  # a day later a warning
        store_day(tokens.find(plain, now=now), machine, name)
        if name == "selene":
            agent.enabled = False
            agent.save()
    tell_events()
    tell_status(now)
    run_worker(now)


def run_worker(now: datetime) -> None:
    """Do what the worker does, and count what came in as the web server does."""
    from metrics import tasks  # noqa: PLC0415
    from metrics.models import IngestMinute  # noqa: PLC0415

    minutes = HISTORY_SECONDS // 60
    counted = {"requests": 24, "samples": 24, "values_stored": 24 * 35}
    IngestMinute.objects.bulk_create(
        IngestMinute(
            minute_at=now.replace(second=0, microsecond=0) - timedelta(minutes=back),
            process=1,
            p50_us=780 + back % 7 * 20,
            p99_us=4100 + back % 5 * 300,
            **counted,
        )
        for back in range(minutes)
    )
    for task in (tasks.heartbeat, tasks.seal, tasks.prune):
        task()


def tell_events() -> None:
    """Tell of the hour that helios-db was away: a day that is stored at once tells odd things."""
    from agents.models import Agent  # noqa: PLC0415
    from metrics.models import AgentEvent  # noqa: PLC0415
    from metrics.queries import EventKind  # noqa: PLC0415

    AgentEvent.objects.all().delete()
    agent = Agent.objects.get(agent_id="helios-db")
    for hours_ago, kind, before, after in (
        (16.0, EventKind.LOST, "", ""),
        (15.0, EventKind.BACK, "", ""),
        (15.0, EventKind.KERNEL, "6.1.0-26-amd64", "6.1.0-28-amd64"),
        (15.0, EventKind.REBOOT, "before", "after"),
        (4.2, EventKind.VERSION, "0.0.9", "0.1.0"),
    ):
        at_ms = round((time.time() - hours_ago * 3600) * 1000)
        AgentEvent.objects.create(agent=agent, at_ms=at_ms, kind=kind, before=before, after=after)


def tell_status(now: datetime) -> None:
    """Make a status page of the web servers, some of which have been away for an hour or two."""
    from agents.models import Agent, StatusPage, Tag  # noqa: PLC0415
    from metrics.models import AgentEvent  # noqa: PLC0415
    from metrics.queries import EventKind  # noqa: PLC0415

    tag = Tag.objects.get(name="web")
    StatusPage.objects.create(title="Web shop", slug="web", tag=tag, is_public=True)
    for agent in Agent.objects.filter(tags=tag):
        rng = random.Random(agent.agent_id)
        told = [(80 + rng.random() * 60, EventKind.FIRST)]
        for _ in range(rng.choice((0, 0, 1, 2))):
            lost = 2 + rng.random() * 70
            told += [(lost, EventKind.LOST), (lost - rng.random() / 8, EventKind.BACK)]
        AgentEvent.objects.bulk_create(
            AgentEvent(
                agent=agent, kind=kind, at_ms=round((now.timestamp() - days * 86_400) * 1000)
            )
            for days, kind in told
        )


class Machine:
    """A made-up machine whose values wander as those of real ones do."""

    def __init__(self, rng: random.Random, memory_gib: int) -> None:
        """Take its own chance and size."""
        self.rng = rng
        self.memory_bytes = memory_gib * 2**30
        self.level = rng.uniform(3, 60)
        self.cpu = self.level
        self.disk = rng.uniform(12, 85)
        self.traffic = rng.uniform(1e4, 1e7)
        self.phase = rng.uniform(0, 6)

    def values(self, second: float) -> dict[str, float | dict[str, float]]:
        """Return the values at a second of the day."""
        daily = 10 * math.sin(second / 86_400 * 6.28 + self.phase)
        self.disk += 0.002
        self.cpu += (self.level + daily - self.cpu) * 0.1 + self.rng.gauss(0, 3)
        cpu = min(100.0, max(0.3, self.cpu))
        used = self.memory_bytes * min(0.9, 0.35 + 0.1 * math.sin(second / 20_000 + self.phase))
        cached = self.memory_bytes * 0.2
        received = self.traffic * self.rng.lognormvariate(0, 0.5)
        return {
            "cpu_percent": round(cpu, 1),
            "cpu_user_percent": round(cpu * 0.7, 1),
            "cpu_system_percent": round(cpu * 0.2, 1),
            "cpu_iowait_percent": round(cpu * 0.08, 1),
            "cpu_steal_percent": round(cpu * 0.02, 1),
            "load_1m": round(cpu / 25 + self.rng.random() / 2, 2),
            "load_5m": round(cpu / 25 + 0.2, 2),
            "load_15m": round(self.level / 25 + daily / 40 + 0.3, 2),
            "memory_percent": round(used / self.memory_bytes * 100, 1),
            "memory_total_bytes": self.memory_bytes,
            "memory_used_bytes": round(used),
            "memory_available_bytes": round(self.memory_bytes - used),
            "memory_cached_bytes": round(cached),
            "memory_buffers_bytes": round(self.memory_bytes * 0.03),
            "disk_percent": {"/": round(self.disk, 1), "/var": round(self.disk * 0.6, 1)},
            "disk_total_bytes": {"/": 500e9, "/var": 250e9},
            "disk_used_bytes": {"/": 5e9 * self.disk, "/var": 1.5e9 * self.disk},
            "disk_free_bytes": {"/": 500e9 - 5e9 * self.disk, "/var": 250e9 - 1.5e9 * self.disk},
            "device_read_bytes_per_second": {"sda": round(received * 0.3)},
            "device_written_bytes_per_second": {"sda": round(received * 0.2)},
            "network_received_bytes_per_second": {"eth0": round(received)},
            "network_sent_bytes_per_second": {"eth0": round(received * self.rng.random())},
            "temperature_celsius": {"Package": round(40 + cpu / 3, 1)},
            "uptime_seconds": round(second % 1e7),
            "process_count": 120 + round(cpu),
        }


def store_day(identity: object, machine: Machine, name: str) -> None:
    """Store a day of samples, with a gap in it; `janus` stopped 25 minutes ago."""
    import msgspec  # noqa: PLC0415

    from metrics import parsing  # noqa: PLC0415
    from metrics.ingest import store_batch  # noqa: PLC0415

    end = time.time() - (1500 if name == "janus" else random.Random(name).uniform(0, 8))
    times = [end - back for back in range(HISTORY_SECONDS, -1, -STEP_SECONDS)]
    gap = (end - 16 * 3600, end - 15 * 3600)
    samples = [
        {"time": round(at, 3), "values": machine.values(at)}
        for at in times
        if not (name == "helios-db" and gap[0] < at < gap[1])
    ]
    for first in range(0, len(samples), 400):
        body = {"version": 1, "samples": samples[first : first + 400]}
        arrived = datetime.fromtimestamp(samples[min(first + 399, len(samples) - 1)]["time"], UTC)
        store_batch(identity, parsing.parse(msgspec.json.encode(body)), received_at=arrived)  # type: ignore[arg-type]


if __name__ == "__main__":
    if sys.argv[1:] == ["seed"]:
        seed()
    elif sys.argv[1:]:
        main(Path(sys.argv[1]), wanted=None)
    else:
        main(OUTPUT, wanted=README_PICTURES)
