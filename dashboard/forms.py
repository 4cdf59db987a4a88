"""Forms: log-in and password."""

from __future__ import annotations

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


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
