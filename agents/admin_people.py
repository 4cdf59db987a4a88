"""People and groups in the admin: Django's own, with check boxes for what they may do.

The pair of lists that Django shows needs a script, and says nothing to a screen reader.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import ManyToManyField
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest

admin.site.unregister([Group, User])


class CheckBoxes(admin.ModelAdmin):
    """Every choice of several is a check box."""

    filter_horizontal = ()

    def formfield_for_manytomany(
        self,
        db_field: ManyToManyField[Any, Any],
        request: HttpRequest | None = None,
        **options: Any,
    ) -> ModelMultipleChoiceField[Any] | None:
        """Return check boxes: they need no script, and a reader can name each."""
        options["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[arg-type]


@admin.register(Group)
class GroupWithCheckBoxes(CheckBoxes, GroupAdmin):
    """Groups: what their people may do."""


@admin.register(User)
class UserWithCheckBoxes(CheckBoxes, UserAdmin):
    """Users: who they are, and what they may do. When they came is for nobody to edit."""

    readonly_fields = ("last_login", "date_joined")
