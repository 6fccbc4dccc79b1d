"""The systems that are told: how they fare, how they are set up, and whether they run."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from destinations import circuit, declaring, rates
from destinations.admin import running
from destinations.admin.acts import SystemActs
from destinations.admin.declared_form import PREFIX
from destinations.admin.mapper_acts import MapperActs
from destinations.admin.system_form import (
    FACTS,
    SystemForm,
    form_for,
    label_field,
    limits_of,
    settings_of,
)
from destinations.connectors import CONNECTORS
from destinations.contract import By, Connector
from destinations.health import Health, health
from destinations.mapping.wording import rows_words
from destinations.models import Destination
from destinations.services import rate_of, save_destination, save_or_ask
from destinations.terms import DestinationState
from preferences.catalogue import catalogue
from preferences.languages import language_name, others
from preferences.services import in_force
from preferences.terms import RevisionKind

REMOVED = "This kind of system is no longer supported: it is told nothing, and can't be changed here."
LABELS = "Who reads a language in which it is empty sees the English public label."
CHOOSE = "Choose what Heed shall talk to. What it needs to know comes next."
TONES = {
    DestinationState.LIVE.label: "success",
    DestinationState.SHADOW.label: "info",
    DestinationState.PAUSED.label: "warning",
}


class WithHealth(ChangeList):
    """The list, with how each system fares: one query for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = health()
        for system in self.result_list:
            system.health = found.get(system.pk, Health())


