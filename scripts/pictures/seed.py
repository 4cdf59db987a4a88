"""Fill an empty server with the made-up fleet and its week, through ingest's own door.

Run within Django: `manage.py shell -c "from scripts.pictures import seed; seed.fill(…)"`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from django.contrib.auth.models import Group, User
from django.utils import timezone

from agents import enrolment, facts, provisioning, read_tokens, tokens
from agents.models import Agent, AgentToken, StatusPage, Tag
from metrics import parsing, tasks
from metrics.ingest import store_batch
from metrics.models import AgentEvent, IngestMinute
from metrics.queries import EventKind
from scripts.pictures.history import DAY_SECONDS, History, processes_of
from scripts.pictures.machines import DOWN, FEATURED, MACHINES, PAUSED, WAITING, Machine

BODY_SAMPLES: Final = 200
"""Few enough that a body of them stays below ingest's bound."""

FIRST_SECONDS: Final = 6.9 * DAY_SECONDS
INTERVAL_SECONDS: Final = 60
AWAY_HOURS: Final = (16, 15)
"""From when to when, in hours before now, the featured machine was away."""

Told = tuple[float, EventKind, str, str]


def add_people(people: dict[str, str]) -> None:
    """Make these people, by name and password; `admin` may do everything."""
    for name, password in people.items():
        make = User.objects.create_superuser if name == "admin" else User.objects.create_user
        make(name, email=f"{name}@example.org", password=password)
    Group.objects.create(name="Operators")


def fill(tokens_file: Path) -> None:
    """Make the fleet and its week; write each agent's token to the file."""
    now = timezone.now()
    plain = {
        machine.name: _make_agent(machine, number, now) for number, machine in enumerate(MACHINES)
    }
    tokens_file.write_bytes(msgspec.json.encode({"now": now.timestamp(), "tokens": plain}))
    for machine in MACHINES:
        if machine.name != WAITING:
            _store(machine, plain[machine.name], now)
    Agent.objects.filter(agent_id=PAUSED).update(enabled=False)
    _tell_events(now)
    _make_status_pages()
    _make_secrets(now)
    _count_ingest(now)
    for task in (tasks.heartbeat, tasks.seal, tasks.prune):
        task()


def _make_agent(machine: Machine, number: int, now: datetime) -> str:
    """Make an agent with its tags and facts; return its token."""
    agent, _ = provisioning.ensure_agent(machine.name, tags=machine.role.tags)
    if machine.name != WAITING:
        told = {**machine.facts, "address": f"10.0.1.{10 + 7 * number}"}
        told["agent_version"] = told.pop("version")
        facts.record(agent.pk, told)
    Agent.objects.filter(pk=agent.pk).update(interval_seconds=INTERVAL_SECONDS)
    admin = User.objects.get(username="admin")
    issued = tokens.issue(agent, now=now, name="first token", created_by=admin)
    AgentToken.objects.filter(pk=issued.row.pk).update(created_at=now - timedelta(days=93))
    return issued.plain


def _times(name: str, now: float) -> Iterator[float]:
    """Yield when a machine took samples in the past week: every minute, and every 10 s lately.

    But every 10 minutes where no picture looks so closely.
    """
    end = now - {DOWN: 1500.0, PAUSED: 3.1 * DAY_SECONDS}.get(name, 0.0)
    away = [now - hours * 3600 for hours in AWAY_HOURS] if name == FEATURED else [0, 0]
    for since, until, step in (
        (FIRST_SECONDS, DAY_SECONDS + 3600, INTERVAL_SECONDS if name == FEATURED else 600),
        (DAY_SECONDS + 3600, 3600, INTERVAL_SECONDS),
        (3600, 0, 10),
    ):
        for back in range(int(since), int(until), -step):
            at = now - back
            if at <= end and not away[0] < at < away[1]:
                yield round(at, 3)


