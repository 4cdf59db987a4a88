"""The admin's token buttons. A new token is shown once, in the answer of the POST that made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from agents import tokens
from agents.admin_secrets import Shown, show_once
from agents.models import Agent, AgentToken
from agents.tokens import IssuedToken, TooManyTokens


class TokenActions(admin.ModelAdmin):
    """What AgentAdmin needs to give an agent tokens."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that issue, rotate and revoke tokens."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/issue/",
                wrap(never_cache(require_POST(self.issue_token))),
                name="agents_agent_issue",
            ),
            path(
                "<int:pk>/rotate/",
                wrap(never_cache(require_POST(self.rotate_token))),
                name="agents_agent_rotate",
            ),
            path(
                "<int:pk>/revoke/<int:token_pk>/",
                wrap(never_cache(require_POST(self.revoke_token))),
                name="agents_agent_revoke",
            ),
            *super().get_urls(),
        ]

    def response_add(
        self, request: HttpRequest, obj: Agent, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Answer the POST that made an agent with its first token, shown this once."""
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        issued = tokens.issue(obj, now=timezone.now(), created_by=request.user)  # type: ignore[arg-type]
        self.log_change(request, obj, f"Issued token {issued.row.prefix}….")
        return self._show_once(request, obj, issued, title=f"{obj} is ready to report")

    def issue_token(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the agent one more token and show it once."""
        return self._give(request, pk, tokens.issue, done="Issued")

    def rotate_token(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replace the agent's token and show the new one once."""
        return self._give(request, pk, tokens.rotate, done="Rotated to")

    def revoke_token(self, request: HttpRequest, pk: int, token_pk: int) -> HttpResponse:
        """End one token at once."""
        agent = self._changeable(request, pk)
        token = get_object_or_404(AgentToken, pk=token_pk, agent=agent)
        tokens.revoke(token, now=timezone.now())
        self.log_change(request, agent, f"Revoked token {token}.")
        messages.success(request, f"The token {token} of {agent} no longer works.")
        return HttpResponseRedirect(reverse("admin:agents_agent_change", args=[agent.pk]))

    def _changeable(self, request: HttpRequest, pk: int) -> Agent:
        agent = get_object_or_404(Agent, pk=pk)
        if not self.has_change_permission(request, agent):
            raise PermissionDenied
        return agent

    def _give(
        self, request: HttpRequest, pk: int, give: Callable[..., IssuedToken], *, done: str
    ) -> HttpResponse:
        agent = self._changeable(request, pk)
        try:
            issued = give(agent, now=timezone.now(), created_by=request.user)
        except TooManyTokens as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:agents_agent_change", args=[agent.pk]))
        self.log_change(request, agent, f"{done} token {issued.row.prefix}….")
        return self._show_once(request, agent, issued, title=f"New token for {agent}")

    def _show_once(
        self, request: HttpRequest, agent: Agent, issued: IssuedToken, *, title: str
    ) -> HttpResponse:
        template = "admin/agents/agent/token_issued.html"
        return show_once(self, request, Shown(issued.plain, agent, title, template))