@admin.register(Destination)
class SystemAdmin(MapperActs, SystemActs):
    """Never deleted: what it was told stays on record."""

    intro = "Every system that talks to patients, and whether it has heard them."
    empty = "No system is connected yet: what people say reaches nobody. Add the first one."
    form = SystemForm
    list_display = ("name", "kind", "purpose", "running", "fares")
    readonly_fields = ("kind", "running", "fares", "pace", "works", "rows", "called")
    ordering = ("name",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return WithHealth

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """First the kind of system; its form follows."""
        if request.GET.get("connector") in CONNECTORS or not self.has_add_permission(request):
            answer: HttpResponse = super().add_view(request, form_url, extra_context)
            return answer
        context = {**self.admin_site.each_context(request), "title": "Which kind of system?"}
        context |= {"opts": self.opts, "asked": "connector", "lead": CHOOSE}
        context["choices"] = [
            {
                "slug": each.slug,
                "name": each.name,
                "words": _told_how(each),
                "picture": declaring.picture_of(each),
            }
            for each in CONNECTORS.values()
        ]
        return TemplateResponse(request, "destinations/admin/choose.html", context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        slug = self._connector(request, obj)
        fields = [*self._facts(obj), *limits_of(slug)]
        return form_for(super().get_form(request, obj, change, **{**kwargs, "fields": fields}), slug)

    def _connector(self, request: HttpRequest, obj: Destination | None) -> str:
        return obj.connector if obj else request.GET.get("connector", "")

    def _facts(self, obj: Destination | None) -> list[str]:
        """The slug and the kind are fixed once made; the state is changed by buttons that ask first."""
        return [name for name in FACTS if name != "slug" or not obj]

    def get_readonly_fields(self, request: HttpRequest, obj: Destination | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str, dict[str, Any]]]:
        slug = self._connector(request, obj)
        may = self.has_change_permission(request, obj) if obj else True
        needs = [PREFIX + name for name in settings_of(slug)] if may else []
        about = ["kind", "running", "fares", "slug", *self._facts(obj)] if obj else self._facts(obj)
        known = CONNECTORS.get(slug)
        live = obj is not None and obj.state == DestinationState.LIVE
        words = running.before_saving() if live and may else ""
        connection = {"fields": needs, "description": words if known else REMOVED}
        labels = [label_field(language) for language in others()] if may else ["called"]
        limits = [*(["pace"] if obj else []), *limits_of(slug)]
        return [
            ("What it is", {"fields": about}),
            (f"How {known.name if known else slug} is reached", connection),
            ("What patients call it", {"fields": labels, "description": LABELS}),
            ("How it is told", {"fields": limits}),
            ("How this kind of system works", {"fields": ("works",)}),
            *([("What it is told", {"fields": ("rows",)})] if obj and _has_rows(slug) else []),
        ]

    def save_model(self, request: Any, obj: Destination, form: SystemForm, change: bool) -> None:
        facts = {
            "connector": form.connector,
            "slug": obj.slug,
            "name": obj.name,
            "public_label": obj.public_label,
            "public_labels": form.labels,
            "purpose": obj.purpose,
            "settings": form.settings,
            "secrets": form.secrets,
            "agreement": obj.agreement,
            "told_confidential": obj.told_confidential,
            "rate": obj.rate,
            "reads_back": obj.reads_back,
            "author": request.user.get_username(),
        }
        if not change:
            obj.pk = save_destination(state=obj.state, **facts).pk
            return
        # Whether it runs is changed by its buttons alone: what a colleague has just paused stays so.
        stands = Destination.objects.select_for_update().get(pk=obj.pk)
        was_live = stands.state == DestinationState.LIVE
        saved = save_or_ask(destination=stands, state=stands.state, **facts)
        if was_live and saved.state == DestinationState.SHADOW:
            messages.warning(request, running.held_back(saved))
        if saved.purpose != facts["purpose"]:
            messages.warning(request, running.still_advertising(saved))

    @display(description="Kind of system", ordering="connector")
    def kind(self, system: Destination) -> str | SafeString:
        known = CONNECTORS.get(system.connector)
        if known is None:
            return f"{system.connector} (no longer supported)"
        context = {"name": known.name, "picture": declaring.picture_of(known)}
        return render_to_string("destinations/admin/kind.html", context)

    @display(description="State", ordering="state", label=TONES)
    def running(self, system: Destination) -> str:
        return DestinationState(system.state).label

    @display(description="How it fares")
    def fares(self, system: Any) -> SafeString:
        stands = getattr(system, "health", None) or health([system.pk]).get(system.pk, Health())
        context = {"health": stands, "system": system, "answers": circuit.in_words(system, timezone.now())}
        return render_to_string("destinations/admin/health.html", context)

    @display(description="How fast it is called")
    def pace(self, system: Destination) -> str:
        """What it may be called, and how much of that is left."""
        rate = rate_of(system)
        if rate is None:
            return "As fast as it answers. If it asks us to slow down, we do."
        shared = system.account.destination_set.count() if system.account else 1
        others = f", together with {shared - 1} more on the same account" if shared > 1 else ""
        return f"At most {rates.in_words(rate)}{others}. If it asks us to slow down, we do."

    @display(description="Public label in other languages")
    def called(self, system: Destination) -> str:
        """For whoever may only look."""
        labels = [f"{language_name(code)}: {label}" for code, label in system.public_labels.items()]
        return "; ".join(labels) or "None yet"

    @display(description="As Heed knows it")
    def works(self, system: Destination) -> SafeString:
        """What its connector declares; on the page for a new one the kind stands in its address."""
        known = CONNECTORS.get(system.connector)
        context = {"declared": declaring.in_words(known).items() if known else ()}
        return render_to_string("destinations/admin/declared.html", context)

    @display(description="The fields it holds")
    def rows(self, system: Destination) -> SafeString:
        known = CONNECTORS.get(system.connector)
        stands = in_force(RevisionKind.MAPPER, system.slug)
        body = stands.body["rows"] if stands else known.rows if known else ()
        rows = list(rows_words(body, catalogue()))
        context = {"rows": rows, "everything": known and known.wants_snapshot}
        return render_to_string("destinations/admin/rows.html", context)


def _has_rows(connector: str) -> bool:
    """Is it told of preferences, by a mapper?"""
    return connector not in CONNECTORS or CONNECTORS[connector].takes_preferences


def _told_how(connector: Connector) -> str:
    if not connector.takes_preferences:
        return "Is told of events that the rules let pass"
    if connector.wants_snapshot:
        return "Is told everything about a person"
    if connector.addresses == By.ADDRESS:
        return "Is told address by address"
    return "Is told person by person"
