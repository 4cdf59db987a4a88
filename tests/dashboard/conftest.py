"""What tests of pages may ask for."""

from __future__ import annotations

import pytest

from agents.models import Agent, Tag
from dashboard.fleet import fragment
from tests.dashboard.samples import store_run
from tests.factories import make_agent


@pytest.fixture
def reporting(transactional_db: None) -> Agent:
    """An agent called web-1 with ten minutes of samples."""
    agent = make_agent("web-1")
    store_run(agent, count=60)
    return agent


@pytest.fixture
def three(db):
    """Three agents: one with a disk that is nearly full, one that is well, one never heard of."""
    lab = Tag.objects.create(name="lab")
    busy = make_agent("busy", os="Debian 12", cpu_count=8, address="10.0.0.9")
    calm = make_agent("calm", os="Alpine 3.21", display_name="Calm one")
    make_agent("quiet")
    busy.tags.add(lab)
    store_run(busy, count=3)
    store_run(calm, count=3, cpu_percent=3.0, memory_percent=20.0, memory_total_bytes=2**31)


@pytest.fixture
def two(transactional_db):
    """A busy agent and a calm one."""
    # A poll of the page before, late on a slow machine, may have drawn what is not there any more.
    fragment.forget()
    store_run(make_agent("busy"), count=3)
    store_run(make_agent("calm"), count=3, cpu_percent=3.0)
