"""Comparing systems with Heed: what differs, and mending it in one direction or the other."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from destinations.admin.running import ASKED, SECOND
from destinations.connectors import CONNECTORS
from destinations.models import Discrepancy, Reconciliation, UnknownAddress
from destinations.services import do_or_ask, reach
from destinations.services.mending import leave
from destinations.terms import REASONS, Act, Fault, Side
from preferences.admin.base import NOBODY, Confirm, NotedAdmin, ReadOnlyAdmin, link, link_to_person
from preferences.terms import IdentifierKind

CHANGE = "destinations.change_destination"
UNDER_WAY = "{count:,} are being taken over, one by one: this page shows how many are left."
LATEST = 20  # comparisons that differences can be filtered by


class Mend(Confirm):
    """One of the directions in which what differs is mended."""

    title_of: str
    button_of: str
    words_of: tuple[str, ...]

    def __init__(self, found: Reconciliation) -> None:
        self.reconciliation = found
        back = reverse("admin:destinations_reconciliation_change", args=[found.pk])
        system = found.destination
        words = [each.format(system=system) for each in self.words_of]
        super().__init__(
            title=self.title_of.format(system=system), words=words, button=self.button_of, back=back
        )


class Reaching(Mend):
    """What may reach many, and then takes a second person."""

    kind: Act
    done_of = "Done for {count:,}."

    def __init__(self, found: Reconciliation) -> None:
        super().__init__(found)
        reached = reach(destination=found.destination, act=self.kind, group=str(found.pk))
        if reached.needs_second_person:
            self.button = "Ask a colleague to agree"
            self.words += [f"It changes something for {reached.in_words}. {SECOND}"]

    def act(self, request: HttpRequest) -> str:
        by, found = request.user.get_username(), self.reconciliation
        acted = do_or_ask(destination=found.destination, act=self.kind, group=str(found.pk), by=by)
        return ASKED if acted.approval else self.done_of.format(count=acted.count)


class Push(Reaching):
    """Tell the system again."""

    kind = Act.PUSH
    title_of, button_of = "Tell {system} again what is missing there?", "Tell it again"
    words_of = (
        "Everyone who is out here and not at {system} is told there again.",
        "Nobody is put back on any list.",
    )


class Adopt(Reaching):
    """Count their opt-outs here."""

    kind, done_of = Act.ADOPT, UNDER_WAY
    title_of, button_of = "Take over the opt-outs of {system}?", "Take them over"
    words_of = (
        "Whoever is out at {system} and not here is out here too, for the same messages.",
        "Whoever said yes since then stays in. Every other system is told. A yes is never taken over.",
    )


class Hold(Reaching):
    """Count their opt-outs at addresses that nobody here is known by."""

    kind, done_of = Act.HOLD, UNDER_WAY
    title_of = "Hold the opt-outs of addresses that only {system} knows?"
    button_of = "Hold them"
    words_of = (
        "Heed has never heard of these addresses. Their no is kept on the address: it holds for whoever has "
        "it later, and systems that go by address are told.",
        "Nobody is made a patient, and a yes is never taken over.",
    )


class Leave(Mend):
    """Leave them as they are."""

    title_of, button_of = "Leave the opt-outs of {system} as they are?", "Leave them"
    words_of = ("They stay out at {system}. Here nothing changes. They are no longer shown as open.",)

    def act(self, request: HttpRequest) -> str:
        count = leave(reconciliation=self.reconciliation, by=request.user.get_username())
        return f"{count:,} left as they are."


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    """What was found is mended by buttons that ask first."""

    intro = (
        "Does each system hold what Heed says? Heed looks every few days, and writes nothing. Files, "
        "webhooks, HL7 v2 and whatever is kept by hand cannot be read back: they have no “Compare”."
    )
    empty = "No system has been compared yet. Open a system and choose “Compare”."
    list_display = ("system", "started_at", "seen", "missing", "only", "unknown", "state")
    list_filter = ("destination",)
    list_select_related = ("destination",)
    ordering = ("-id",)
    fields = (
        "system",
        "asked_by",
        "started_at",
        "seen",
        "unseen",
        "missing",
        "only",
        "lists",
        "unknown",
        "not_taken_over",
        "state",
        "people",
    )
    actions_detail: Any = ("push", "adopt", "hold", "leave")

    def get_queryset(self, request: HttpRequest) -> Any:
        def still(side: Side) -> Count:
            return Count("found", filter=Q(found__side=side, found__mended=""))

        counts: dict[str, Any] = {
            "missing_count": still(Side.MISSING_THERE),
            "only_count": still(Side.ONLY_THERE),
            "unknown_count": Subquery(_unknown_addresses()),
        }
        return super().get_queryset(request).annotate(**counts)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    def has_mend_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Once it has ended: what is agreed to must not grow meanwhile."""
        ended = (
            object_id.isdecimal()
            and Reconciliation.objects.filter(pk=object_id, finished_at__isnull=False).exists()
        )
        return ended and request.user.has_perm(CHANGE)

    def has_hold_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Where there is anybody."""
        if not self.has_mend_permission(request, object_id):
            return False
        return UnknownAddress.objects.filter(reconciliation__pk=object_id, mended="").exists()

    @action(description="Tell them again", url_path="push", icon="replay", permissions=["mend"])
    def push(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, Push(_found(object_id)))

    @action(description="Take over their opt-outs", url_path="adopt", icon="download", permissions=["mend"])
    def adopt(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, Adopt(_found(object_id)))

    @action(description="Hold unknown opt-outs", url_path="hold", icon="person_off", permissions=["hold"])
    def hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, Hold(_found(object_id)))

    @action(description="Leave theirs as they are", url_path="leave", icon="check", permissions=["mend"])
    def leave(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, Leave(_found(object_id)))

    @display(description=Side.MISSING_THERE.label)
    def missing(self, found: Any) -> str:
        return f"{found.missing_count:,}"

    @display(description=Side.ONLY_THERE.label)
    def only(self, found: Any) -> str:
        return f"{found.only_count:,}"

    @display(description="No there, unknown here")
    def unknown(self, found: Any) -> str:
        return f"{found.unknown_count or 0:,}"

    @display(description="Could not be taken over")
    def not_taken_over(self, found: Reconciliation) -> str:
        every = [*found.found.values_list("fault", flat=True).exclude(fault="")]
        every += found.unknown.values_list("fault", flat=True).exclude(fault="")
        counts = Counter(every)
        return "; ".join(f"{n:,}: {Fault(each).label}" for each, n in counts.items()) or "none"

    @display(description="Its lists")
    def lists(self, found: Reconciliation) -> str:
        connector = CONNECTORS.get(found.destination.connector)
        if connector is None or not connector.lists_out:
            return "The system cannot list who is out there: addresses that only it knows are not seen."
        if found.unlisted:
            return f"Not read. {REASONS.get(found.unlisted, found.unlisted)}"
        return f"{found.listed:,} opt-outs read"

    @display(description="State", label={"done": "success", "looking": "info", "taking over": "info"})
    def state(self, found: Reconciliation) -> str:
        if found.adopting_by or found.holding_by:
            return "taking over"
        return "done" if found.finished_at else "looking"

    @display(description="System")
    def system(self, found: Reconciliation) -> str:
        return str(found.destination)

    @display(description="Looked at")
    def seen(self, found: Reconciliation) -> str:
        return f"{found.looked_at:,}"

    @display(description="Could not be looked at")
    def unseen(self, found: Reconciliation) -> str:
        return f"{found.unread:,}: {REASONS.get(found.why, found.why)}" if found.unread else "none"

    @display(description="Who")
    def people(self, found: Reconciliation) -> SafeString:
        address = reverse("admin:destinations_discrepancy_changelist")
        return link(f"{address}?reconciliation__id__exact={found.pk}", "See every difference")


class ByComparison(admin.RelatedFieldListFilter):
    """Which comparison found it: the latest ones, by one query."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        latest = Reconciliation.objects.select_related("destination").order_by("-id")[:LATEST]
        return [(each.pk, str(each)) for each in latest]


