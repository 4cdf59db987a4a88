"""The API's page tells every address, parameter and shape of the schema to who is logged in."""

from __future__ import annotations

import re

import pytest

from dashboard.api_docs import Kind, kind_of
from metrics.api.schema import openapi

pytestmark = pytest.mark.django_db
PAGE = "/api/v1/docs/"


class TestPage:
    def test_tells_all_that_the_schema_does(self, web):
        page = web.get(PAGE).content.decode()

        described = openapi()
        told = [
            *described["paths"],
            *(
                parameter["name"]
                for operations in described["paths"].values()
                for operation in operations.values()
                for parameter in operation.get("parameters", [])
            ),
            *described["components"]["schemas"],
        ]
        assert [name for name in told if name not in page] == []

    def test_has_every_place_that_it_links_to(self, web):
        page = web.get(PAGE).content.decode()

        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r' id="([^"]+)"', page))

    def test_sends_strangers_to_the_log_in_page(self, client):
        answer = client.get(PAGE)

        assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={PAGE}")

    def test_is_no_page_for_tokens(self, client):
        answer = client.get(PAGE, headers={"Authorization": "Bearer x"})

        assert answer.status_code == 302


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, Kind("text")),
        ({"$ref": "#/components/schemas/A"}, Kind("A", "A")),
        ({"type": "array", "items": {"$ref": "#/components/schemas/A"}}, Kind("list of A", "A")),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, Kind("number or null")),
        ({"type": "string", "enum": ["json", "csv"]}, Kind("json, csv")),
        ({}, Kind("value")),
    ],
)
def test_a_kind_is_told_in_words(schema, kind):
    assert kind_of(schema) == kind
