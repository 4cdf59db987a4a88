"""Who may read the API: a program with a live read token, or a person who is logged in."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from agents import read_tokens
from agents.read_tokens import Reader

REFUSAL = (
    "The read token is unknown, expired or revoked. "
    "Make a new one in the admin or with `manage.py gen_token --read NAME`."
)


class ReadTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer tara_read_…`. Every refusal is the same 401: nothing can be probed."""

    def authenticate(self, request: Request) -> tuple[Reader, None] | None:
        """Return the reader, None where no bearer token was sent. Raises AuthenticationFailed."""
        keyword, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if keyword.lower() != "bearer":
            return None
        now = timezone.now()
        reader = read_tokens.find(credentials.strip(), now=now)
        if reader is None:
            raise AuthenticationFailed(REFUSAL)
        read_tokens.note_use(reader, now=now)
        return reader, None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Return the challenge that goes with a 401."""
        return "Bearer"


class MayRead(BasePermission):
    """True for a read token and for a person who is logged in; an agent's token is neither."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """True if an authenticator found somebody."""
        return bool(request.user and request.user.is_authenticated)
