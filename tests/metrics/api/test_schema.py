"""/api/v1/schema/ is valid OpenAPI, describes every address, and answers are as it says."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from django.utils import timezone
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from metrics import urls
from metrics.api import schema
from tests import factories
from tests.metrics.api.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def described(reader: Reader) -> dict[str, Any]:
    """The schema as a program gets it."""
    schema.openapi.cache_clear()
    GENERATOR_STATS.reset()
    return reader.read("schema/")


class TestSchema:
    def test_is_valid_and_made_without_a_warning(self, described):
        validate_schema(described)

        assert described["openapi"] == "3.1.0"
        assert not GENERATOR_STATS

    def test_describes_every_address(self, described):
        routes = {
            "/api/v1/" + re.sub(r"<str:(\w+)>", r"{\1}", str(entry.pattern))
            for entry in urls.urlpatterns
        }

        assert set(described["paths"]) == routes

    def test_names_every_parameter_that_is_taken(self, described, reader: Reader, agent):
        for address, name in (("agents/{agent_id}/series/", "web-1"), ("agents/", "")):
            told = described["paths"][f"/api/v1/{address}"]["get"]["parameters"]
            path = address.replace("{agent_id}", name)
            refusal = reader.get(f"/api/v1/{path}", {"wrong": ""}).json()["detail"]
            (taken,) = re.findall(r"Taken are (.*)\.$", refusal)

            assert {each["name"] for each in told if each["in"] == "query"} == set(
                taken.split(", ")
            )

    def test_says_what_is_answered(self, described, reader: Reader, agent):
        factories.store(agent, factories.sample(timezone.now().timestamp()))
        for address, operations in described["paths"].items():
            if "get" not in operations or address.endswith("/schema/"):
                continue
            content = operations["get"]["responses"]["200"]["content"]["application/json"]
            answer = reader.get(address.replace("{agent_id}", "web-1")).json()

            whole = {**content["schema"], "components": described["components"]}
            jsonschema.validate(answer, whole)

            required = described["components"]["schemas"][content["schema"]["$ref"].split("/")[-1]]
            assert set(answer) == set(required["properties"])
