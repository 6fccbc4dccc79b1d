"""Who works here: accounts and groups, for superusers only, who could give themselves any right anyway."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from preferences.admin.base import StaffAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


class SuperusersOnly:
    """Nobody else may see, make or change these."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(User)
class UserAdmin(SuperusersOnly, BaseUserAdmin, StaffAdmin):  # type: ignore[type-arg, misc]
    """Accounts are never deleted, because the ledger names them: take away *Active* instead."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    intro = "Everybody who works with Heed. An account is never deleted: take away “Active” instead."


@admin.register(Group)
class GroupAdmin(SuperusersOnly, BaseGroupAdmin, StaffAdmin):  # type: ignore[misc]
    """A group is a set of rights that accounts share."""

    intro = "Sets of rights that accounts share."
    empty = "No groups yet: each account has rights of its own."
