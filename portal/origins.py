"""Where something that was recorded came from, as the person reads it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.stopping import ONE_CLICK
from portal.wording import reached_at
from preferences.models import Change
from preferences.terms import Actor, Relation, RestrictionKind, SourceKind, SubjectKind

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origins:
    """Who may have said it: systems by their source, whoever acts for the person, the person's own addresses.

    `relations` are by the entry that granted them.
    """

    systems: Mapping[int | None, str] = field(default_factory=dict)
    proxies: Mapping[UUID, Sequence[str]] = field(default_factory=dict)
    relations: Mapping[int, str] = field(default_factory=dict)
    masked: Mapping[UUID, str] = field(default_factory=dict)

    def of(self, change: Change, entry: Entry) -> str:
        """In words: the person here, a text from their phone, staff, a system, somebody for them."""
        if words := _signal(entry.get("signal", "")) or self._at_address(change, entry):
            return words
        match entry.get("by"):
            case Actor.PERSON:
                return self._person(change, entry)
            case Actor.PROXY:
                return self._proxy(entry)
            case Actor.STAFF:
                return _("Your care team")
            case Actor.SYSTEM:
                return _("Our records")
        return self._system(change)

    def _at_address(self, change: Change, entry: Entry) -> str:
        """By text, or by any who have the address: nobody reads who of them, or who spoke for whom."""
        by = entry.get("by")
        if entry["do"] == "restriction" and entry["kind"] == RestrictionKind.STOP:
            return self._text(change) if by != Actor.STAFF else ""
        if change.subject_kind != SubjectKind.IDENTIFIER or by not in (Actor.PERSON, Actor.PROXY):
            return ""
        return self._text(change) if entry["do"] == "spared" else _("Someone who uses this email or phone")

    def _text(self, change: Change) -> str:
        return _("A text from {address}").format(address=self._address(change.subject_id))

    def _address(self, pk: UUID) -> str:
        return self.masked.get(pk, "") or _("a phone of yours")

    def _person(self, change: Change, entry: Entry) -> str:
        if entry.get("how") == ONE_CLICK:
            return _("You, with an unsubscribe link")
        match change.source.kind:
            case SourceKind.PREFERENCE_PAGE:
                return _("You, on this page")
            case SourceKind.BANNER:
                return _("You, on our website")
            case SourceKind.STAFF:
                return _("You, through your care team")
        if label := self.systems.get(change.source_id, ""):
            return format_html(_("You, through {system}"), system=label)
        return _("You, through one of our systems")

    def _proxy(self, entry: Entry) -> str:
        """We know no names: who it is to them, and how that person is reached, masked."""
        relations = {
            Relation.PARENT: _("Your parent or guardian"),
            Relation.REPRESENTATIVE: _("Your representative"),
            Relation.CAREGIVER: _("Your caregiver"),
        }
        relation = self.relations.get(entry.get("grant", 0), "")
        who = relations[Relation(relation)] if relation else _("Someone else")
        ways = self.proxies.get(UUID(entry["who"]), ()) if entry.get("who") else ()
        return _("{who}, for you").format(who=reached_at(who, ways))

    def _system(self, change: Change) -> str:
        if change.source.kind == SourceKind.IMPORT:
            return _("A list from one of our systems")
        return self.systems.get(change.source_id, "") or _("One of our systems")


def _signal(kind: str) -> str:
    return {
        "gpc": _("Your browser’s privacy signal"),
        "form": _("An opt-out form"),
        "agent": _("Someone you asked to opt out for you"),
    }.get(kind, "")
