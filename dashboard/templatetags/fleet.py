"""What the fleet's templates draw often: cells that are drawn once, and links that htmx follows."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.fleet.rows import Cells

register = template.Library()

_DRAWN_AT_MOST: Final = 2000
"""Cells take 3 KB as HTML."""


@register.simple_tag
@lru_cache(maxsize=_DRAWN_AT_MOST)
def cells(row: Cells) -> SafeString:
    """Return the cells of a row, the same for every page and filter it is on."""
    return render_to_string("dashboard/_cells.html", {"row": row})


@register.simple_tag
def goes_to(address: str) -> SafeString:
    """Return the attributes of a link that shows another part of the fleet.

    It is followed without a script too. With one it replaces a poll that is under way, whose answer
    would bring the old part back.
    """
    return format_html(
        'href="{0}" data-hx-get="{0}" data-hx-target="#fleet" data-hx-swap="outerMorph" '
        'data-hx-sync="#fleet:replace"',
        address,
    )


@register.simple_tag(takes_context=True)
def address_of(context: template.Context, **changes: str | int) -> str:
    """Return the address of the present query with `changes`."""
    address: str = context["query"].address(**changes)
    return address
