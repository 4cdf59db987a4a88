"""Enrolment keys in the admin: made for some machines and some hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import F, ManyToManyField, Q
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils import timezone

from agents import enrolment
from agents.admin_secrets import LiveFilter, SecretAdmin, SecretKind
from agents.models import EnrolmentKey


class UsableFilter(LiveFilter):
    """Keys by whether a machine may still enrol with them."""

    def conditions(self) -> Mapping[str, Q]:
        """Return what is true of the keys in each state."""
        is_spent = Q(uses__gte=F("uses_allowed"))
        found = super().conditions()
        return {
            "live": found["live"] & ~is_spent,
            "used up": found["live"] & is_spent,
            "expired": found["expired"],
            "revoked": found["revoked"],
        }


class EnrolmentKeyAdmin(SecretAdmin):
    """Enrolment keys: with what new machines may enrol."""

    list_display = [
        *("starts_with", "name", "state", "enrolled", "tag_list", "network", "expires_at"),
    ]
    list_filter = [UsableFilter]
    search_fields = ["name", "prefix"]
    ordering = ["-pk"]
    readonly_fields = (
        "starts_with",
        "state",
        "enrolled",
        "created_at",
        "created_by",
        "last_used_at",
    )
    kind = SecretKind(
        enrolment.issue_into, enrolment.revoke, "admin/agents/enrolmentkey/key_issued.html"
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return keys with their tags."""
        return super().get_queryset(request).prefetch_related("tags")

    def get_fields(self, request: HttpRequest, obj: EnrolmentKey | None = None) -> list[Any]:
        """Return what a new key is made from; of one that may be in use, not for how many it is."""
        if obj is None:
            return ["name", "uses_allowed", "expires_at", "network", "tags"]
        return ["name", "expires_at", "network", "tags", *self.readonly_fields]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return a life of a day, for a form that is not filled in yet."""
        ends_at = enrolment.expiry(enrolment.HOURS_DEFAULT, now=timezone.now())
        return {"expires_at": ends_at, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **options: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        """Return check boxes for tags: they need no script, and a reader can name each."""
        options["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **options)

    def state_of(self, row: EnrolmentKey) -> str:
        """Return whether a machine may still enrol with the key."""
        if row.uses >= row.uses_allowed and row.revoked_at is None:
            return "Used up"
        return super().state_of(row)

    @admin.display(description="Enrolled", ordering="uses")
    def enrolled(self, row: EnrolmentKey) -> str:
        """Say how many of how many machines have enrolled."""
        return f"{row.uses} of {row.uses_allowed}"

    @admin.display(description="Tags")
    def tag_list(self, row: EnrolmentKey) -> str:
        """List the tags that the key gives."""
        return ", ".join(sorted(tag.name for tag in row.tags.all()))
