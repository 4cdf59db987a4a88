"""Bad bodies through the URL: a 4xx that names the field and the limit, and no good sample lost."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from metrics import queries, wire
from metrics.models import Batch
from tests import factories
from tests.conftest import INGEST, AgentApi

pytestmark = pytest.mark.django_db


def now() -> float:
    return round(time.time(), 3)


def valid(**changes: object) -> dict[str, object]:
    return {**factories.body(factories.sample(now())), **changes}


def raw(fragment: str) -> bytes:
    """Return a body whose one value is the fragment, as it stands."""
    text = json.dumps(valid()).replace("12.5", fragment)
    return text.encode("utf-8", "surrogatepass")


class TestBadBodies:
    """Whatever comes is a 4xx that names the field and the limit, and never a 5xx."""

    @pytest.mark.parametrize(
        ("data", "status", "code"),
        [
            pytest.param(b"", 400, "json", id="empty"),
            pytest.param(b"not json", 400, "json", id="not JSON"),
            pytest.param(b"[]", 400, "json", id="a list"),
            pytest.param(b"null", 400, "json", id="null"),
            pytest.param(b"\xff\xfe", 400, "json", id="not UTF-8"),
            pytest.param(b'{"version":1}', 400, "samples", id="no samples"),
            pytest.param(b'{"version":1,"samples":[]}', 400, "samples", id="empty samples"),
            pytest.param(b'{"version":1,"samples":{}}', 400, "samples", id="samples an object"),
            pytest.param(b"[" * 200_000, 400, "depth", id="open brackets"),
            pytest.param(b"[" * 9 + b"]" * 9, 400, "depth", id="depth nine"),
            pytest.param(b'{"a":' * 30_000 + b"1" + b"}" * 30_000, 400, "depth", id="deep objects"),
            pytest.param(b"9" * 10_000, 400, "json", id="a number of 10,000 digits"),
            pytest.param(b" " * (256 * 1024 + 1), 413, "too_large", id="too large"),
        ],
    )
    def test_of_the_envelope_are_refused(self, agent_api: AgentApi, data, status, code):
        answer = agent_api.send_raw(data)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["detail"]

    @pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.5, {}])
    def test_of_another_version_say_what_to_update(self, agent_api: AgentApi, version):
        answer = agent_api.send_raw(json.dumps(valid(version=version)).encode())

        assert answer.status_code == 400
        assert answer.json()["field"] == "version"

    @pytest.mark.parametrize(
        ("fragment", "field"),
        [
            pytest.param("NaN", "samples[0].values.cpu_percent", id="NaN"),
            pytest.param("-Infinity", "samples[0].values.cpu_percent", id="infinity"),
            pytest.param("1e999", "samples[0].values.cpu_percent", id="1e999"),
            pytest.param(str(2**70), "samples[0].values.cpu_percent", id="2^70"),
            pytest.param('{"a": 1e300}', "samples[0].values.cpu_percent.a", id="in an instance"),
            pytest.param('"12"', "samples[0]", id="a string"),
            pytest.param("true", "samples[0]", id="a boolean"),
            pytest.param("null", "samples[0]", id="null"),
            pytest.param("[1]", "samples[0]", id="a list"),
            pytest.param('{"a": {"b": 1}}', "samples[0]", id="too deep a value"),
            pytest.param('{"\\ud800": 1}', "samples[0].values.cpu_percent", id="lone surrogate"),
            pytest.param('{"\\u0000": 1}', "samples[0].values.cpu_percent", id="NUL"),
            pytest.param('{"' + "x" * 256 + '": 1}', "samples[0].values.cpu_percent", id="long"),
            pytest.param('{"a": 1, "a\\u202e": 2}', "samples[0].values.cpu_percent", id="twins"),
        ],
    )
    def test_with_a_bad_value_are_refused_by_the_field(self, agent_api: AgentApi, fragment, field):
        answer = agent_api.send_raw(raw(fragment))

        assert answer.status_code == 422
        assert answer.json()["field"] == field

    @pytest.mark.parametrize(
        "at", [-1, 0, 1e12, 1.7e12, 1e999, 2**70, 999_999_999_999, "now", None, [], True]
    )
    def test_with_a_bad_time_are_refused_by_the_field(self, agent_api: AgentApi, at):
        answer = agent_api.send({"time": at, "values": {"cpu_percent": 1}})

        assert answer.status_code == 422
        assert answer.json()["field"].startswith("samples[0]")

    @pytest.mark.parametrize("name", ["", "CPU", "1cpu", "cpu percent", "<b>", "x" * 65, "é"])
    def test_with_a_bad_metric_name_are_refused(self, agent_api: AgentApi, name):
        answer = agent_api.send({"time": now(), "values": {name: 1}})

        assert (answer.status_code, answer.json()["code"]) == (422, "metric")
        assert answer.json()["limit"] == 64

    def test_with_too_many_samples_name_the_limit(self, agent_api: AgentApi):
        samples = [factories.sample(now() - index) for index in range(501)]

        answer = agent_api.send(*samples)

        assert (answer.status_code, answer.json()["limit"]) == (413, 500)

    def test_with_too_many_instances_name_the_limit(self, agent_api: AgentApi):
        cores = {str(core): 1.0 for core in range(513)}

        answer = agent_api.send(factories.sample(now(), cpu_core_percent=cores))

        assert (answer.status_code, answer.json()["limit"]) == (422, 512)

    def test_with_too_many_values_name_the_limit(self, agent_api: AgentApi):
        values = {f"m{index}": dict.fromkeys(map(str, range(100)), 1.0) for index in range(41)}

        answer = agent_api.send(factories.sample(now(), **values))

        assert (answer.status_code, answer.json()["limit"]) == (422, 4096)

    def test_without_any_value_are_refused(self, agent_api: AgentApi):
        answer = agent_api.send({"time": now(), "values": {}})

        assert (answer.status_code, answer.json()["code"]) == (422, "values")


class TestMixedBodies:
    @pytest.mark.parametrize(
        "bad",
        [
            pytest.param({"time": 1.0, "values": {"cpu_percent": 1}}, id="time"),
            pytest.param({"time": "x", "values": {}}, id="types"),
            pytest.param({"values": {"cpu_percent": 1}}, id="no time"),
            pytest.param({"time": now(), "values": {"cpu_percent": 2**70}}, id="value"),
            pytest.param({"time": now(), "values": {"cpu_percent": float("nan")}}, id="NaN"),
            pytest.param({"time": now(), "values": {"a": {"\ud800": 1}}}, id="surrogate"),
            pytest.param(None, id="null"),
            pytest.param([[[]]], id="a list"),
        ],
    )
    def test_the_good_samples_are_kept(self, agent_api: AgentApi, bad):
        at = now()

        answer = agent_api.send(factories.sample(at - 10), bad, factories.sample(at))

        assert answer.status_code == 200
        assert answer.json()["accepted"] == 2
        assert [index for index, _ in answer.json()["rejected"]] == [1]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("agent", "x"),
            ("agent", {"hostname": 5}),
            ("agent", {"cpu_count": 2**70}),
            ("dropped", []),
            ("dropped", {"a": "b"}),
            ("backlog", -5),
            ("backlog", 2**70),
            ("sent_at", "x"),
            ("sent_at", 1e300),
            ("unknown", {"a": [1, 2, 3]}),
        ],
    )
    def test_a_fault_beside_the_samples_costs_no_sample(self, agent_api: AgentApi, name, value):
        answer = agent_api.send(factories.sample(now()), **{name: value})

        assert (answer.status_code, answer.json()["accepted"]) == (200, 1)

    def test_a_sample_too_old_to_keep_is_named(self, agent_api: AgentApi):
        answer = agent_api.send(factories.sample(now() - 8 * 86_400), factories.sample(now()))

        assert answer.json()["rejected"] == [[0, "too_old"]]
        assert answer.json()["accepted"] == 1

    def test_samples_of_different_series_are_kept_whole(self, agent_api: AgentApi):
        at = now()

        agent_api.send(
            factories.sample(at - 10, cpu_percent=1.0, disk_percent={"/": 2.0}),
            factories.sample(at, cpu_percent=3.0, load_1m=4.0),
        )

        latest = queries.latest(agent_api.agent)
        assert dict(latest.values) == {("cpu_percent", ""): 3.0, ("load_1m", ""): 4.0}


class TestTransport:
    def test_takes_gzip(self, agent_api: AgentApi):
        answer = agent_api.send_gzip(json.dumps(valid()).encode())

        assert answer.json()["accepted"] == 1

    def test_stops_a_bomb_at_the_limit(self, agent_api: AgentApi):
        bomb = b" " * (100 * 1024 * 1024)

        answer = agent_api.send_gzip(bomb)

        assert (answer.status_code, answer.json()["limit"]) == (413, wire.BODY_BYTES_MAXIMUM)

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda data: data[:-3], id="cut short"),
            pytest.param(lambda data: data + b"x", id="something behind"),
            pytest.param(lambda data: data + data, id="two members"),
            pytest.param(lambda _: b"plain", id="not gzip"),
            pytest.param(lambda _: b"", id="empty"),
        ],
    )
    def test_refuses_bad_gzip(self, agent_api: AgentApi, spoil):
        data = spoil(gzip.compress(json.dumps(valid()).encode()))
        answer = agent_api.send_raw(data, HTTP_CONTENT_ENCODING="gzip")

        assert (answer.status_code, answer.json()["code"]) == (400, "gzip")

    def test_refuses_another_encoding(self, agent_api: AgentApi):
        answer = agent_api.send_raw(b"{}", HTTP_CONTENT_ENCODING="br")

        assert (answer.status_code, answer.json()["code"]) == (415, "encoding")

    def test_refuses_another_type(self, agent_api: AgentApi):
        answer = agent_api.post(INGEST, b"a=1", content_type="application/x-www-form-urlencoded")

        assert (answer.status_code, answer.json()["code"]) == (415, "content_type")

    def test_refuses_a_body_without_a_length(self, agent_api: AgentApi):
        answer = agent_api.send_raw(b"{}", CONTENT_LENGTH="")

        assert (answer.status_code, answer.json()["code"]) == (411, "length")


class TestHostileBodies:
    def test_many_different_names_store_no_more_than_their_values(self, agent_api: AgentApi):
        """500 samples of different series were one matrix once, and 350 MB of empty cells."""
        at = now()
        samples = [
            factories.sample(at - index, **{f"m{index}_{name}": 1.0 for name in range(100)})
            for index in range(500)
        ]

        answer = agent_api.send_gzip(json.dumps(factories.body(*samples)).encode())

        assert answer.json()["accepted"] == 500
        assert sum(len(batch.payload) for batch in Batch.objects.all()) == 500 * 101 * 8
