"""Read tokens in the admin: made with a name, shown once, revoked by a button or an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from agents import read_tokens
from agents.models import ReadToken
from agents.read_tokens import IssuedReadToken


class LiveFilter(admin.SimpleListFilter):
    """Tokens by whether they work."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the states to choose from."""
        return [("live", "Live"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReadToken]) -> QuerySet[ReadToken]:
        """Return the tokens in the chosen state."""
        is_over = Q(expires_at__lte=timezone.now())
        conditions = {
            "live": Q(revoked_at=None) & ~is_over,
            "expired": Q(revoked_at=None) & is_over,
            "revoked": Q(revoked_at__isnull=False),
        }
        state = self.value()
        return queryset.filter(conditions[state]) if state in conditions else queryset


class ReadTokenAdmin(admin.ModelAdmin):
    """Read tokens: which programs may read."""

    list_display = [
        *("name", "starts_with", "state", "created_at", "created_by", "last_used_at", "expires_at"),
    ]
    list_filter = [LiveFilter]
    list_select_related = ["created_by"]
    search_fields = ["name", "prefix"]
    ordering = ["name", "-pk"]
    list_per_page = 100
    show_full_result_count = False
    actions = ["revoke"]
    # The admin's pair of date and time has one label for two fields, and needs a script.
    formfield_overrides = {
        DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        }
    }
    change_form_template = "admin/agents/readtoken/change_form.html"
    readonly_fields = ("starts_with", "state", "created_at", "created_by", "last_used_at")

    def get_fields(self, request: HttpRequest, obj: ReadToken | None = None) -> list[Any]:
        """Return what a new token is made from, or all that is known of one."""
        return ["name", "expires_at", *(self.readonly_fields if obj else ())]

    def get_urls(self) -> list[URLPattern]:
        """Add the address that revokes a token."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/revoke/",
                wrap(never_cache(require_POST(self.revoke_one))),
                name="agents_readtoken_revoke",
            ),
            *super().get_urls(),
        ]

    def save_model(
        self, request: HttpRequest, obj: ReadToken, form: forms.ModelForm[ReadToken], change: bool
    ) -> None:
        """Give a new row its token; of an old one, keep the name and the end."""
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.created_by = request.user  # type: ignore[assignment]
        # On the request, which ends with this answer: the row must not carry the plain text.
        request.issued_read_token = read_tokens.issue_into(obj)  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ReadToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Answer the POST that made a token with it, shown this once."""
        issued: IssuedReadToken = request.issued_read_token  # type: ignore[attr-defined]
        response = TemplateResponse(
            request,
            "admin/agents/readtoken/token_issued.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"Read token for {obj.name}",
                "row": obj,
                "token": issued.plain,
                "server_url": request.build_absolute_uri("/").rstrip("/"),
            },
        )
        add_never_cache_headers(response)
        return response

    def revoke_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End one token at once."""
        token = get_object_or_404(ReadToken, pk=pk)
        if not self.has_change_permission(request, token):
            raise PermissionDenied
        read_tokens.revoke(token, now=timezone.now())
        self.log_change(request, token, "Revoked.")
        messages.success(request, f"The token {token} of {token.name} no longer works.")
        return HttpResponseRedirect(reverse("admin:agents_readtoken_change", args=[pk]))

    @admin.action(description="Revoke the selected read tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ReadToken]) -> None:
        """End these tokens at once."""
        for token in queryset:
            read_tokens.revoke(token, now=timezone.now())
            self.log_change(request, token, "Revoked.")
        messages.success(request, "The selected tokens no longer work.")

    @admin.display(description="Starts with", ordering="prefix")
    def starts_with(self, token: ReadToken) -> str:
        """Show how the token starts."""
        return format_html("<code>{}…</code>", token.prefix)

    @admin.display(description="State")
    def state(self, token: ReadToken) -> str:
        """Say whether the token works."""
        if token.is_live(timezone.now()):
            return "Live"
        return "Revoked" if token.revoked_at else "Expired"
