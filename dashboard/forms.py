"""Forms: the log-in."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django.contrib.auth.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    """User name and password, with one button."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Lay the form out; the template has the <form> with its `next`."""
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.add_input(Submit("submit", "Log in", css_class="button-primary button-wide"))
