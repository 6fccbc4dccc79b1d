"""Every time a system was told, and its answer."""

from django.contrib import admin
from unfold.decorators import display

from destinations.models import Attempt
from destinations.terms import REASONS, PropagationState
from preferences.admin.base import NOBODY, ReadOnlyAdmin

TONES = {
    PropagationState.ACKNOWLEDGED.label: "success",
    PropagationState.VERIFIED.label: "success",
    PropagationState.ABSENT.label: "info",
    PropagationState.LATER.label: "warning",
    PropagationState.STUCK.label: "danger",
}


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Newest first; what was sent is known by its digest only."""

    intro = "Every time a system was told something, newest first, with what it answered."
    empty = "No system was told anything yet."
    list_display = ("started_at", "system", "went", "why", "call", "answer", "took")
    list_filter = ("propagation__destination", "outcome")
    list_select_related = ("propagation__destination",)
    ordering = ("-started_at",)
    fields = ("started_at", "system", "went", "why", "call", "calls", "answer", "took", "excerpt")

    @display(description="System")
    def system(self, attempt: Attempt) -> str:
        return attempt.propagation.destination.name

    @display(description="How it went", label=TONES)
    def went(self, attempt: Attempt) -> str:
        return attempt.get_outcome_display()

    @display(description="Why")
    def why(self, attempt: Attempt) -> str:
        words = REASONS.get(attempt.reason, attempt.reason)
        return " ".join(filter(None, [words, attempt.detail])) or NOBODY

    @display(description="Answer")
    def answer(self, attempt: Attempt) -> str:
        return f"HTTP {attempt.status}" if attempt.status else "none"

    @display(description="Took")
    def took(self, attempt: Attempt) -> str:
        return f"{attempt.took_ms} ms" if attempt.took_ms is not None else NOBODY
