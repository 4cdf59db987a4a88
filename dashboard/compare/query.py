"""What the address of the comparison asks for, and the form that asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.http import QueryDict

from agents.models import validate_agent_id
from dashboard.chart import LINES_MAXIMUM
from dashboard.compare.measures import DEFAULT, Measure
from dashboard.compare.offers import choices, find_measure
from dashboard.ranges import RANGES, Range


class View(StrEnum):
    """How the comparison is drawn."""

    HEAT = "heat"
    RANK = "rank"
    SMALL = "small"
    CHART = "chart"


TITLES: Final = {
    View.HEAT: "Heat map",
    View.RANK: "Ranking",
    View.SMALL: "Small charts",
    View.CHART: "One chart",
}
RANGE_NAMES: Final = ("1h", "6h", "24h", "7d", "30d")
DEFAULT_RANGE: Final = RANGES["24h"]


@dataclass(frozen=True, slots=True)
class CompareQuery:
    """What is asked for. Without `agents` the highest of the tag are on the one chart."""

    measure: Measure = DEFAULT
    tag: str = ""
    view: View = View.HEAT
    range: Range = DEFAULT_RANGE
    agents: tuple[str, ...] = ()
    page: int = 1

    def address(self, **changes: Any) -> str:
        """Return the query string of this query with `changes`; "?" where it says nothing.

        What is shown otherwise starts on its first page again.
        """
        wanted = replace(self, **({"page": 1} | changes))
        pairs = [
            ("metric", wanted.measure.name, DEFAULT.name),
            ("tag", wanted.tag, ""),
            ("view", str(wanted.view), View.HEAT.value),
            ("range", wanted.range.name, DEFAULT_RANGE.name),
            *(("agent", agent, "") for agent in wanted.agents),
            ("page", str(wanted.page), "1"),
        ]
        return f"?{urlencode([(name, said) for name, said, default in pairs if said != default])}"


class CompareForm(forms.Form):
    """The choices over the comparison. What cannot be read is as good as not asked for."""

    metric = forms.ChoiceField(label="Metric", required=False)
    tag = forms.ChoiceField(label="Agents", required=False)
    view = forms.ChoiceField(
        choices=[(view.value, title) for view, title in TITLES.items()],
        required=False,
        widget=forms.HiddenInput,
    )
    range = forms.ChoiceField(
        label="Over the last",
        choices=[(name, RANGES[name].title) for name in RANGE_NAMES],
        required=False,
    )
    page = forms.IntegerField(min_value=1, required=False)

    def __init__(self, asked: QueryDict, *, tags: Sequence[str]) -> None:
        """Offer `tags`; what is not asked for stands at its default."""
        initial = {"metric": DEFAULT.name, "view": View.HEAT.value, "range": DEFAULT_RANGE.name}
        said = {name: asked.get(name, "") for name in ("metric", "tag", "view", "range", "page")}
        filled = initial | {name: value for name, value in said.items() if value}
        measure = find_measure(filled["metric"])
        # A metric has one name here, whichever of its two it was asked by.
        filled["metric"] = measure.name if measure else ""
        super().__init__(filled, auto_id="compare-%s")
        self._agents = asked.getlist("agent")
        self.label_suffix = ""
        self._offer("tag", [("", "All tags"), *((tag, tag) for tag in tags)])
        self._offer("metric", choices(filled["metric"]))
        self.helper = _helper()

    def _offer(self, name: str, offered: Sequence[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = offered

    def query(self) -> CompareQuery:
        """Return what is asked for, without what cannot be read."""
        self.is_valid()
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return CompareQuery(
            measure=find_measure(known.get("metric", "")) or DEFAULT,
            tag=known.get("tag", ""),
            view=View(known.get("view", View.HEAT)),
            range=RANGES[known.get("range", DEFAULT_RANGE.name)],
            agents=tuple(dict.fromkeys(filter(_is_agent_id, self._agents)))[:LINES_MAXIMUM],
            page=known.get("page", 1),
        )


def _is_agent_id(text: str) -> bool:
    try:
        validate_agent_id(text)
    except forms.ValidationError:
        return False
    return True


def _helper() -> FormHelper:
    """Lay the choices out side by side; the template has the <form>, which htmx sends too."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(Div("metric", "tag", "view", "range", css_class="compare-fields"))
    return helper
