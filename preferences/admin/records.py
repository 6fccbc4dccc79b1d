"""What is recorded and only read: the ledger, what was published, and who looked at whom."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from preferences.admin.base import NOBODY, Confirm, NotedAdmin, ReadOnlyAdmin, link_to_person, stacked
from preferences.admin.differences import in_words
from preferences.admin.draft_page import SCRIPT, may_publish, name_of
from preferences.admin.wording import entries_words
from preferences.catalogue import catalogue_at, catalogue_version
from preferences.days import said_at
from preferences.models import Change, Revision, ViewLog
from preferences.services import in_force, revert
from preferences.terms import RevisionKind, SubjectKind


@admin.register(Change)
class ChangeAdmin(NotedAdmin):
    """The ledger, newest first."""

    intro = "Every change, newest first: the ledger is only ever added to, and nobody can alter it."
    empty = "The ledger is empty: nobody has said anything yet."
    noted_as = "ledger"
    list_display = ("recorded_at", "subject", "what", "source", "said")
    list_filter = ("source", "subject_kind")
    list_select_related = ("source",)
    ordering = ("-id",)
    fields = ("subject", "what", "source", "said", "recorded_at", "notice", "place", "seal")

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

    @display(description="Said")
    def said(self, change: Change) -> str:
        return said_at(change.occurred_at)

    @display(description="Place in the chain")
    def place(self, change: Change) -> int:
        return change.seq

    @display(description="Seal")
    def seal(self, change: Change) -> str:
        return bytes(change.hash).hex()


class BringBack(Confirm):
    """What was published once is made a draft again."""

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        super().__init__(
            title=f"Bring back revision {revision.number} of {name_of(revision)}?",
            words=[
                f"You get a draft that says what revision {revision.number} said.",
                "You compare it with what stands before you publish it. Until then nothing changes.",
            ],
            button="Make the draft",
            back=reverse("admin:preferences_revision_change", args=[revision.pk]),
        )

    def act(self, request: HttpRequest) -> str:
        draft = revert(revision=self.revision, by=request.user.get_username())
        self.back = reverse("admin:preferences_draft_change", args=[draft.pk])
        return "This is your draft now. Compare it with what stands, then publish it."


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Everything that was ever published."""

    intro = "Everything that staff ever published, newest first, with who did it and why."
    empty = "Nothing was published yet."
    list_display: tuple[str, ...] = ("key", "number", "kind", "author", "reason", "published_at")
    list_filter: tuple[str, ...] = ("kind",)
    actions_detail = ("bring_back",)
    search_fields = ("=key", "=author")
    search_help_text = "An exact name or author"
    ordering = ("-id",)
    fields: tuple[str, ...] = (
        "key",
        "number",
        "kind",
        "author",
        "approved_by",
        "reason",
        "published_at",
        "changed",
        "content",
    )

    class Media:
        css = {"all": ["heed/staff.css"]}

    def has_bring_back_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Only what staff wrote, and what no longer stands."""
        revision = Revision.objects.filter(pk=object_id).first()
        return (
            revision is not None
            and request.user.has_perm(may_publish(revision))
            and (revision.kind != RevisionKind.NOTICE or revision.key.startswith(SCRIPT))
            and in_force(RevisionKind(revision.kind), revision.key) != revision
        )

    @action(description="Bring back", url_path="bring-back", icon="history", permissions=["bring_back"])
    def bring_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, BringBack(Revision.objects.get(pk=object_id)))

    @display(description="What it changed")
    def changed(self, revision: Revision) -> str | SafeString:
        before = Revision.objects.filter(kind=revision.kind, key=revision.key, number=revision.number - 1)
        stood = before.first()
        if stood is None:
            return "It was the first."
        changes = in_words(revision.kind, stood.body, revision.body)
        return render_to_string("preferences/admin/changed.html", {"changes": changes})

    @display(description="What it says")
    def content(self, revision: Revision) -> str:
        pretty = json.dumps(revision.body, indent=2, ensure_ascii=False)
        lines = in_words(revision.kind, None, revision.body)
        return render_to_string("preferences/admin/says.html", {"lines": lines, "raw": pretty})


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
