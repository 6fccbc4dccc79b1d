"""Drafts: prepared by one, published by the same person or, where it matters, by a second one."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from preferences import slots
from preferences.errors import Forbidden, Malformed
from preferences.models import Draft, Revision
from preferences.services.publishing import Publication, bring_out, in_force
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState

SETTLED = "somebody has published or discarded this draft, or saved it again: look at it once more"
ASIDE = "Not kept as the draft: that was saved, or settled, after you had opened the page"
GAVE_WAY = "Another version was taken instead"


class Overtaken(Exception):
    """The author's draft is no longer what they were shown: nothing was written. `typed` is what was sent.

    No refusal: nobody has done anything wrong, and whoever catches those would lose it.
    """

    def __init__(self, typed: Draft) -> None:
        super().__init__()
        self.typed = typed


def save_draft(
    *, kind: RevisionKind, key: str, body: Mapping[str, Any], author: str, reason: str, seen: Shown
) -> Draft:
    """Keep what somebody prepares: each author has one draft of a thing, and saving it again alters it.

    It rests on the revision that its author was shown first, until they put it on top of another
    (`put_on_top`). Saved again, it no longer waits for a second person. Raises Overtaken where the author's
    draft is not the one that `seen` says they were shown: saved in another window, for instance. Pressed
    twice, it is saved once.
    """
    now = timezone.now()
    same = {"kind": kind, "key": key, "author": author, "state": RevisionState.DRAFT}
    says = {"body": dict(body), "reason": reason, "updated_at": now, "asked_at": None}
    if seen.saved is None:
        draft, is_new = Draft.objects.get_or_create(**same, defaults={**says, "based_on": seen.number})
        if is_new:
            return draft
    elif Draft.objects.filter(**same, updated_at=seen.saved).update(**says):
        return Draft.objects.get(**same)
    kept = Draft.objects.filter(**same).first()
    if kept and (kept.body, kept.reason) == (says["body"], reason):
        return kept
    raise Overtaken(Draft(**same, **says, based_on=seen.number))


def set_aside(*, overtaken: Overtaken) -> Draft:
    """What came too late stays on record beside the draft, and its author chooses between both."""
    aside, now = overtaken.typed, timezone.now()
    aside.state, aside.note = RevisionState.DISCARDED, ASIDE
    aside.settled_by, aside.settled_at = aside.author, now
    aside.save(force_insert=True)
    return aside


def take_up(*, draft: Draft, by: str, instead_of: Draft | None) -> None:
    """Go on with a draft that was given up or set aside; the open one, as it was read, gives way to it.

    Nothing is lost: that one stays on record likewise. Raises Forbidden where the draft is another's.
    """
    if by != draft.author:
        raise Forbidden("only its author can take a draft up again")
    try:
        with transaction.atomic():
            if instead_of:
                _settle(instead_of, RevisionState.DISCARDED, by, GAVE_WAY)
            _reopen(draft)
    except IntegrityError:  # an open one that nobody was shown
        raise Malformed(SETTLED) from None


def put_on_top(*, draft: Draft, by: str, number: int) -> None:
    """Its author has seen what revision `number` changed meanwhile: the draft is to replace that.

    Whoever was asked for agreement read something else, and is asked anew.
    """
    if by != draft.author:
        raise Forbidden("only its author can say what a draft replaces")
    _change(draft, based_on=number, updated_at=timezone.now(), asked_at=None)


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
        raise Malformed(f"somebody published revision {number} meanwhile: see what it changed, then choose")
    return revision


@transaction.atomic
def discard_draft(*, draft: Draft, by: str, why: str = "") -> None:
    """Give a draft up; it stays on record. Raises Malformed where it is another's and no word says why."""
    if by != draft.author and not why.strip():
        raise Malformed(f"tell {draft.author} why you discard this")
    _settle(draft, RevisionState.DISCARDED, by, why.strip())


def revert(*, revision: Revision, by: str) -> Draft:
    """A new draft that says what an earlier revision said. Raises Overtaken where its author has one."""
    kind = RevisionKind(revision.kind)
    return save_draft(
        kind=kind,
        key=revision.key,
        body=revision.body,
        author=by,
        reason=f"Bring back revision {revision.number}",
        seen=Shown(number_of(in_force(kind, revision.key))),
    )


def _reopen(draft: Draft) -> None:
    given_up = Draft.objects.filter(pk=draft.pk, state=RevisionState.DISCARDED)
    if not given_up.update(
        state=RevisionState.DRAFT, settled_by="", settled_at=None, note="", updated_at=timezone.now()
    ):
        raise Malformed(SETTLED)


def _settle(draft: Draft, state: RevisionState, by: str, note: str = "") -> None:
    _change(draft, state=state, settled_by=by, settled_at=timezone.now(), note=note)


def _change(draft: Draft, **columns: Any) -> None:
    """Nobody settles what they have not read: only the draft as it was read is changed."""
    as_read = Draft.objects.filter(pk=draft.pk, state=RevisionState.DRAFT, updated_at=draft.updated_at)
    if not as_read.update(**columns):
        raise Malformed(SETTLED)