@admin.register(Discrepancy)
class DiscrepancyAdmin(NotedAdmin):
    """Read only: it is mended from the comparison's page."""

    intro = "Each difference that was found, one field of one person or address a line."
    empty = "Nothing differs."
    noted_as = "differences"
    list_display = ("side", "target", "person", "how", "mended_by", "mended_at")
    list_display_links = None
    list_filter = ("side", "mended", ("reconciliation", ByComparison))
    list_select_related = ("identifier",)
    ordering = ("id",)

    def about(self, obj: Discrepancy) -> UUID | None:
        return obj.identifier_id if obj.identifier.kind == IdentifierKind.HEED else None

    @display(description="Person")
    def person(self, found: Discrepancy) -> str | SafeString:
        if found.identifier.kind == IdentifierKind.HEED:
            return link_to_person(found.identifier_id)
        return found.identifier.get_kind_display()

    @display(description="What was done")
    def how(self, found: Discrepancy) -> str:
        if found.fault:
            return f"Could not be taken over: {found.get_fault_display()}"
        return found.get_mended_display() or NOBODY


def _unknown_addresses() -> Any:
    """How many addresses, each counted once, whatever they are out of."""
    still = UnknownAddress.objects.filter(reconciliation=OuterRef("pk"), mended="").order_by()
    return still.values("reconciliation").annotate(n=Count("fingerprint", distinct=True)).values("n")


def _found(pk: str) -> Reconciliation:
    return Reconciliation.objects.select_related("destination__source").get(pk=pk)
