"""What every test may ask for."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.response import Response
from rest_framework.test import APIClient

from agents import remembered
from agents.models import Agent
from dashboard import status
from dashboard.compare import fragment as compare_fragment
from dashboard.fleet import fragment
from metrics import layouts
from metrics.meter import ingest_meter
from tests import factories
from tests.browser import (  # noqa: F401  (fixtures for every test below this folder)
    admin,
    browser_type_launch_args,
    open_page,
    plain_page,
    told,
    viewer,
    web,
)

# Playwright's own loop runs in the thread of the test, which Django takes for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

INGEST = "/api/v1/ingest/"


class AgentApi(APIClient):
    """A client that sends with a live token of `agent`."""

    agent: Agent

    def send(self, *samples: dict[str, Any], **envelope: Any) -> Response:
        """POST a body of these samples."""
        return self.send_raw(json.dumps(factories.body(*samples, **envelope)).encode())

    def send_raw(self, data: bytes, **extra: Any) -> Response:
        """POST bytes as they are."""
        extra.setdefault("CONTENT_LENGTH", str(len(data)))
        return self.post(INGEST, data, content_type="application/json", **extra)

    def send_gzip(self, data: bytes) -> Response:
        """POST bytes compressed."""
        return self.send_raw(gzip.compress(data), HTTP_CONTENT_ENCODING="gzip")


@pytest.fixture
def agent(db: None) -> Agent:
    """An agent called web-1."""
    return factories.make_agent()


@pytest.fixture
def agent_api(agent: Agent) -> AgentApi:
    """A client with a live token of `agent`."""
    client = AgentApi(HTTP_AUTHORIZATION=f"Bearer {factories.make_token(agent)}")
    client.agent = agent
    return client


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    """Empty what a process remembers: the database under it is rolled back after each test."""
    yield
    fragment.forget()
    compare_fragment.forget()
    status.forget()
    layouts.forget()
    remembered.forget()
    ingest_meter.forget()
    cache.clear()
