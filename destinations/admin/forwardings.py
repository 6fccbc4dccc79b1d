"""Which event went to which system, and why, or why not."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from destinations.connectors import CONNECTORS
from destinations.forwarding.previewing import preview
from destinations.forwarding.wording import explained, redactions, why
from destinations.models import Destination, Forwarding
from destinations.terms import ForwardingState
from governance.policy import rule_names
from preferences.admin.base import NOBODY, NotedAdmin
from preferences.models import Profile

TAKEN = "Taken, and not confirmed yet"  # a job over there: it is asked about, not sent again
TONES = {
    ForwardingState.SENT.label: "success",
    ForwardingState.BLOCKED.label: "info",
    ForwardingState.SHADOW.label: "info",
    ForwardingState.LATER.label: "warning",
    TAKEN: "info",
    ForwardingState.EXPIRED.label: "warning",
    ForwardingState.STUCK.label: "danger",
}


ABOUT = ("happened", "system", "stands", "reads", "left", "routed_at", "settled_at")


class BySystem(admin.RelatedFieldListFilter):
    """Those that take events: their names by one query."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        kinds = [slug for slug, each in CONNECTORS.items() if each.takes_events]
        rows = Destination.objects.filter(connector__in=kinds).order_by("name")
        return list(rows.values_list("pk", "name"))


@admin.register(Forwarding)
class ForwardingAdmin(NotedAdmin):
    """Newest first; what an event held is shown only as what would leave of it."""

    intro = "Each event at each system: whether it went, and by which rules. Newest first."
    empty = "No event has come in yet that a system could have."
    noted_as = "events at systems"
    list_display = ("happened", "system", "stands", "reads", "routed_at")
    list_filter = (("destination", BySystem), "state")
    list_select_related = ("event", "destination")
    ordering = ("-id",)
    fieldsets = (
        (
            "What happened",
            {"fields": ("happened", "system", "stands", "reads", "left", "routed_at", "settled_at")},
        ),
        ("Why", {"fields": ("trace", "less")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Forwarding | None = None) -> Any:
        """What would leave names the person and says what they did: it is for whoever may see people."""
        shown = super().get_fieldsets(request, obj)
        leaves = ("What leaves", {"fields": ("payload",)})
        return (*shown, leaves) if request.user.has_perm("preferences.view_profile") else shown

    def about(self, obj: Forwarding) -> UUID | None:
        return obj.subject if Profile.objects.filter(pk=obj.subject).exists() else None

    @display(description="Event")
    def happened(self, row: Forwarding) -> str:
        return row.event.name

    @display(description="System", ordering="destination__name")
    def system(self, row: Forwarding) -> str:
        return row.destination.name

    @display(description="Where it stands", label=TONES)
    def stands(self, row: Forwarding) -> str:
        return TAKEN if row.job and row.state == ForwardingState.LATER else row.get_state_display()

    @display(description="Why")
    def reads(self, row: Forwarding) -> str:
        return why(row, rule_names(row.policy) if row.policy else {})

    @display(description="May have arrived")
    def left(self, row: Forwarding) -> str:
        if row.left_at is None:
            return "It has never left."
        return f"First sent at {timezone.localtime(row.left_at):%Y-%m-%d %H:%M:%S}."

    @display(description="Rule by rule")
    def trace(self, row: Forwarding) -> SafeString:
        context = {"found": explained(row), "row": row, "earlier": row.earlier}
        return render_to_string("destinations/admin/forwarding_trace.html", context)

    @display(description="Redacted")
    def less(self, row: Forwarding) -> str:
        return "; ".join(redactions(row)) or NOBODY

    @display(description="What would be sent now")
    def payload(self, row: Forwarding) -> SafeString:
        context = {"found": preview(row, timezone.now()), "system": row.destination}
        return render_to_string("destinations/admin/forwarding_payload.html", context)
