"""docs/API.md has the limits, error codes and fields of the code, and its examples work."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from itertools import chain
from types import ModuleType
from typing import Final

import msgspec
import pytest
from django.http import QueryDict
from django.utils import timezone

from agents import models, tokens
from agents.status import AgentStatus
from metrics import bounds, ingest, names, parsing, queries, urls, views, wire
from metrics.api import enrolment, errors, fleet, history, parameters
from metrics.api import views as api
from metrics.api.answers import SeriesPageAnswer
from tarasysdash import lane
from tests import factories
from tests.docs import pages

PAGE: Final = pages.text_of("docs/API.md")
MODULES: Final = {
    "wire": wire,
    "ingest": ingest,
    "models": models,
    "tokens": tokens,
    "parameters": parameters,
    "history": history,
    "enrolment": enrolment,
}
DEFAULT_STATUS: Final = {
    "WireError": 400,
    "BadName": 422,
    "_refuse": 422,
    "too_large": 413,
    "ApiError": 400,
    "ErrorAnswer": 404,
}
BY_DRF: Final = {"not_authenticated": {401}, "authentication_failed": {401}} | {
    "method_not_allowed": {405}
}


def statuses_in(module: ModuleType) -> dict[str, set[int]]:
    """Return the statuses of each error code that a module's source raises."""
    found: dict[str, set[int]] = {}
    tree = ast.parse(pages.text_of(f"{module.__name__.replace('.', '/')}.py"))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", "")
        code = call.args[0] if call.args else None
        if name not in DEFAULT_STATUS or not isinstance(code, ast.Constant):
            continue
        given = [word.value for word in call.keywords if word.arg == "status"]
        numbers = {
            node.value
            for node in chain.from_iterable(ast.walk(value) for value in given)
            if isinstance(node, ast.Constant) and type(node.value) is int
        }
        if name != "too_large":
            found.setdefault(code.value, set()).update(numbers or {DEFAULT_STATUS[name]})
    return found


def documented_statuses() -> dict[str, set[int]]:
    """Return the statuses of each error code in the page's tables."""
    found = {}
    for row in pages.rows(pages.section(PAGE, "Error codes")):
        if len(row) == 5:
            found[row[0].strip("`")] = {int(number) for number in re.findall(r"\d{3}", row[1])}
    return found


class TestErrorCodes:
    def test_are_those_of_the_code_with_their_statuses(self):
        raised: dict[str, set[int]] = {}
        for module in (parsing, bounds, names, wire, views, ingest, lane):
            for code, statuses in statuses_in(module).items():
                raised.setdefault(code, set()).update(statuses)

        assert documented_statuses() == raised

    def test_of_the_time_window_are_those_of_sifting(self):
        codes = {
            row[0].strip("`")
            for row in pages.rows(pages.section(PAGE, "Error codes"))
            if len(row) == 2
        }

        source = pages.text_of("metrics/sifting.py")

        assert codes == set(re.findall(r'rejected\.append\(\(index, "(\w+)"\)\)', source))


def number_of(value: object) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)  # type: ignore[arg-type]


class TestLimits:
    def table(self) -> dict[str, str]:
        rows = pages.rows(pages.section(PAGE, "Limits"))
        return {name.strip("`"): value for _, value, name in rows}

    def test_are_the_constants_of_the_code(self):
        table = self.table()
        constants = {
            name: number_of(getattr(MODULES[name.partition(".")[0]], name.partition(".")[2]))
            for name in table
        }

        assert {name: float(value.replace(",", "")) for name, value in table.items()} == constants

    def test_of_the_wire_are_all_there(self):
        constants = {
            f"wire.{name}"
            for name, value in vars(wire).items()
            if name.isupper() and isinstance(value, int | float)
        }

        assert constants <= set(self.table())


