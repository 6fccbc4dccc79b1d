"""Who works here: accounts and roles, for administrators only, who could give themselves any right anyway."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from config.staff import rights
from config.staff.accounts import AccountForm, RoleForm
from preferences.admin.base import NOBODY, StaffAdmin, link, stacked

admin.site.unregister(User)
admin.site.unregister(Group)
# The pages' headings are made of these.
User._meta.verbose_name, User._meta.verbose_name_plural = "staff account", "staff"
Group._meta.verbose_name, Group._meta.verbose_name_plural = "role", "roles"

OWN = ("is_active", "is_superuser")


class AdministratorsOnly:
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
class AccountAdmin(AdministratorsOnly, BaseUserAdmin, StaffAdmin):  # type: ignore[type-arg, misc]
    """Accounts are never deleted or renamed, because the ledger names them."""

    form, add_form, change_password_form = AccountForm, UserCreationForm, AdminPasswordChangeForm
    add_form_template = None
    intro = (
        "Everybody who works with Heed. An account is never deleted: take away “May sign in” instead. "
        "What somebody may do comes from their roles; an administrator may do everything."
    )
    list_display = ("username", "name", "email", "roles", "administrator", "may_sign_in", "last_login")
    list_filter = ()  # type: ignore[misc]  # two bases declare it, each in its way
    fieldsets = (
        (None, {"fields": ("username", "new_password", "first_name", "last_name", "email")}),
        ("What they may do", {"fields": ("groups", *OWN)}),
        ("Rights of this account alone", {"fields": ("rights",), "classes": ("collapse",)}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Nobody can lock themselves out: what lets one in, only another administrator can take away."""
        if obj is None:
            return ()
        own = OWN if obj == request.user else ()
        return ("username", "new_password", "last_login", "date_joined", *own)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True  # Heed has no other accounts: patients never have one
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            form.instance.user_permissions.set(rights.rows(form.cleaned_data["rights"]))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """One's own is changed on one's own page, which asks for the old one and can't take it away."""
        if id == str(request.user.pk):
            return redirect("admin:password_change")
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        return answer

    @display(description="Password")
    def new_password(self, account: User) -> SafeString:
        return link(reverse("admin:auth_user_password_change", args=[account.pk]), "Give them a new one")

    @display(description="Name")
    def name(self, account: User) -> str:
        return account.get_full_name() or NOBODY

    @display(description="Roles")
    def roles(self, account: User) -> str | SafeString:
        names = sorted(each.name for each in account.groups.all())
        return stacked(names) if names else NOBODY

    @display(description="Administrator", boolean=True, ordering="is_superuser")
    def administrator(self, account: User) -> bool:
        return account.is_superuser

    @display(description="May sign in", boolean=True, ordering="is_active")
    def may_sign_in(self, account: User) -> bool:
        return account.is_active and account.is_staff


@admin.register(Group)
class RoleAdmin(AdministratorsOnly, BaseGroupAdmin, StaffAdmin):  # type: ignore[misc]
    """A role is a set of rights that accounts share."""

    form = RoleForm
    fields = ("name", "rights")
    filter_horizontal = ()
    change_form_before_template = "staff/role_presets.html"
    intro = "What people who do the same work may do. A change counts at once for everybody who has the role."
    empty = "No roles yet. Add one: you can start from roles that fit most organisations."
    list_display = ("name", "held", "lets")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        counted: QuerySet[Group] = super().get_queryset(request).annotate(held=Count("user", distinct=True))
        return counted.prefetch_related("permissions__content_type")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new one can start from what fits most."""
        answer: HttpResponse = super().add_view(request, form_url, {"presets": rights.PRESETS})
        return answer

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        chosen = [each for each in rights.PRESETS if each.slug == request.GET.get("like")]
        return {"name": chosen[0].name, "rights": sorted(chosen[0].permissions)} if chosen else {}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.permissions.set(rights.rows(form.cleaned_data["rights"]))

    @display(description="People", ordering="held")
    def held(self, role: Any) -> int:
        return int(role.held)

    @display(description="Rights")
    def lets(self, role: Group) -> str:
        """How many rights there are of each kind: the form says which."""
        given = rights.given(role.permissions.all())
        counts = (
            (place.lower(), len([each for each in of if each in given])) for place, of in rights.GROUPED
        )
        return ", ".join(f"{count} about {place}" for place, count in counts if count) or NOBODY