def _store(machine: Machine, plain: str, now: datetime) -> None:
    """Store a machine's week; the newest sample comes with its processes."""
    times = list(_times(machine.name, now.timestamp()))
    values = History(machine, now.timestamp()).samples(times)
    samples = [{"time": at, "values": each} for at, each in zip(times, values, strict=True)]
    samples[-1]["processes"] = processes_of(machine, values[-1])
    identity = tokens.find(plain, now=now)
    if identity is None:
        raise LookupError(f"the token of {machine.name} is not known")
    for first in range(0, len(samples), BODY_SAMPLES):
        some = samples[first : first + BODY_SAMPLES]
        body = parsing.parse(msgspec.json.encode({"version": 1, "samples": some}))
        arrived = datetime.fromtimestamp(times[first + len(some) - 1], UTC)
        store_batch(identity, body, received_at=arrived)


def _tell_events(now: datetime) -> None:
    """Put what happened to each in place of what storing a week at once made ingest believe."""
    AgentEvent.objects.all().delete()
    for agent in Agent.objects.exclude(agent_id=WAITING):
        rng = random.Random(agent.agent_id)
        told: list[Told] = [((80 + rng.random() * 60) * 24, EventKind.FIRST, "", "")]
        for _ in range(rng.choice((0, 0, 1, 2))):
            lost = (2 + rng.random() * 70) * 24
            back = lost - rng.random() * 3
            told += [(lost, EventKind.LOST, "", ""), (back, EventKind.BACK, "", "")]
        if agent.agent_id == FEATURED:
            told += _of_the_featured()
        AgentEvent.objects.bulk_create(
            AgentEvent(
                agent=agent,
                at_ms=round((now.timestamp() - hours * 3600) * 1000),
                kind=kind,
                before=before,
                after=after,
            )
            for hours, kind, before, after in told
        )


def _of_the_featured() -> list[Told]:
    """Return a kernel's update within the hour that it was away, and a new agent since."""
    lost, back = AWAY_HOURS
    return [
        (lost, EventKind.LOST, "", ""),
        (back, EventKind.BACK, "", ""),
        (back, EventKind.KERNEL, "6.1.0-26-amd64", "6.1.0-28-amd64"),
        (back, EventKind.REBOOT, "before", "after"),
        (4.2, EventKind.VERSION, "0.0.9", "0.1.0"),
    ]


def _make_status_pages() -> None:
    """Make a public page of the web servers, and one that is not public yet."""
    web = Tag.objects.get(name="web")
    StatusPage.objects.create(title="Web shop", slug="web", tag=web, is_public=True)
    StatusPage.objects.create(title="Mail", slug="mail", tag=Tag.objects.get(name="mail"))


def _make_secrets(now: datetime) -> None:
    """Make enrolment keys and read tokens of each state."""
    for name, days, uses, network, tags in (
        ("Spring rollout", 2, 40, "10.0.1.0/24", ["prod", "web"]),
        ("Lab bench", 6, 5, "", ["lab"]),
        ("Last year's image", -30, 12, "", ["prod"]),
    ):
        made = enrolment.issue(
            expires_at=now + timedelta(days=days),
            uses_allowed=uses,
            name=name,
            network=network,
            tags=tags,
        )
        made.row.uses = uses // 3
        made.row.save()
    old = enrolment.issue(expires_at=now + timedelta(days=3), name="Sent to the wrong list")
    enrolment.revoke(old.row, now=now)
    for name in ("Grafana", "Capacity report"):
        read_tokens.issue(name=name)


def _count_ingest(now: datetime) -> None:
    """Count what came in, as the web server does of each minute."""
    samples = 6 * (len(MACHINES) - 3)
    IngestMinute.objects.bulk_create(
        IngestMinute(
            minute_at=now.replace(second=0, microsecond=0) - timedelta(minutes=back),
            process=1,
            p50_us=780 + back % 7 * 20,
            p99_us=4100 + back % 5 * 300,
            requests=samples,
            samples=samples,
            values_stored=samples * 80,
        )
        for back in range(24 * 60)
    )
