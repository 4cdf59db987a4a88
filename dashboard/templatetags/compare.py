"""Values of what agents are compared by."""

from __future__ import annotations

from django import template

from dashboard.compare.measures import Measure
from dashboard.compare.page import text_of

register = template.Library()


@register.simple_tag
def written(value: float | None, measure: Measure) -> str:
    """Return a value of a measure as people read it, a dash for none."""
    return text_of(value, measure)
