"""Texts that Heed itself sent, and those that did not arrive: never their words."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from destinations.models import OutgoingText
from destinations.terms import TextState
from preferences import identity
from preferences.admin.base import NOBODY, NotedAdmin, link_to_person

TONES = {
    TextState.SENT.label: "success",
    TextState.DELIVERED.label: "success",
    TextState.SENDING.label: "warning",
    TextState.DENIED.label: "warning",
    TextState.FAILED.label: "danger",
    TextState.TOO_LATE.label: "danger",
}


@admin.register(OutgoingText)
class OutgoingTextAdmin(NotedAdmin):
    """The newest first."""

    intro = "Sign-in codes, confirmations of a STOP. Their words are destroyed as soon as they have left."
    empty = "Heed has sent no text."
    noted_as = "texts that Heed sent"
    list_display = ("purpose", "stands", "why", "created_at", "by")
    list_filter = ("state", "purpose")
    list_select_related = ("connection__source",)
    ordering = ("-id",)
    fields = ("purpose", "stands", "why", "whose", "by", "created_at", "until", "settled_at", "tries", "name")

    def about(self, obj: OutgoingText) -> UUID | None:
        found = identity.read_holders([obj.identifier_id]).holders.get(obj.identifier_id, ())
        return next(iter(sorted(found)), None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    @display(description="State", ordering="state", label=TONES)
    def stands(self, text: OutgoingText) -> str:
        return TextState(text.state).label

    @display(description="Why")
    def why(self, text: OutgoingText) -> str:
        return text.fault or NOBODY

    @display(description="To")
    def whose(self, text: OutgoingText) -> str:
        return link_to_person(self.about(text))

    @display(description="By", ordering="connection__source__name")
    def by(self, text: OutgoingText) -> str:
        return text.connection.source.name
