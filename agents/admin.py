"""Provisioning in the admin: agents with their tags, state and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import ManyToManyField, Prefetch, Q, QuerySet
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince

from agents import admin_people  # noqa: F401  (registers users and groups)
from agents.admin_enrolment_keys import EnrolmentKeyAdmin
from agents.admin_read_tokens import ReadTokenAdmin
from agents.admin_secrets import drawn_state
from agents.admin_tokens import TokenActions
from agents.models import Agent, AgentToken, EnrolmentKey, ReadToken, StatusPage, Tag
from agents.status import AgentStatus, having, status_of


class StateFilter(admin.SimpleListFilter):
    """Agents by how they are doing."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the states to choose from."""
        return [
            (AgentStatus.UP, "Up"),
            (AgentStatus.DOWN, "Down"),
            (AgentStatus.PAUSED, "Paused"),
            (AgentStatus.WAITING, "Waiting for the first report"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Agent]) -> QuerySet[Agent]:
        """Return the agents in the chosen state."""
        status = self.value()
        if status not in set(AgentStatus):
            return queryset
        return queryset.filter(having(AgentStatus(status), now=timezone.now()))


class AgentTokenInline(admin.TabularInline):
    """The agent's tokens, to read; the buttons above the form change them."""

    model = AgentToken
    template = "admin/agents/agent/tokens.html"
    extra = 0
    can_delete = False
    verbose_name_plural = "tokens"
    fields = ("prefix", "name", "state", "created_at", "created_by", "last_used_at", "expires_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentToken]:
        """Return the tokens, newest first."""
        return super().get_queryset(request).select_related("created_by").order_by("-pk")

    def has_add_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        """False: a token is issued by its button, which shows it once."""
        return False

    @admin.display(description="State")
    def state(self, token: AgentToken) -> str:
        """Say whether the token works, and the button that ends it where it does."""
        if not token.is_live(timezone.now()):
            return drawn_state("Revoked" if token.revoked_at else "Expired")
        address = reverse("admin:agents_agent_revoke", args=[token.agent_id, token.pk])
        return format_html(
            '{} <button type="submit" class="button" formmethod="post" formaction="{}"'
            " formnovalidate>Revoke</button>",
            drawn_state("Live"),
            address,
        )


@admin.register(Agent)
class AgentAdmin(TokenActions):
    """Agents: who may send, and with which tokens."""

    list_display = ["agent_id", "display_name", "status", "last_seen", "tag_list", "token_prefixes"]
    list_filter = [StateFilter, "tags"]
    search_fields = ["agent_id", "display_name", "hostname", "address", "tokens__prefix"]
    ordering = ["agent_id"]
    list_per_page = 100
    show_full_result_count = False
    actions = ["enable", "disable"]
    inlines = [AgentTokenInline]
    readonly_fields = (
        *("agent_version", "hostname", "os", "kernel", "cpu_model", "cpu_count"),
        *("memory_total_bytes", "address", "created_at"),
    )
    fieldsets = [
        (None, {"fields": ["agent_id", "display_name", "tags", "enabled"]}),
        ("Reporting", {"fields": ["interval_seconds", "billing_day"]}),
        ("Reported by the agent", {"classes": ["collapse"], "fields": [*readonly_fields]}),
        ("Notes", {"classes": ["collapse"], "fields": ["notes"]}),
    ]
    change_form_template = "admin/agents/agent/change_form.html"

    def get_deleted_objects(
        self, objs: Sequence[Agent] | QuerySet[Agent], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return what the page that asks says, which is not each of many thousand batches."""
        agents = [f"Agent {agent}, its tokens and every sample it ever sent" for agent in objs]
        lacking = set() if self.has_delete_permission(request) else {"agent"}
        return agents, {"agents": len(agents)}, lacking, []

    def view_on_site(self, agent: Agent) -> str:
        """Return the address of the agent's page."""
        return reverse("dashboard:agent", args=[agent.agent_id])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        """Return agents with all that a list row shows, in a constant number of queries."""
        live = AgentToken.objects.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), revoked_at__isnull=True
        )
        return (
            super()
            .get_queryset(request)
            .select_related("state")
            .prefetch_related("tags", Prefetch("tokens", queryset=live, to_attr="live_tokens"))
        )

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **options: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        """Return check boxes for tags: they need no script, and a reader can name each."""
        options["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **options)

    def get_readonly_fields(self, request: HttpRequest, obj: Agent | None = None) -> list[str]:
        """Return the fields no one edits; the id of an agent that exists is one of them."""
        return [*self.readonly_fields, *(["agent_id"] if obj else [])]

    def get_inlines(self, request: HttpRequest, obj: Agent | None) -> list[Any]:
        """Return the token list for an agent that exists."""
        return [AgentTokenInline] if obj else []

    @admin.action(description="Enable the selected agents", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Agent]) -> None:
        """Take samples of these agents again."""
        count = queryset.update(enabled=True)
        messages.success(request, f"Enabled {count} agents. Their tokens work again.")

    @admin.action(description="Disable the selected agents", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Agent]) -> None:
        """Refuse samples of these agents; their history stays."""
        count = queryset.update(enabled=False)
        messages.success(request, f"Disabled {count} agents. Their samples are refused.")

    @admin.display(description="State")
    def status(self, agent: Agent) -> str:
        """Say how the agent is doing."""
        deadline_ms = getattr(getattr(agent, "state", None), "deadline_ms", None)
        return drawn_state(
            status_of(agent, deadline_ms=deadline_ms, now=timezone.now()).capitalize()
        )

    @admin.display(description="Last seen", ordering="state__last_seen_ms")
    def last_seen(self, agent: Agent) -> str:
        """Say how long ago the agent was heard of."""
        seen_ms = getattr(getattr(agent, "state", None), "last_seen_ms", None)
        if seen_ms is None:
            return "Never"
        moment = datetime.fromtimestamp(seen_ms / 1000, tz=timezone.get_current_timezone())
        if (timezone.now() - moment).total_seconds() < 60:  # noqa: PLR2004  (a minute)
            return "Just now"
        return f"{timesince(moment, depth=1)} ago"

    @admin.display(description="Tags")
    def tag_list(self, agent: Agent) -> str:
        """List the agent's tags."""
        return ", ".join(sorted(tag.name for tag in agent.tags.all()))

    @admin.display(description="Live tokens")
    def token_prefixes(self, agent: Agent) -> str:
        """List how the agent's live tokens start."""
        live: list[AgentToken] = getattr(agent, "live_tokens", [])
        return format_html_join(" ", "<code>{}…</code>", ((token.prefix,) for token in live))


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    """Tags: words that group agents."""

    search_fields = ["name"]
    ordering = ["name"]


@admin.register(StatusPage)
class StatusPageAdmin(admin.ModelAdmin):
    """Status pages: what everybody may know of the agents of a tag."""

    list_display = ["title", "slug", "tag", "is_public"]
    list_filter = ["is_public"]
    list_select_related = ["tag"]
    search_fields = ["title", "slug"]
    ordering = ["title"]
    fields = ["title", "slug", "tag", "is_public"]

    def view_on_site(self, page: StatusPage) -> str | None:
        """Return the page's address, None while it is not there."""
        return reverse("dashboard:status", args=[page.slug]) if page.is_public else None


admin.site.register(ReadToken, ReadTokenAdmin)
admin.site.register(EnrolmentKey, EnrolmentKeyAdmin)
