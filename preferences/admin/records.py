"""What is recorded and only read: the ledger, what was published, and who looked at whom."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from preferences.admin.base import NOBODY, NotedAdmin, ReadOnlyAdmin, link_to_person, stacked
from preferences.admin.wording import entries_words
from preferences.catalogue import catalogue_at, catalogue_version
from preferences.models import Change, Revision, ViewLog
from preferences.terms import SubjectKind


@admin.register(Change)
class ChangeAdmin(NotedAdmin):
    """The ledger, newest first."""

    intro = "Every change, newest first: the ledger is only ever added to, and nobody can alter it."
    empty = "The ledger is empty: nobody has said anything yet."
    noted_as = "ledger"
    list_display = ("recorded_at", "subject", "what", "source", "occurred_at")
    list_filter = ("source", "subject_kind")
    list_select_related = ("source",)
    ordering = ("-id",)
    fields = ("subject", "what", "source", "occurred_at", "recorded_at", "notice", "place", "seal")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        # Read once for the page: the categories that its entries name.
        named: QuerySet[Change] = super().get_queryset(request).annotate(names=Value(catalogue_version()))
        return named

    def about(self, obj: Change) -> UUID | None:
        return obj.subject_id if obj.subject_kind == SubjectKind.PROFILE else None

    @display(description="About")
    def subject(self, change: Change) -> str | SafeString:
        if change.subject_kind == SubjectKind.PROFILE:
            return link_to_person(change.subject_id)
        return f"Address {str(change.subject_id)[:8]}"

    @display(description="What")
    def what(self, change: Any) -> SafeString:
        words = entries_words(change.entries, catalogue_at(change.names))
        return stacked(words) if words else format_html(NOBODY)

    @display(description="Place in the chain")
    def place(self, change: Change) -> int:
        return change.seq

    @display(description="Seal")
    def seal(self, change: Change) -> str:
        return bytes(change.hash).hex()


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Everything that was ever published."""

    intro = "Everything that staff ever published, newest first, with who did it and why."
    empty = "Nothing was published yet."
    list_display: tuple[str, ...] = ("key", "number", "kind", "author", "reason", "published_at")
    list_filter: tuple[str, ...] = ("kind",)
    search_fields = ("=key", "=author")
    search_help_text = "An exact name or author"
    ordering = ("-id",)
    fields = ("key", "number", "kind", "author", "reason", "published_at", "content")

    @display(description="Content")
    def content(self, revision: Revision) -> SafeString:
        pretty = json.dumps(revision.body, indent=2, ensure_ascii=False)
        return format_html('<pre class="whitespace-pre-wrap break-words">{}</pre>', pretty)


@admin.register(ViewLog)
class ViewLogAdmin(ReadOnlyAdmin):
    """Who looked at whom (45 CFR 164.312(b))."""

    intro = "Every search for people and every look at one, by staff and by keys."
    empty = "Nobody has looked at anybody yet."
    list_display = ("at", "actor", "page", "person", "found")
    list_filter = ("at",)
    search_fields = ("=actor",)
    search_help_text = "Exactly who looked"
    ordering = ("-id",)
    fields = ("at", "actor", "page", "person", "found")

    @display(description="Person")
    def person(self, view: ViewLog) -> str | SafeString:
        return link_to_person(view.profile_id)
