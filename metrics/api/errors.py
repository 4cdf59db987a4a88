"""What the read API says when it cannot answer: one exception, one shape, the same as ingest's.

DRF's own exceptions, such as a missing token, are told in that shape too.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.exceptions import APIException


class ErrorAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was wrong. `detail` is for people, `code` for programs."""

    code: str
    detail: str
    field: str = ""
    limit: float | None = None


class ApiError(APIException):
    """A request that cannot be answered; `field` is the parameter, `limit` the bound it broke."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        field: str = "",
        limit: float | None = None,
    ) -> None:
        """`detail` says what was wrong and what to send instead."""
        super().__init__(detail, code)
        self.status_code = status
        self.answer = ErrorAnswer(code, detail, field, limit)


def answer_of(error: Exception, context: dict[str, Any]) -> HttpResponse | None:  # noqa: ARG001
    """Return the answer to an error that a view raised; None for what is a fault of ours."""
    if not isinstance(error, APIException):
        return None
    if isinstance(error, ApiError):
        answer = error.answer
    else:
        answer = ErrorAnswer(str(error.get_codes()), str(error.detail))
    response = response_of(answer, error.status_code)
    challenge = getattr(error, "auth_header", None)  # DRF sets it on a 401
    if challenge:
        response.headers["WWW-Authenticate"] = challenge
    return response


def response_of(answer: ErrorAnswer, status: int) -> HttpResponse:
    """Return the response that carries the answer."""
    return HttpResponse(
        msgspec.json.encode(answer),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
