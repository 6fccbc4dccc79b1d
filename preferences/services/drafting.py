"""Drafts: prepared by one, published by the same person or, where it matters, by a second one."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from preferences import slots
from preferences.errors import Forbidden, Malformed
from preferences.models import Draft, Revision
from preferences.services.publishing import Publication, bring_out, in_force
from preferences.terms import RevisionKind, RevisionState

SETTLED = "somebody has published or discarded this draft, or saved it again: look at it once more"


def save_draft(
    *,
    kind: RevisionKind,
    key: str,
    body: Mapping[str, Any],
    author: str,
    reason: str,
    based_on: int | None = None,
) -> Draft:
    """Keep what somebody prepares: each author has one draft of a thing, and saving it again alters it.

    `based_on` is the number of the revision that the author has seen: that in force, unless it is given.
    Saved again, it no longer waits for a second person.
    """
    stands = in_force(kind, key)
    draft, _ = Draft.objects.update_or_create(
        kind=kind,
        key=key,
        author=author,
        state=RevisionState.DRAFT,
        defaults={
            "body": dict(body),
            "reason": reason,
            "based_on": based_on if based_on is not None else number_of(stands),
            "updated_at": timezone.now(),
            "asked_at": None,
        },
    )
    return draft


def number_of(revision: Revision | None) -> int:
    return revision.number if revision else 0


def why_a_second(*, draft: Draft) -> str:
    """Why one person alone can't publish this, in words; empty where they can."""
    kind, stands = RevisionKind(draft.kind), in_force(RevisionKind(draft.kind), draft.key)
    return slots.checks(kind).weighs(key=draft.key, body=draft.body, before=stands.body if stands else None)


def ask_second_person(*, draft: Draft, by: str) -> None:
    """Let a draft wait for a second person. Raises Forbidden where it is not the author's own."""
    if by != draft.author:
        raise Forbidden("only its author can ask for a second person")
    _change(draft, asked_at=timezone.now())


def publish_draft(*, draft: Draft, by: str) -> Revision:
    """Publish a draft as it was read. The draft stays where that is refused: nothing is lost.

    Raises Malformed where somebody has published meanwhile or a rule is broken, Forbidden where a second
    person is needed and `by` is the author.
    """
    if not draft.reason.strip():
        raise Malformed("say why you publish this")
    kind = RevisionKind(draft.kind)
    wanted = Publication(
        kind, draft.key, draft.body, draft.author, draft.reason, "" if by == draft.author else by
    )
    stands = in_force(kind, draft.key)
    revision = None
    if number_of(stands) == draft.based_on:
        revision = bring_out(wanted, stands, lambda: _settle(draft, RevisionState.PUBLISHED, by))
    if revision is None:
        number = number_of(in_force(kind, draft.key))
        raise Malformed(f"somebody published revision {number} meanwhile: compare and save again")
    return revision


@transaction.atomic
def discard_draft(*, draft: Draft, by: str, why: str = "") -> None:
    """Give a draft up; it stays on record. Raises Malformed where it is another's and no word says why."""
    if by != draft.author and not why.strip():
        raise Malformed(f"tell {draft.author} why you discard this")
    _settle(draft, RevisionState.DISCARDED, by, why.strip())


def revert(*, revision: Revision, by: str) -> Draft:
    """A new draft that says what an earlier revision said.

    Raises Malformed where the author has a draft of it already: nothing is lost.
    """
    drafts = Draft.objects.filter(kind=revision.kind, key=revision.key, state=RevisionState.DRAFT)
    if drafts.filter(author=by).exists():
        raise Malformed("you have a draft of this already: publish or discard it first")
    return save_draft(
        kind=RevisionKind(revision.kind),
        key=revision.key,
        body=revision.body,
        author=by,
        reason=f"Bring back revision {revision.number}",
    )


def _settle(draft: Draft, state: RevisionState, by: str, note: str = "") -> None:
    _change(draft, state=state, settled_by=by, settled_at=timezone.now(), note=note)


def _change(draft: Draft, **columns: Any) -> None:
    """Nobody settles what they have not read: only the draft as it was read is changed."""
    as_read = Draft.objects.filter(pk=draft.pk, state=RevisionState.DRAFT, updated_at=draft.updated_at)
    if not as_read.update(**columns):
        raise Malformed(SETTLED)
