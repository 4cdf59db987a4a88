"""A program that reads the API with a token."""

from __future__ import annotations

from typing import Any

from django.test import Client


class Reader(Client):
    """A client with a live read token."""

    def read(self, path: str, **query: object) -> Any:
        """Return what the API answers below /api/v1/, which must be a 200 of JSON."""
        answer = self.get(f"/api/v1/{path}", query)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/json"
        return answer.json()