class TestFields:
    @pytest.mark.parametrize(
        ("title", "struct"),
        [("The body", wire.WireBody), ("A sample", wire.WireSample)],
    )
    def test_are_those_of_the_wire(self, title, struct):
        rows = pages.rows(pages.section(PAGE, title).split("\n### ")[0])

        assert {row[0].strip("`") for row in rows} == set(struct.__struct_fields__)

    @pytest.mark.parametrize(
        ("title", "struct"),
        [("The agent's facts", wire.AgentFacts), ("A sample", wire.WireProcess)],
    )
    def test_of_its_parts_are_named(self, title, struct):
        named = set(re.findall(r"`(\w+)`", pages.section(PAGE, title)))

        assert set(struct.__struct_fields__) <= named

    def test_of_the_answer_are_those_of_the_receipt(self):
        receipt = ingest.Receipt(1, 0, [], server_time=1.0, interval_seconds=10).as_json()
        following = receipt.pop("next")

        named = {row[0].strip("`") for row in pages.rows(pages.section(PAGE, "The answer"))}

        assert named == {*receipt, *(f"next.{name}" for name in following)}


class TestExamples:
    def test_of_the_body_is_taken_whole(self):
        (body,) = [block for block in pages.blocks(PAGE, "json") if '"samples": [' in block]

        parsed = parsing.parse(body.encode())

        assert ([len(block.times_ms) for block in parsed.blocks], parsed.errors) == ([1], [])
        assert set(json.loads(body)) == set(wire.WireBody.__struct_fields__)

    def test_of_an_error_is_what_the_server_says(self):
        (example,) = [block for block in pages.blocks(PAGE, "json") if '"code"' in block]
        sample = b'{"version":1,"samples":[{"time":1763900000,"values":{"cpu_percent":NaN}}]}'

        error = parsing.parse(sample).errors[0][1]

        assert msgspec.json.decode(example) == msgspec.json.decode(
            views.error_response(error).content
        )

    @pytest.mark.django_db(transaction=True)
    def test_in_python_sends_what_it_promises(self, agent, live_server):
        (program,) = pages.blocks(PAGE, "python")
        token = factories.make_token(agent)
        environment = {**os.environ, "AGENT_TOKEN": token, "SERVER_URL": live_server.url}
        with subprocess.Popen([sys.executable, "-c", program], env=environment) as client:
            try:
                deadline = time.monotonic() + 20
                while not (latest := queries.latest(agent)) and time.monotonic() < deadline:
                    time.sleep(0.05)
            finally:
                client.kill()

        assert latest is not None
        assert latest.value("people_count") is not None


class TestReading:
    def table(self, title: str) -> dict[str, list[str]]:
        rows = pages.rows(pages.section(PAGE, title))
        return {name.strip("`"): cells for name, *cells in rows}

    def test_names_every_address(self):
        routes = {re.sub(r"<str:(\w+)>", r"{\1}", str(route.pattern)) for route in urls.urlpatterns}

        assert set(self.table("Addresses")) == {
            f"/api/v1/{route}" for route in routes - {"ingest/", "enrol/"}
        }

    def test_names_every_parameter_of_series(self):
        with pytest.raises(errors.ApiError) as refusal:
            parameters.SeriesQuery.of(QueryDict("wrong=1"), now=timezone.now())

        assert ", ".join(self.table("Series")) in refusal.value.answer.detail

    def test_names_every_error_with_its_status(self):
        raised = dict(BY_DRF)
        for module in (parameters, fleet, history, api):
            for code, statuses in statuses_in(module).items():
                raised.setdefault(code, set()).update(statuses)

        told = {code: {int(cells[0])} for code, cells in self.table("Reading errors").items()}

        assert told == raised

    def test_names_every_status_of_an_agent(self):
        told = self.table("Addresses")["/api/v1/agents/"][0]

        assert ", ".join(AgentStatus) in told

    def test_shows_series_as_they_are_answered(self):
        (example,) = [block for block in pages.blocks(PAGE, "json") if '"series"' in block]

        page = msgspec.json.decode(example, type=SeriesPageAnswer, strict=True)

        assert set(json.loads(example)) == set(SeriesPageAnswer.__struct_fields__)
        assert {len(each.mean) for each in page.series} == {len(page.times)}


class TestEnrolment:
    def test_names_every_error_with_its_status(self):
        rows = pages.rows(pages.section(PAGE, "Enrolment"))

        told = {row[0].strip("`"): {int(row[1])} for row in rows}

        assert told == statuses_in(enrolment)

    @pytest.mark.django_db
    def test_shows_the_body_and_the_answer(self):
        body, answer = pages.blocks(pages.section(PAGE, "Enrolment"), "json")

        assert msgspec.json.decode(body, type=enrolment.EnrolBody)
        assert set(json.loads(answer)) == set(enrolment.EnrolledAnswer.__struct_fields__)
