"""A draft as staff see it before it is published: what it changes, for how many people, who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from preferences import slots
from preferences.admin.differences import Changed, in_words
from preferences.models import Draft, Revision
from preferences.services import ASIDE, in_force, why_a_second
from preferences.terms import RevisionKind, RevisionState
from preferences.weighing import Weight, weigh

SCRIPT = "script."  # what a page shows is kept under the page's own name, by the page itself


@dataclass(frozen=True, slots=True)
class DraftPage:
    """All that the page shows. `meanwhile`: what somebody published since the draft was begun.

    `names`: what names a category that would be retired. `beside`: the author's open draft, where this one
    was set aside or given up and they look at it.
    """

    draft: Draft
    name: str
    changes: tuple[Changed, ...]
    stands: Revision | None
    meanwhile: tuple[Changed, ...]
    reach: str
    why: str
    may: bool
    own: bool
    edit: str
    look: str
    beside: Draft | None
    names: Sequence[slots.Naming]

    @property
    def is_open(self) -> bool:
        return self.draft.state == RevisionState.DRAFT

    @property
    def was_published(self) -> bool:
        return self.draft.state == RevisionState.PUBLISHED

    @property
    def stale(self) -> bool:
        return self.is_open and self.draft.based_on != (self.stands.number if self.stands else 0)

    @property
    def waits(self) -> bool:
        """Must somebody else than whoever looks publish it?"""
        return self.own and bool(self.why)

    @property
    def may_publish(self) -> bool:
        return self.may and self.is_open and not self.stale and not self.waits and bool(self.changes)

    @property
    def may_ask(self) -> bool:
        return self.may and self.is_open and not self.stale and self.waits and not self.draft.asked_at

    @property
    def may_put_on_top(self) -> bool:
        return self.may and self.own and self.stale

    @property
    def was_aside(self) -> bool:
        """Did nobody discard it: did it come too late?"""
        return self.draft.note == ASIDE

    @property
    def may_take_up(self) -> bool:
        return self.own and self.draft.state == RevisionState.DISCARDED

    @property
    def seen(self) -> str:
        """Nobody settles what they have not read: the form says which state of the draft that was."""
        return (self.beside or self.draft).updated_at.isoformat()


def page_of(draft: Draft, request: HttpRequest) -> DraftPage:
    """Read and weighed."""
    by, is_open = request.user.get_username(), draft.state == RevisionState.DRAFT
    stands = in_force(RevisionKind(draft.kind), draft.key)
    based_on = Revision.objects.filter(kind=draft.kind, key=draft.key, number=draft.based_on).first()
    weighed, beside = Weighed.of(draft, stands), open_beside(draft)
    was_published = draft.state == RevisionState.PUBLISHED
    compared = _body(based_on) if was_published else beside.body if beside else _body(stands)
    is_stale = is_open and based_on != stands
    return DraftPage(
        draft=draft,
        name=name_of(draft),
        changes=in_words(draft.kind, compared, draft.body),
        stands=stands,
        meanwhile=in_words(draft.kind, _body(based_on), _body(stands)) if is_stale else (),
        reach=weighed.reach,
        why=weighed.why,
        may=request.user.has_perm(may_publish(draft)),
        own=by == draft.author,
        edit=edit_page(draft, stands) if is_open else "",
        look=slots.checks(RevisionKind(draft.kind)).look(draft),
        beside=beside,
        names=slots.named_by(draft.key) if is_open and retires(draft, stands) else (),
    )


def retires(draft: Draft, stands: Revision | None) -> bool:
    """Does it retire a category that is in use?"""
    in_use = bool(stands and not stands.body.get("retired"))
    return draft.kind == RevisionKind.CATEGORY and in_use and bool(draft.body["retired"])


def open_beside(draft: Draft) -> Draft | None:
    """The open draft that its author goes on with, where this is another one."""
    same = Draft.objects.filter(
        kind=draft.kind, key=draft.key, author=draft.author, state=RevisionState.DRAFT
    )
    return same.exclude(pk=draft.pk).first()


@dataclass(frozen=True, slots=True)
class Weighed:
    """How far a draft reaches, and why it needs a second person: in words."""

    reach: str = ""
    why: str = ""

    @classmethod
    def of(cls, draft: Draft, stands: Revision | None) -> "Weighed":
        """What is no longer open, or no longer fits what stands, can't be published and is not weighed."""
        if draft.state != RevisionState.DRAFT or draft.based_on != (stands.number if stands else 0):
            return cls()
        if draft.kind != RevisionKind.CATEGORY:
            return cls(why=why_a_second(draft=draft))
        weight: Weight = weigh(draft.body, _body(stands))
        return cls(weight.reach, weight.why)


def _body(revision: Revision | None) -> dict[str, object] | None:
    return revision.body if revision else None


def may_publish(draft: Draft | Revision) -> str:
    """The permission that it takes to publish what it is about; empty where nobody may here."""
    return slots.checks(RevisionKind(draft.kind)).may


def name_of(draft: Draft | Revision) -> str:
    """What it is about, as staff know it."""
    if draft.kind == RevisionKind.CATEGORY:
        return str(draft.body["texts"]["en"]["name"])
    if draft.kind == RevisionKind.BANNER:
        return str(draft.body["name"])
    return draft.key


def edit_page(draft: Draft, stands: Revision | None) -> str:
    """Where one goes on with it."""
    if elsewhere := slots.checks(RevisionKind(draft.kind)).edit(draft):
        return elsewhere
    if draft.kind == RevisionKind.CATEGORY and stands:
        page = reverse("admin:preferences_category_change", args=[stands.pk])
    else:
        page = reverse(f"admin:preferences_{draft.kind}_add")
    return f"{page}?draft={draft.pk}"
