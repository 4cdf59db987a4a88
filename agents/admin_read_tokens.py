"""Read tokens in the admin: made with a name for a program that reads."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agents import read_tokens
from agents.admin_secrets import SecretAdmin, SecretKind
from agents.models import ReadToken


class ReadTokenAdmin(SecretAdmin):
    """Read tokens: which programs may read."""

    list_display = [
        *("name", "starts_with", "state", "created_at", "created_by", "last_used_at", "expires_at"),
    ]
    search_fields = ["name", "prefix"]
    ordering = ["name", "-pk"]
    kind = SecretKind(
        read_tokens.issue_into, read_tokens.revoke, "admin/agents/readtoken/token_issued.html"
    )

    def get_fields(self, request: HttpRequest, obj: ReadToken | None = None) -> list[Any]:
        """Return what a new token is made from, or all that is known of one."""
        return ["name", "expires_at", *(self.readonly_fields if obj else ())]
