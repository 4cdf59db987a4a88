"""Bearer tokens for DRF: whoever sends a live agent token is that agent, and nobody else."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from agents import tokens
from agents.tokens import AgentIdentity

REFUSAL = (
    "The agent token is missing, unknown, expired or revoked, or its agent is disabled. "
    "Issue a new one in the admin or with `manage.py gen_token`."
)


class AgentRequest(Request):
    """A request that came with a live agent token. For types only; never made."""

    user: AgentIdentity  # type: ignore[assignment]  # an agent is no User, on purpose


class AgentTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer tara_…`. Every refusal is the same 401: nothing can be probed."""

    keyword: ClassVar[bytes] = b"bearer"

    def authenticate(self, request: Request) -> tuple[AgentIdentity, None]:
        """Return the agent's identity. Raises AuthenticationFailed, never anything else."""
        header: bytes = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        keyword, _, credentials = header.partition(b" ")
        if keyword.lower() != self.keyword:
            self._refuse()
        identity = tokens.find(credentials.strip().decode("ascii", "replace"), now=timezone.now())
        if identity is None:
            self._refuse()
        return identity, None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Return the challenge that goes with a 401."""
        return "Bearer"

    def _refuse(self) -> NoReturn:
        raise AuthenticationFailed(REFUSAL)


class IsAgent(BasePermission):
    """True for a request that carries a live agent token; a person's session is not one."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """True if the authenticator found an agent."""
        return isinstance(request.user, AgentIdentity)
