"""Whatever is asked of the read API, it answers; a fault of the asker is never a 5xx."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from metrics.wire import TIME_MAXIMUM, TIME_MINIMUM
from tests import factories
from tests.metrics.api.reader import Reader

pytestmark = pytest.mark.django_db
ODD = st.one_of(
    st.text(max_size=40),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.datetimes().map(lambda at: at.isoformat()),
    st.sampled_from(["", " ", "\x00", "*", "[", "[!", "a" * 5000, "%", "','", "null", "-0", "+1"]),
)
MOMENTS = st.integers(TIME_MINIMUM, TIME_MAXIMUM - 1)
PLAUSIBLE = st.fixed_dictionaries(
    {},
    optional={
        "metric": st.sampled_from(["cpu_percent", "disk_percent", "cpu_percent,load_1m"]),
        "instance": st.text("/*?[]!-ab", max_size=12),
        "start": MOMENTS.map(str),
        "end": MOMENTS.map(str),
        "points": st.integers(1, 2000).map(str),
        "format": st.sampled_from(["json", "csv"]),
    },
)
ANYTHING = st.dictionaries(
    st.one_of(
        st.sampled_from(
            ["metric", "instance", "start", "end", "points", "format", "tag", "status"]
        ),
        st.sampled_from(["after", "limit"]),
        st.text(max_size=10),
    ),
    ODD,
    max_size=5,
)
ENOUGH = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PATHS = st.sampled_from(
    ["agents/", "agents/web-1/", "agents/web-1/latest/", "agents/web-1/series/", "metrics/"]
)


@pytest.fixture
def sparse(agent) -> None:
    """Samples three days apart, and two close to each other."""
    for day in (0, 3, 6, 9, 12, 15):
        factories.store(
            agent,
            factories.sample(
                1_763_900_000 + 86_400 * day, cpu_percent=1.0, disk_percent={"/": 2.0, "[": 3.0}
            ),
        )
    factories.store(agent, factories.sample(1_763_900_010, cpu_percent=4.0))


def status_of(reader: Reader, path: str, query: dict[str, Any]) -> int:
    """Return the status of the answer, read to its end."""
    answer = reader.get(f"/api/v1/{path}", query)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert content
    return answer.status_code


class TestOddParameters:
    @ENOUGH
    @given(path=PATHS, query=ANYTHING)
    def test_are_answered(self, reader: Reader, sparse, path, query):
        assert status_of(reader, path, query) in {200, 400}

    @ENOUGH
    @given(query=PLAUSIBLE)
    @example({"start": "1763900000", "end": "1765300000", "points": "2"})
    @example({"start": "1763900000", "end": "1763900001", "points": "2"})
    @example({"start": "1763899999", "end": "1765300000"})
    def test_of_a_range_are_answered(self, reader: Reader, sparse, query):
        assert status_of(reader, "agents/web-1/series/", query) in {200, 400}

    @ENOUGH
    @given(name=st.text(min_size=1, max_size=70).filter(lambda text: "/" not in text))
    def test_of_an_address_are_answered(self, reader: Reader, sparse, name):
        for rest in ("", "latest/", "series/"):
            answer = reader.get(f"/api/v1/agents/{quote(name)}/{rest}")

            assert answer.status_code in {200, 404}
