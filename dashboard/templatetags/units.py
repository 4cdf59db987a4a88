"""The formats of `dashboard.units` as template filters, and moments as <time>."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard import units

register = template.Library()


def _filter_of(format_: Callable[[float], str]) -> Callable[[float | None], str]:
    def formatted(value: float | None) -> str:
        return units.NO_VALUE if value is None else format_(value)

    return formatted


for _name, _format in units.FORMATS.items():
    register.filter(_name, _filter_of(_format))


@register.simple_tag
def moment(at: datetime | None) -> SafeString | str:
    """Return `at` as <time> that reads "4 s ago"; times.js keeps it so, in the browser's zone."""
    if at is None:
        return units.NO_VALUE
    elapsed = max(0.0, (timezone.now() - at).total_seconds())
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago>{} ago</time>',
        utc.isoformat(timespec="seconds"),
        utc.strftime("%Y-%m-%d %H:%M:%S"),
        units.duration(elapsed),
    )


@register.simple_tag
def absolute(at: float) -> SafeString:
    """Return Unix seconds as <time> in UTC; scripts show it in the browser's zone."""
    utc = datetime.fromtimestamp(at, tz=UTC)
    shown = f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"
    return format_html('<time datetime="{}">{}</time>', utc.isoformat(timespec="seconds"), shown)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return a symbol of the sprite; without a label it is decoration."""
    if label:
        spoken = format_html('role="img" aria-label="{}"', label)
    else:
        spoken = SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{}" {}><use href="{}#{}"></use></svg>',
        name,
        spoken,
        static("dashboard/icons.svg"),
        name,
    )
