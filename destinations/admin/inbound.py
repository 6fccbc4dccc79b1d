"""Incoming connections: which systems tell Heed, and whether they are heard."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.timesince import timesince
from unfold import widgets
from unfold.decorators import display

from destinations import credentials
from destinations.admin.declared_form import PREFIX, DeclaredForm
from destinations.contract import Setting
from destinations.models import Destination, Inbound
from destinations.services.listening import check_inbound, save_inbound
from destinations.vendors import VENDORS
from preferences.admin.base import NOBODY, StaffAdmin
from preferences.errors import Malformed

OWN = ("name", "slug", "speaks_for_person", "system")
CHOOSE = "Choose which system shall tell Heed. What it needs to prove who it is comes next."
OWN_WORD = "Its opt-ins count as the person’s own: where only they can have said so."


class InboundForm(DeclaredForm):
    """What every incoming connection has; `form_for` adds what one vendor needs."""

    vendor = ""
    name = forms.CharField(max_length=100, widget=widgets.UnfoldAdminTextInputWidget())
    slug = forms.SlugField(
        max_length=50,
        label="Address",
        help_text="The last part of the address that the system calls. It never changes.",
        widget=widgets.UnfoldAdminTextInputWidget(),
    )
    speaks_for_person = forms.BooleanField(
        required=False,
        label="Speaks for the person",
        help_text=OWN_WORD,
        widget=widgets.UnfoldBooleanSwitchWidget(),
    )
    system = forms.ModelChoiceField(
        Destination.objects.none(),
        required=False,
        label="The same system, as Heed tells it",
        help_text="Its mapper says which category a group or a field there stands for.",
        widget=widgets.UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = Inbound
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance if self.instance.pk else None
        connector = VENDORS[self.vendor].connector if self.vendor in VENDORS else ""
        choices = Destination.objects.filter(connector=connector)
        self.fields["system"].queryset = choices  # type: ignore[attr-defined]
        if not connector:  # nobody whom Heed could tell
            self.fields["system"].widget = self.fields["system"].hidden_widget()
        if known:
            self.fields.pop("slug")
            self.initial["name"] = known.source.name
            self.initial["speaks_for_person"] = known.source.speaks_for_person
            self.initial["system"] = Destination.objects.filter(source=known.source_id).first()
        self.declare(declared(self.vendor))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.take(given)
        if not self.errors:
            self._check(given)
        return given

    def _check(self, given: Mapping[str, Any]) -> None:
        standing = credentials.standing(bytes(self.instance.secrets))
        try:
            check_inbound(
                vendor=self.vendor,
                settings=self.settings,
                secrets=standing | {name: value for name, value in self.secrets.items() if value},
                system=given.get("system"),
                inbound=self.instance if self.instance.pk else None,
            )
        except Malformed as refused:
            self.add_error(None, f"{refused.message[:1].upper()}{refused.message[1:]}.")


def declared(vendor: str) -> Mapping[str, Setting]:
    """What a vendor needs; one that is no longer supported needs nothing."""
    return VENDORS[vendor].settings if vendor in VENDORS else {}


@admin.register(Inbound)
class InboundAdmin(StaffAdmin):
    """Never deleted: what it said stays on record."""

    intro = "The systems that tell Heed what people want: at which address, and whether they are heard."
    empty = "No system tells Heed yet: what people say elsewhere stays there. Add the first one."
    list_display = ("source", "kind", "system", "heard", "refused")
    list_select_related = ("source",)
    ordering = ("source__name",)
    readonly_fields = ("kind", "address", "heard", "refused")

    def get_queryset(self, request: HttpRequest) -> Any:
        told = Destination.objects.filter(source=OuterRef("source")).values("name")[:1]
        return super().get_queryset(request).annotate(told_as=Subquery(told))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """First the vendor; its form follows."""
        if request.GET.get("vendor") in VENDORS or not self.has_add_permission(request):
            answer: HttpResponse = super().add_view(request, form_url, extra_context)
            return answer
        context = {**self.admin_site.each_context(request), "title": "Who shall tell Heed?"}
        context |= {"opts": self.opts, "asked": "vendor", "lead": CHOOSE}
        context["choices"] = [
            {"slug": each.slug, "name": each.name, "picture": f"heed/kinds/{each.glyph}.svg"}
            for each in VENDORS.values()
        ]
        return TemplateResponse(request, "destinations/admin/choose.html", context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        slug = obj.vendor if obj else request.GET.get("vendor", "")

        class Form(InboundForm):
            vendor = slug

        return Form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str, dict[str, Any]]]:
        vendor = obj.vendor if obj else request.GET.get("vendor", "")
        own = [each for each in OWN if not (obj and each == "slug")]
        about = ["kind", "address", "heard", "refused", *own] if obj else own
        return [
            ("What it is", {"fields": about}),
            ("How it proves who it is", {"fields": [PREFIX + name for name in declared(vendor)]}),
        ]

    def save_model(self, request: Any, obj: Inbound, form: InboundForm, change: bool) -> None:
        given = form.cleaned_data
        saved = save_inbound(
            inbound=obj if change else None,
            slug=given.get("slug", ""),
            name=given["name"],
            vendor=form.vendor,
            settings=form.settings,
            secrets=form.secrets,
            speaks_for_person=given["speaks_for_person"],
            system=given["system"],
        )
        obj.source = saved.source

    @display(description="Vendor", ordering="vendor")
    def kind(self, inbound: Inbound) -> str:
        return VENDORS[inbound.vendor].name if inbound.vendor in VENDORS else inbound.vendor

    @display(description="Address to give to the system")
    def address(self, inbound: Inbound) -> str:
        return f"{settings.PUBLIC_URL}/inbound/{inbound.source.slug}"

    @display(description="The same system, as Heed tells it")
    def system(self, inbound: Any) -> str:
        return inbound.told_as or NOBODY

    @display(description="Last heard")
    def heard(self, inbound: Inbound) -> str:
        return f"{timesince(inbound.heard_at)} ago" if inbound.heard_at else "never"

    @display(description="Last refused")
    def refused(self, inbound: Inbound) -> str:
        if not inbound.refused_at:
            return NOBODY
        return f"{timesince(inbound.refused_at)} ago: {inbound.refused_why}"
