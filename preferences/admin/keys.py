"""Keys: issued once, shown once, revoked by a confirmed act."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from preferences.admin.base import Confirm, StaffAdmin, refusal
from preferences.errors import Refused
from preferences.models import ApiKey, Source
from preferences.services import issue_key, new_key_id, revoke_key
from preferences.terms import Scope

SHOWN = ("name", "source", "may", "state", "last_used", "created_at", "created_by", "expires_at")


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """Whose key it is, and what it may do."""

    source = forms.ModelChoiceField(
        Source.objects.filter(is_active=True).order_by("name"),
        widget=UnfoldAdminSelectWidget,
        help_text="Whose key it is. A source that is not in use gets none.",
    )
    scopes = forms.TypedMultipleChoiceField(
        label="What it may do",
        choices=Scope.choices,
        coerce=Scope,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Tick only what this system needs.",
    )

    new = forms.CharField(widget=forms.HiddenInput, initial=new_key_id, required=False)

    class Meta:
        model = ApiKey
        fields = ("source", "name", "scopes", "expires_at")
        help_texts = {"name": "What you will know it by.", "expires_at": "Empty: never."}

    def clean_expires_at(self) -> Any:
        expires = self.cleaned_data["expires_at"]
        if expires and expires <= timezone.now():
            raise forms.ValidationError("This is over already.")
        return expires


class Revoke(Confirm):
    """End a key at once."""

    def __init__(self, key: ApiKey) -> None:
        self.key = key
        source, pk = key.source, key.pk
        used = f"last used on {key.last_used_on:%B %-d, %Y}" if key.last_used_on else "never used"
        others = source.keys.filter(revoked_at__isnull=True).exclude(pk=pk).count()
        left = (
            f"{source} has {others} other key{'s'[: others != 1]}, which still let{'s'[: others == 1]} it in."
            if others
            else f"It is the only key of {source}: nothing that {source} sends is heard until it has another."
        )
        super().__init__(
            title=f"Revoke “{key.name}”?",
            words=[
                f"{source} stops working with this key at once, and it can't be undone.",
                left,
                f"It was {used}.",
            ],
            button="Revoke this key",
            back=reverse("admin:preferences_apikey_change", args=[pk]),
            danger=True,
        )

    def act(self, request: HttpRequest) -> str:
        revoke_key(key=self.key)
        return f"Revoked: {self.key.source} is no longer let in with “{self.key.name}”."


@admin.register(ApiKey)
class ApiKeyAdmin(StaffAdmin):
    """A key is made or revoked, never changed."""

    intro = "What lets a source in. Only a fingerprint of a key is kept: a lost key is replaced, not found."
    empty = "No keys yet: a source is let in once it has one."
    form = KeyForm
    list_display = ("name", "source", "may", "last_used", "state")
    list_filter = ("source",)
    list_select_related = ("source",)
    ordering = ("revoked_at", "source__name", "name")
    actions_detail = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return SHOWN if obj else ("source", "name", "scopes", "expires_at", "new")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return SHOWN if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest, object_id: str) -> bool:
        may = request.user.has_perm("preferences.change_apikey")
        return may and ApiKey.objects.filter(pk=object_id, revoked_at__isnull=True).exists()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The page of a new key, loaded again, sends its form again: that makes no second key."""
        try:
            answer: HttpResponse = super().add_view(request, form_url, extra_context)
        except Refused as refused:
            messages.error(request, refusal(refused))
            return HttpResponseRedirect(reverse("admin:preferences_apikey_changelist"))
        return answer

    def save_model(self, request: Any, obj: ApiKey, form: KeyForm, change: bool) -> None:
        request.issued = issue_key(
            source=obj.source,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            created_by=request.user.get_username(),
            expires_at=obj.expires_at,
            key_id=form.cleaned_data["new"],
        )
        obj.pk = request.issued.key.pk

    def response_add(self, request: Any, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The only page that ever shows the secret; nothing of it goes into a message, a cookie or a URL."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Your new key",
            "opts": self.opts,
            "key": request.issued.key,
            "secret": request.issued.secret,
        }
        return TemplateResponse(request, "preferences/admin/issued.html", context)

    @action(description="Revoke", url_path="revoke", icon="key_off", permissions=["revoke"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, Revoke(ApiKey.objects.select_related("source").get(pk=object_id)))

    @display(description="May")
    def may(self, key: ApiKey) -> str:
        return "; ".join(Scope(scope).label for scope in key.scopes)

    @display(description="Last used", ordering="last_used_on")
    def last_used(self, key: ApiKey) -> str:
        return f"{key.last_used_on:%b %-d, %Y}" if key.last_used_on else "never"

    @display(description="State", label={"in use": "success", "expired": "warning", "revoked": "danger"})
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revoked"
        return "expired" if key.expires_at and key.expires_at <= timezone.now() else "in use"
