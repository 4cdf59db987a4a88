"""The doors of the read API. Each translates, makes one call and translates back.

What they take and answer is told to /api/v1/schema/ in metrics.api.schema.
"""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from rest_framework.request import Request

from metrics import catalog
from metrics.api import fleet, history
from metrics.api.answers import MetricAnswer, MetricsAnswer
from metrics.api.base import NO_STORE, ReadView, answer, json_response
from metrics.api.errors import ErrorAnswer, response_of
from metrics.api.parameters import AgentsQuery, SeriesQuery, check_none


class AgentsView(ReadView):
    """All agents, a page at a time."""

    def get(self, request: Request) -> HttpResponse:
        """Answer with the agents asked for, in the order of their ids."""
        query = AgentsQuery.of(request.query_params)
        return answer(fleet.agents_answer(query, path=request.path, now=timezone.now()))


class AgentView(ReadView):
    """One agent."""

    def get(self, request: Request, agent_id: str) -> HttpResponse:
        """Answer with how the agent is and what it reported of its machine."""
        check_none(request.query_params)
        found = fleet.find_whole_agent(agent_id)
        return answer(fleet.agent_answer(found, now=timezone.now()))


class LatestView(ReadView):
    """The latest values of one agent."""

    def get(self, request: Request, agent_id: str) -> HttpResponse:
        """Answer with the agent's newest live sample."""
        check_none(request.query_params)
        return answer(fleet.latest_answer(fleet.find_agent(agent_id)))


class SeriesView(ReadView):
    """The history of one agent."""

    def get(self, request: Request, agent_id: str) -> HttpResponseBase:
        """Answer with series over a range, as JSON or CSV."""
        query = SeriesQuery.of(request.query_params, now=timezone.now())
        found = history.series_answer(fleet.find_agent(agent_id), query)
        if query.format == "json":
            return answer(found)
        return StreamingHttpResponse(
            history.csv_pieces(found),
            content_type="text/csv; charset=utf-8",
            headers={
                **NO_STORE,
                "Content-Disposition": f'attachment; filename="{found.agent}.csv"',
            },
        )


class MetricsView(ReadView):
    """The catalogue."""

    def get(self, request: Request) -> HttpResponse:
        """Answer with every metric that has a fixed unit and meaning."""
        check_none(request.query_params)
        entries = [
            MetricAnswer(
                name=metric.name,
                unit=metric.unit,
                meaning=metric.meaning,
                instance=metric.instance,
                decimals=metric.decimals,
                maximum=metric.maximum,
            )
            for metric in catalog.METRICS
        ]
        return answer(MetricsAnswer(entries))


class SchemaView(ReadView):
    """This API, as OpenAPI."""

    def get(self, request: Request) -> HttpResponse:
        """Answer with the description that programs make clients from."""
        # Here, because only who asks for it pays the 4 MB of memory that making it takes.
        from metrics.api.schema import openapi  # noqa: PLC0415

        check_none(request.query_params)
        return json_response(msgspec.json.encode(openapi()))


def not_found(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001
    """Answer an address that the API does not have, in JSON and without a redirect."""
    detail = "No such address. Addresses end in a slash; /api/v1/docs/ lists them."
    return response_of(ErrorAnswer("address", detail), 404)
