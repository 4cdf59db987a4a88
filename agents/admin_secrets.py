"""What the admin does with every kind of secret: show it once, tell its state, revoke it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from agents.models import Secret

MOMENT_INPUT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
"""One field with one label; the admin's pair of date and time has two, and needs a script."""


class Shown(NamedTuple):
    """A new secret, the row that it is about, and the template that says what to do with it."""

    plain: str
    row: Model
    title: str
    template: str


def show_once(model_admin: admin.ModelAdmin, request: HttpRequest, shown: Shown) -> HttpResponse:
    """Render the secret in this very answer; it is in no session, message or cookie."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": shown.title,
        "row": shown.row,
        "secret": shown.plain,
        "server_url": request.build_absolute_uri("/").rstrip("/"),
    }
    response = TemplateResponse(request, shown.template, context)
    add_never_cache_headers(response)
    return response


class SecretKind(NamedTuple):
    """What there is to do with one kind of secret, and the template that shows a new one."""

    issue_into: Callable[[Any], Any]
    revoke: Callable[..., None]
    template: str


class LiveFilter(admin.SimpleListFilter):
    """Secrets by whether they work."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the states to choose from."""
        return [(name, name.capitalize()) for name in self.conditions()]

    def conditions(self) -> Mapping[str, Q]:
        """Return what is true of the rows in each state."""
        is_over = Q(expires_at__isnull=False, expires_at__lte=timezone.now())
        return {
            "live": Q(revoked_at=None) & ~is_over,
            "expired": Q(revoked_at=None) & is_over,
            "revoked": Q(revoked_at__isnull=False),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Secret]) -> QuerySet[Secret]:
        """Return the rows in the chosen state."""
        condition = self.conditions().get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


class SecretAdmin(admin.ModelAdmin):
    """Secrets made with a form, shown once, and revoked by a button or an action."""

    list_filter: ClassVar[Any] = [LiveFilter]
    list_select_related = ["created_by"]
    list_per_page = 100
    show_full_result_count = False
    actions = ["revoke"]
    formfield_overrides = {
        DateTimeField: {"form_class": forms.DateTimeField, "widget": MOMENT_INPUT}
    }
    change_form_template = "admin/agents/secret_change_form.html"
    readonly_fields: ClassVar[Any] = (
        "starts_with",
        "state",
        "created_at",
        "created_by",
        "last_used_at",
    )

    kind: ClassVar[SecretKind]

    def get_urls(self) -> list[URLPattern]:
        """Add the address that revokes one."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/revoke/",
                wrap(never_cache(require_POST(self.revoke_one))),
                name=f"agents_{self.opts.model_name}_revoke",
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the form with one button: what follows it is the secret, whichever is pressed."""
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_button})

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool
    ) -> None:
        """Give a new row its secret; of an old one, keep what the form says."""
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.created_by = request.user
        # On the request, which ends with this answer: the row must not carry the plain text.
        request.issued_secret = self.kind.issue_into(obj).plain  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Answer the POST that made a secret with it, shown this once."""
        plain: str = request.issued_secret  # type: ignore[attr-defined]
        shown = Shown(plain, obj, title=self.title_of(obj), template=self.kind.template)
        return show_once(self, request, shown)

    def title_of(self, row: Any) -> str:
        """Return what the page that shows the secret is called."""
        name = str(self.opts.verbose_name).capitalize()
        return f"{name} for {row.name}" if row.name else name

    def revoke_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End one at once."""
        row = get_object_or_404(self.model, pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        self._revoke(request, row)
        messages.success(request, f"{self.title_of(row)} ({row}) no longer works.")
        return HttpResponseRedirect(
            reverse(f"admin:agents_{self.opts.model_name}_change", args=[pk])
        )

    @admin.action(description="Revoke the selected %(verbose_name_plural)s", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """End these at once."""
        for row in queryset:
            self._revoke(request, row)
        messages.success(request, f"The selected {self.opts.verbose_name_plural} no longer work.")

    def _revoke(self, request: HttpRequest, row: Any) -> None:
        self.kind.revoke(row, now=timezone.now())
        self.log_change(request, row, "Revoked.")

    @admin.display(description="Starts with", ordering="prefix")
    def starts_with(self, row: Secret) -> str:
        """Show how the secret starts."""
        return format_html("<code>{}…</code>", row.prefix)

    @admin.display(description="State")
    def state(self, row: Secret) -> str:
        """Say whether the secret works."""
        return drawn_state(self.state_of(row))

    def state_of(self, row: Any) -> str:
        """Return the state in a word or two."""
        if row.is_live(timezone.now()):
            return "Live"
        return "Revoked" if row.revoked_at else "Expired"


def drawn_state(state: str) -> str:
    """Return a state's word with its shape, which admin.css draws."""
    return format_html('<span class="state state-{}">{}</span>', slugify(state), state)
