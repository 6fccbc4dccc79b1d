"""What vendors said, what it became, and the texts that a person must read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold import widgets
from unfold.decorators import action, display

from destinations.models import Inbound, InboundEvent
from destinations.services.hearing import read_again, words_of
from destinations.services.texting import NOT_A_STOP, STOP, decide_text
from destinations.terms import EventState
from preferences import identity
from preferences.admin.base import NOBODY, Confirm, NotedAdmin
from preferences.catalogue import catalogue
from preferences.services import log_view
from preferences.terms import Channel

TONES = {
    EventState.COUNTED.label: "success",
    EventState.TO_READ.label: "warning",
    EventState.KEPT.label: "warning",
    EventState.LATER.label: "danger",
}
ABOUT = ("told_by", "event", "stands", "means", "fault", "received_at", "read_at")


def meanings() -> Sequence[tuple[str, str]]:
    """What somebody who has read a text may say it means."""
    kinds = [
        (each.slug, f"No more texts of this kind only: {each.texts['en'].name}")
        for each in catalogue().refusable(Channel.SMS)
    ]
    return [(STOP, "Stop: no more texts at all"), *kinds, (NOT_A_STOP, "No stop: texts may come again")]


class ReadForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """What a text means, by the person who read it."""

    decided = forms.ChoiceField(
        label="What they mean",
        choices=meanings,
        widget=widgets.UnfoldAdminRadioSelectWidget(),
        help_text="If in doubt: stop. They can text START at any time.",
    )

    class Meta:
        model = InboundEvent
        fields: tuple[str, ...] = ()


class ReadAgain(Confirm):
    """What could not be understood may be by now."""

    def __init__(self, event: InboundEvent) -> None:
        self.event = event
        super().__init__(
            title="Read it again?",
            words=[
                "Do so once its group or field is mapped, or its system is connected.",
                "It counts from when it came in: whatever was said later stands.",
            ],
            button="Read it again",
            back=reverse("admin:destinations_inboundevent_change", args=[event.pk]),
        )

    def act(self, request: HttpRequest) -> str:
        read_again(event=self.event, by=request.user.get_username())
        return "It is read again in a moment."


class ByConnection(admin.RelatedFieldListFilter):
    """Which connection told us: their names by one query."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return list(Inbound.objects.order_by("source__name").values_list("pk", "source__name"))


@admin.register(InboundEvent)
class InboundEventAdmin(NotedAdmin):
    """Only a text that waits to be read can be acted on."""

    intro = "Everything that systems told Heed. What waits for you comes first."
    empty = "No system has told Heed anything yet."
    form = ReadForm
    noted_as = "incoming events"
    list_display = ("event", "told_by", "stands", "means", "received_at")
    list_filter = ("state", ("inbound", ByConnection))
    list_select_related = ("inbound__source",)
    actions_detail: Any = ("again",)

    def has_again_permission(self, request: HttpRequest, object_id: str) -> bool:
        kept = InboundEvent.objects.filter(pk=object_id, state=EventState.KEPT, body__isnull=False)
        return request.user.has_perm("destinations.change_inboundevent") and kept.exists()

    @action(description="Read it again", url_path="again", icon="replay", permissions=["again"])
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, ReadAgain(InboundEvent.objects.get(pk=object_id)))

    def about(self, obj: InboundEvent) -> UUID | None:
        return next(iter(self._people(obj)), None)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Noted for everyone who holds the number: a family's is several people's."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and self.has_view_permission(request, found):
            for person in self._people(found)[1:]:
                log_view(actor=request.user.get_username(), page=self.noted_as, profile_id=person)
        return found

    def _people(self, event: InboundEvent) -> list[UUID]:
        named = list(event.identifiers.values_list("id", flat=True))
        holders = identity.read_holders(named).holders if named else {}
        return sorted({person for each in holders.values() for person in each})

    def get_queryset(self, request: HttpRequest) -> Any:
        waits = Case(
            When(state=EventState.TO_READ, then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        return super().get_queryset(request).annotate(waits=waits).order_by("waits", "-id")

    def has_change_permission(self, request: HttpRequest, obj: InboundEvent | None = None) -> bool:
        may = request.user.has_perm("destinations.change_inboundevent")
        return may and (obj is None or obj.state == EventState.TO_READ)

    def get_fields(self, request: HttpRequest, obj: InboundEvent | None = None) -> tuple[str, ...]:
        if obj and self.has_change_permission(request, obj):
            return ("words", *ABOUT, "decided")
        return ABOUT

    def get_readonly_fields(self, request: HttpRequest, obj: InboundEvent | None = None) -> tuple[str, ...]:
        return ("words", *ABOUT)

    def save_model(self, request: Any, obj: InboundEvent, form: ReadForm, change: bool) -> None:
        decide_text(event=obj, means=form.cleaned_data["decided"], by=request.user.get_username())

    @display(description="What they wrote")
    def words(self, event: InboundEvent) -> str:
        return words_of(event) or NOBODY

    @display(description="Told by", ordering="inbound__source__name")
    def told_by(self, event: InboundEvent) -> str:
        return event.inbound.source.name

    @display(description="What it became")
    def means(self, event: InboundEvent) -> str:
        return event.became or NOBODY

    @display(description="State", ordering="state", label=TONES)
    def stands(self, event: InboundEvent) -> str:
        return EventState(event.state).label
