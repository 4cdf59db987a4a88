"""The ingest door: POST /api/v1/ingest/."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.authentication import AgentRequest, AgentTokenAuthentication, IsAgent
from metrics import parsing, wire
from metrics.ingest import Receipt, store_batch
from metrics.meter import ingest_meter
from metrics.wire import ParsedBody, WireError


class IngestView(APIView):
    """POST a batch of samples; 200 once they are durable."""

    authentication_classes = [AgentTokenAuthentication]
    permission_classes = [IsAgent]
    metadata_class = None  # OPTIONS tells nobody how the view is made

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: ARG002
        """Answer JSON whatever is asked for: choosing cost a tenth of the request."""
        return self.renderer_classes[0](), "application/json"

    def post(self, request: AgentRequest) -> HttpResponse:
        """Parse the body, store it under the token's agent, answer with what became of it."""
        began = time.perf_counter()
        try:
            # DRF's wrapper forwards every attribute by hand; the request below it answers at once.
            http = request._request  # noqa: SLF001
            body = read_body(http)
            receipt = store_batch(
                request.user,
                body,
                received_at=timezone.now(),
                address=http.META.get("REMOTE_ADDR") or None,
            )
        except WireError as error:
            return error_response(error)
        _meter(body, receipt, seconds=time.perf_counter() - began)
        return _json(200, receipt.as_json())


def _meter(body: ParsedBody, receipt: Receipt, *, seconds: float) -> None:
    """Count a request that was stored, and write down the minute before it if that is over."""
    now = time.time()
    sent = sum(len(sample.row) for sample in body.samples)
    # Of a request with duplicates, the share that was new: samples are nearly always alike.
    values = round(sent * receipt.accepted / len(body.samples))
    ingest_meter.note(seconds, samples=receipt.accepted, values=values, now=now)
    ingest_meter.flush_due(now)


def read_body(request: HttpRequest) -> ParsedBody:
    """Return the parsed body. Raises WireError for a wrong type, encoding, length or content."""
    media_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise WireError("content_type", "Send Content-Type: application/json.", status=415)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise WireError(
            "length", "Send a Content-Length; chunked bodies are not taken.", status=411
        )
    if int(length) > wire.WIRE_BYTES_MAXIMUM:
        raise wire.too_large("The body", wire.WIRE_BYTES_MAXIMUM)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding not in {"gzip", "identity"}:
        raise WireError("encoding", "Send Content-Encoding: gzip, or none.", status=415)
    data = request.body
    return parsing.parse(parsing.inflate(data) if encoding == "gzip" else data)


def error_response(error: WireError) -> HttpResponse:
    """Return the answer that tells a person what was wrong, where, and which limit it broke."""
    answer = {"code": error.code, "detail": error.detail, "field": error.at, "limit": error.limit}
    given = {name: value for name, value in answer.items() if value not in {"", None}}
    return _json(error.status, given)


def _json(status: int, content: dict[str, Any]) -> HttpResponse:
    """Return a JSON answer without DRF's renderer, which cost a tenth of the request."""
    return HttpResponse(
        msgspec.json.encode(content), status=status, content_type="application/json"
    )
