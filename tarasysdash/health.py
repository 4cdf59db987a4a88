"""GET /healthz: whether the server does its work, for monitoring and load balancers.

It says no more than that, because nobody has to log in for it.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from metrics.runs import is_alive

logger = logging.getLogger(__name__)


_told: set[str] = set()
"""The parts that failed when it was last told: probes come every few seconds, for days."""


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 200 where all is well, else 503 with what is not: database or worker."""
    failing = _failing()
    _tell(failing)
    content = {"status": "failing", "failing": list(failing)} if failing else {"status": "ok"}
    return HttpResponse(
        msgspec.json.encode(content),
        status=HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _failing() -> dict[str, str]:
    """Return which parts do not do their work, and why; found out with one query."""
    try:
        alive = is_alive(now=timezone.now())
    except DatabaseError as error:
        return {"database": f"does not answer: {error}"}
    return {} if alive else {"worker": "has not run lately"}


def _tell(failing: dict[str, str]) -> None:
    """Log which part fails, and that none does any more, once each."""
    for part in failing.keys() - _told:
        logger.error("/healthz: the %s %s", part, failing[part])
    if _told and not failing:
        logger.warning("/healthz: all is well again")
    _told.clear()
    _told.update(failing)
