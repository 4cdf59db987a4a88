"""What the doors of the read API have in common: who may, and the one way of answering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.read_authentication import MayRead, ReadTokenAuthentication
from metrics.api.answers import encode
from metrics.api.errors import answer_of


class ReadView(APIView):
    """What all doors have in common: who may read, JSON whatever is asked for, one error shape."""

    authentication_classes = [ReadTokenAuthentication, SessionAuthentication]  # noqa: RUF012  (as DRF has it)
    permission_classes = [MayRead]  # noqa: RUF012
    metadata_class = None  # OPTIONS tells nobody how the view is made

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: ARG002
        """Answer JSON; choosing a renderer costs more than encoding a small answer."""
        return self.renderer_classes[0](), "application/json"

    def get_exception_handler(self) -> Callable[..., HttpResponse | None]:
        """Return what tells an error in the API's own shape."""
        return answer_of


NO_STORE = {"Cache-Control": "no-store"}


def answer(content: msgspec.Struct) -> HttpResponse:
    """Return a JSON answer, encoded in one pass without DRF's renderer."""
    return json_response(encode(content))


def json_response(data: bytes) -> HttpResponse:
    """Return an answer that is JSON already. No cache keeps it."""
    return HttpResponse(data, content_type="application/json", headers=NO_STORE)
