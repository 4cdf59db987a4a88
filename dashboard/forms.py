"""Forms: log-in, password, and the filters of the fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from agents.status import AgentStatus
from dashboard.fleet import SORTS, FleetQuery, FleetRow

SEARCH_MAXIMUM = 200


class _OneButton(forms.Form):
    """A form laid out by crispy, with one wide button; the template has the <form> itself."""

    button: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Lay the form out."""
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.add_input(Submit("submit", self.button, css_class="button-primary button-wide"))


class LoginForm(_OneButton, AuthenticationForm):
    """User name and password."""

    button = "Log in"


class PasswordForm(_OneButton, PasswordChangeForm):
    """The password as it is, and twice as it is to be."""

    button = "Change password"


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
    tag = forms.ChoiceField(
        label="Tag", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    system = forms.ChoiceField(
        label="System", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    status = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "All"), *((status.value, status.value.title()) for status in AgentStatus)],
        widget=forms.RadioSelect,
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[(sign + name, name) for name in SORTS for sign in ("", "-")],
        widget=forms.HiddenInput,
    )

    def __init__(self, asked: Mapping[str, Any], *, rows: Sequence[FleetRow]) -> None:
        """Offer the tags and systems that `rows` have."""
        super().__init__(asked, auto_id="filter-%s")
        tags = sorted({tag for row in rows for tag in row.tags})
        systems = sorted({row.agent.os for row in rows if row.agent.os})
        self._offer("tag", [("", "All tags"), *((tag, tag) for tag in tags)])
        self._offer("system", [("", "All systems"), *((name, name) for name in systems)])

    def query(self) -> FleetQuery:
        """Return what is asked for, without the fields that cannot be read."""
        self.is_valid()
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return FleetQuery(**known)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = choices
