"""What tests of the read API may ask for."""

from __future__ import annotations

import pytest

from tests import factories
from tests.metrics.api.reader import Reader


@pytest.fixture
def reader(db: None) -> Reader:
    """A client with a live read token that was used just now."""
    client = Reader(headers={"Authorization": f"Bearer {factories.make_read_token()}"})
    assert client.get("/api/v1/metrics/").status_code == 200
    return client
