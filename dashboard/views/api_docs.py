"""The page that tells programmers what the API takes and answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.api_docs import api_docs
from dashboard.compression import compressed_page
from dashboard.login import page_login_required


@require_GET
@compressed_page
@page_login_required
def api_documentation(request: HttpRequest) -> HttpResponse:
    """Show what the API takes and answers."""
    origin = request.build_absolute_uri("/").rstrip("/")
    return render(request, "dashboard/api_docs.html", {"docs": api_docs(), "origin": origin})
