"""The forms of an account and of a role: rights in words, grouped, in boxes to tick."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from unfold import widgets
from unfold.forms import UserChangeForm

from config.staff import rights


class RightsWidget(forms.CheckboxSelectMultiple):
    """A box for each right, under the place that it is about."""

    template_name = "staff/rights.html"

    class Media:
        css = {"all": ["heed/staff.css", "heed/rights.css"]}


class RightsField(forms.TypedMultipleChoiceField):
    """Permissions by their names, which the table in `rights` puts in words."""

    def __init__(self, **kwargs: Any) -> None:
        # A title and its explanation are drawn apart, so the label is the right itself.
        choices: Any = [
            (place, [(each.permission, each) for each in given]) for place, given in rights.GROUPED
        ]
        super().__init__(choices=choices, widget=RightsWidget, required=False, **kwargs)


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """What it is called, and what whoever has it may do."""

    rights = RightsField(label="What it lets somebody do")

    class Meta:
        model = Group
        fields = ("name",)
        help_texts = {"name": "As you call this work here: Front desk, Privacy."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["rights"] = _ticked(self.instance.permissions)


class AccountForm(UserChangeForm):
    """Who somebody is, which roles they have, and what they may do beside these."""

    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label="Roles",
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What each lets somebody do stands under Settings, Roles.",
    )
    rights = RightsField(label="Beside the roles")

    class Meta:
        model = User
        fields = "__all__"
        labels = {"is_active": "May sign in", "is_superuser": "Administrator"}
        help_texts = {
            "username": "It stays, because the ledger names it.",
            "is_active": "Take it away when somebody leaves. The account stays, because the ledger names it.",
            "is_superuser": "May do everything, and manages accounts and roles.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["rights"] = _ticked(self.instance.user_permissions)


def _ticked(given: Any) -> list[str]:
    return [each.permission for each in rights.given(given.select_related("content_type"))]
