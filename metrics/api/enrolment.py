"""POST /api/v1/enrol/: an enrolment key becomes an agent and its token. No session, no log-in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from agents import enrolment
from metrics.api.base import ReadView, answer
from metrics.api.errors import ApiError

BODY_BYTES_MAXIMUM: Final = 4096
_Text = Annotated[str, msgspec.Meta(max_length=255)]


class EnrolBody(msgspec.Struct):
    """A key, and the agent id that the new machine would have."""

    key: _Text
    agent_id: _Text


class EnrolledAnswer(msgspec.Struct):
    """The new agent's id, and its token, which is not shown again."""

    agent_id: str
    token: str


class EnrolView(ReadView):
    """The door for machines that have no token yet; the key in the body opens it."""

    authentication_classes = []  # noqa: RUF012  (as DRF has it)
    permission_classes = [AllowAny]  # noqa: RUF012

    def post(self, request: Request) -> HttpResponse:
        """Answer 201 with the token of a new agent."""
        body = read_body(request._request)  # noqa: SLF001  (DRF would parse it)
        try:
            issued = enrolment.enrol(
                body.key,
                body.agent_id,
                address=request.META.get("REMOTE_ADDR") or "",
                now=timezone.now(),
            )
        except enrolment.KeyRefused as error:
            raise _refused() from error
        except enrolment.AgentExists as error:
            raise _exists(error.agent_id) from error
        except ValidationError as error:
            raise ApiError(
                "agent_id", " ".join(error.messages), status=422, field="agent_id"
            ) from error
        response = answer(EnrolledAnswer(body.agent_id, issued.plain))
        response.status_code = HTTPStatus.CREATED
        return response


def read_body(request: HttpRequest) -> EnrolBody:
    """Return the body. Raises ApiError for a wrong type, length or content."""
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError("content_type", "Send Content-Type: application/json.", status=415)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise ApiError("length", "Send a Content-Length; chunked bodies are not taken.", status=411)
    if int(length) > BODY_BYTES_MAXIMUM:
        raise ApiError(
            "too_large",
            f"The body is larger than {BODY_BYTES_MAXIMUM} bytes.",
            status=413,
            limit=BODY_BYTES_MAXIMUM,
        )
    try:
        return msgspec.json.decode(request.body, type=EnrolBody)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = f'Send {{"key": "tara_enrol_…", "agent_id": "web-1"}}: {error}.'
        raise ApiError("body", detail) from error


def _refused() -> ApiError:
    """Return the one refusal of every key that does not open, so that nothing can be probed."""
    error = ApiError(
        "key",
        "The enrolment key is unknown, expired, revoked or used up, or not for this network. "
        "Make a new one in the admin or with `manage.py gen_enrolment_key`.",
        status=401,
    )
    error.auth_header = "EnrolmentKey"  # type: ignore[attr-defined]  # answer_of sends it
    return error


def _exists(agent_id: str) -> ApiError:
    """Return what to do where the agent is there: the server cannot tell a reinstall from a theft.

    A suffix would part the history of a machine that was installed anew, unseen; and a token of
    the agent that exists would let whoever found a key speak for it.
    """
    return ApiError(
        "exists",
        f"There is an agent {agent_id} already, and a key makes new ones only; it is not spent. "
        f"If it is this machine, `manage.py gen_token --agent-id {agent_id} --rotate` on the "
        "server gives it a new token. If it is another, enrol under another name.",
        status=409,
        field="agent_id",
    )
