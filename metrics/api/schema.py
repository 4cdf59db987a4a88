"""The API as OpenAPI 3.1, made by drf-spectacular; the shapes come from the types themselves.

Imported when somebody asks for it, never with the views: it takes 4 MB of memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import msgspec
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.views import APIView

from agents.status import AgentStatus
from metrics import wire
from metrics.api import answers, enrolment, parameters, views
from metrics.api.errors import ErrorAnswer
from metrics.views import IngestView

_REF: Final = "#/components/schemas/{name}"
_MOMENT: Final = "Unix seconds, or ISO 8601 such as 2026-11-25T06:00:00Z; UTC if it names no zone."


class ReceiptAnswer(msgspec.Struct):
    """What became of each sample, once it is durable."""

    accepted: int
    duplicate: int
    rejected: list[tuple[int, str]]
    server_time: float
    next: dict[str, int]


def _shape(of: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": _REF.format(name=of.__name__)}


def _json(of: type[msgspec.Struct], says: str = "") -> OpenApiResponse:
    return OpenApiResponse(_shape(of), says or (of.__doc__ or "").partition("\n")[0])


def _taken(name: str, type_: Any, says: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type_, OpenApiParameter.QUERY, description=says, **more)


_WRONG: Final = {
    400: _json(ErrorAnswer, "A parameter is wrong; the answer says which."),
    401: _json(ErrorAnswer, "No live read token was sent, and nobody is logged in."),
}
_NO_AGENT: Final = {404: _json(ErrorAnswer, "There is no such agent.")}
_AGENT_ID: Final = OpenApiParameter(
    "agent_id", str, OpenApiParameter.PATH, description="Such as web-1."
)
_READERS: Final[list[dict[str, list[str]]]] = [{"readToken": []}, {"session": []}]
_SECURITY: Final = {
    "readToken": {"type": "http", "scheme": "bearer", "description": "tara_read_…, for programs."},
    "agentToken": {"type": "http", "scheme": "bearer", "description": "tara_…, for agents."},
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A log-in."},
}


@dataclass(frozen=True)
class Operation:
    """What is told of one address."""

    name: str
    summary: str
    responses: Mapping[Any, OpenApiResponse]
    takes: list[OpenApiParameter] = field(default_factory=list)
    body: dict[str, str] | None = None
    security: list[dict[str, list[str]]] = field(default_factory=lambda: list(_READERS))


OPERATIONS: Final[Mapping[type[APIView], Operation]] = {
    views.AgentsView: Operation(
        "agents",
        "All agents, a page at a time",
        {200: _json(answers.AgentsAnswer)} | _WRONG,
        [
            _taken("tag", str, "Only agents with this tag."),
            _taken("status", str, "Only agents that are so.", enum=list(AgentStatus)),
            _taken("after", str, "Only agents behind this id; next has it."),
            _taken(
                "limit",
                int,
                f"How many, 1 to {parameters.AGENTS_MAXIMUM}.",
                default=parameters.AGENTS_DEFAULT,
            ),
        ],
    ),
    views.AgentView: Operation(
        "agent", "One agent", {200: _json(answers.AgentAnswer)} | _WRONG | _NO_AGENT, [_AGENT_ID]
    ),
    views.LatestView: Operation(
        "latest",
        "An agent's latest values",
        {200: _json(answers.LatestAnswer)} | _WRONG | _NO_AGENT,
        [_AGENT_ID],
    ),
    views.SeriesView: Operation(
        "series",
        "An agent's history",
        {
            (200, "application/json"): _json(answers.SeriesPageAnswer),
            (200, "text/csv"): OpenApiResponse(str, "A row a bucket, three columns a series."),
        }
        | _WRONG
        | _NO_AGENT,
        [
            _AGENT_ID,
            _taken(
                "metric", str, "A metric, or several parted by commas. All by default.", many=True
            ),
            _taken("instance", str, "Only instances like this, such as /var or eth*."),
            _taken("start", str, f"{_MOMENT} 24 hours before the end by default."),
            _taken("end", str, f"{_MOMENT} Now by default."),
            _taken(
                "points",
                int,
                f"At most so many buckets, {parameters.POINTS_MINIMUM} to "
                f"{parameters.POINTS_MAXIMUM}.",
                default=parameters.POINTS_DEFAULT,
            ),
            _taken("format", str, "json or csv.", enum=parameters.FORMATS, default="json"),
        ],
    ),
    views.MetricsView: Operation(
        "metrics", "The catalogue of metrics", {200: _json(answers.MetricsAnswer)} | _WRONG
    ),
    views.SchemaView: Operation(
        "schema",
        "This description",
        {200: OpenApiResponse({"type": "object"}, "OpenAPI.")} | _WRONG,
    ),
    IngestView: Operation(
        "ingest",
        "Send samples",
        {
            200: _json(ReceiptAnswer),
            400: _json(ErrorAnswer, "The body cannot be read."),
            401: OpenApiResponse({"type": "object"}, "No live agent token was sent."),
            413: _json(ErrorAnswer, "The body is too large."),
            422: _json(ErrorAnswer, "Every sample in it is malformed."),
            503: _json(ErrorAnswer, "The database cannot be written now."),
        },
        body=_shape(wire.WireBody),
        security=[{"agentToken": []}],
    ),
    enrolment.EnrolView: Operation(
        "enrol",
        "Trade an enrolment key for an agent and its token",
        {
            201: _json(enrolment.EnrolledAnswer),
            400: _json(ErrorAnswer, "The body cannot be read."),
            401: _json(ErrorAnswer, "The key opens nothing."),
            409: _json(ErrorAnswer, "There is an agent of this id; the key is not spent."),
            413: _json(ErrorAnswer, "The body is too large."),
            422: _json(ErrorAnswer, "The agent id is not well formed."),
        },
        body=_shape(enrolment.EnrolBody),
        security=[{}],
    ),
}
_SHAPES: Final = (
    *(enrolment.EnrolBody, enrolment.EnrolledAnswer),
    *(answers.AgentsAnswer, answers.LatestAnswer, answers.SeriesPageAnswer),
    *(answers.MetricsAnswer, ErrorAnswer, wire.WireBody, ReceiptAnswer),
)


class ApiSchema(AutoSchema):
    """What drf-spectacular asks of each view, answered from `OPERATIONS`."""

    @property
    def _operation(self) -> Operation:
        return OPERATIONS[type(self.view)]

    def get_operation_id(self) -> str:
        """Return the name that clients call the operation by."""
        return self._operation.name

    def get_summary(self) -> str:
        """Return what it is for."""
        return self._operation.summary

    def get_description(self) -> str:
        """Return nothing more: the answer's shape says the rest."""
        return ""

    def get_tags(self) -> list[str]:
        """Return nothing to group by; there are few."""
        return []

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return who may."""
        return self._operation.security

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """Return what it takes."""
        return self._operation.takes

    def get_request_serializer(self) -> dict[str, Any] | None:
        """Return the body it takes."""
        body = self._operation.body
        return None if body is None else {"application/json": body}

    def get_response_serializers(self) -> Mapping[Any, OpenApiResponse]:
        """Return what it answers."""
        return self._operation.responses


@cache
def openapi() -> dict[str, Any]:
    """Return the description of every address of the API."""
    described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    _, shapes = msgspec.json.schema_components(_SHAPES, ref_template=_REF)
    described["components"] = {"schemas": shapes, "securitySchemes": _SECURITY}
    return described
