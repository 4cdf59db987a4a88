"""The form behind the filters of the fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms

from dashboard.fleet.lines import Line
from dashboard.fleet.orders import SORTS, offered
from dashboard.fleet.query import FleetQuery
from dashboard.fleet.state import FleetState

SEARCH_MAXIMUM: Final = 200


def _select(label: str) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.ChoiceField(label=label, required=False, widget=widget)


class FleetForm(forms.Form):
    """What the list of agents may be asked for. An unknown choice is as good as none."""

    q = forms.CharField(
        label="Search agents",
        max_length=SEARCH_MAXIMUM,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Search agents", "autocomplete": "off"}
        ),
    )
    tag = _select("Tag")
    system = _select("System")
    sort = _select("Order")
    status = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "All"), *((state.value, state.value.title()) for state in FleetState)],
        widget=forms.RadioSelect,
    )
    page = forms.IntegerField(required=False, min_value=1)

    def __init__(self, asked: Mapping[str, Any], *, lines: Sequence[Line]) -> None:
        """Offer the tags and systems that agents have, and the order that is asked for."""
        super().__init__(asked, auto_id="filter-%s")
        self._offers: list[tuple[str, str]] = []
        tags = sorted({tag for line in lines for tag in line.tags})
        systems = sorted({line.os for line in lines if line.os})
        self._offer("tag", [("", "All tags"), *((tag, tag) for tag in tags)])
        self._offer("system", [("", "All systems"), *((name, name) for name in systems)])
        sort = asked.get("sort", "")
        self._offer("sort", offered(sort if sort.removeprefix("-") in SORTS else ""))

    def query(self) -> FleetQuery:
        """Return what is asked for, without the fields that cannot be read."""
        self.is_valid()
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return FleetQuery(**known)

    @property
    def offers(self) -> tuple[tuple[str, str], ...]:
        """All that there is to choose from, to tell whether it has changed."""
        return tuple(self._offers)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = choices
        self._offers += choices
