"""Alarms about opt-outs that wait: those that last, and those that are over."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from unfold.decorators import display

from destinations.models import Alarm
from destinations.terms import AlarmKind, Mail
from preferences.admin.base import NOBODY, ReadOnlyAdmin

KINDS = {AlarmKind.NEAR.label: "warning", AlarmKind.MISSED.label: "danger", AlarmKind.SHUT.label: "danger"}
MAILS = {Mail.SENT.label: "success", Mail.SENDING.label: "warning", Mail.FAILED.label: "danger"}


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    """What lasts comes first."""

    intro = (
        "One alarm a system, for as long as any opt-out there is near its deadline or has missed it, or "
        "while the system refuses our sign-in or settings."
    )
    empty = "No deadline was ever near or missed. No system refused us for long."
    list_display = ("what", "destination", "count", "opened_at", "ended", "mailed")
    list_filter = ("kind", "destination", "mail")
    list_select_related = ("destination",)
    ordering = (F("closed_at").desc(nulls_first=True), "-opened_at")
    fields = (*list_display, "oldest_due_at", "mail_at", "mail_tries", "why")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    @display(description="Alarm", label=KINDS)
    def what(self, alarm: Alarm) -> str:
        return alarm.get_kind_display()

    @display(description="Ended")
    def ended(self, alarm: Alarm) -> Any:
        return alarm.closed_at or "it lasts"

    @display(description="Mail", label=MAILS)
    def mailed(self, alarm: Alarm) -> str:
        return Mail(alarm.mail).label

    @display(description="Why the mail failed")
    def why(self, alarm: Alarm) -> str:
        return alarm.mail_detail or NOBODY
