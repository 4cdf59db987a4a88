"""What the tests of pages may ask for."""

from __future__ import annotations

import pytest

from agents.models import Agent
from tests.dashboard.samples import store_run
from tests.factories import make_agent


@pytest.fixture
def reporting(transactional_db: None) -> Agent:
    """An agent called web-1 with ten minutes of samples."""
    agent = make_agent("web-1")
    store_run(agent, count=60)
    return agent
