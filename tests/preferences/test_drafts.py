"""Drafts: kept, compared, published by one or two, never lost (DESIGN, revision)."""

import pytest

from preferences.errors import Forbidden, Malformed
from preferences.models import Draft, Revision
from preferences.services import (
    Overtaken,
    ask_second_person,
    discard_draft,
    in_force,
    publish_draft,
    put_on_top,
    revert,
    save_draft,
    set_aside,
    take_up,
)
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState
from tests.preferences.preparing import prepared
from tests.preferences.saying import publish

pytestmark = pytest.mark.django_db
SURVEYS = "patient_surveys"


def stands(key=SURVEYS):
    return in_force(RevisionKind.CATEGORY, key)


def drafted(by="ann", reason="Ask less often", key=SURVEYS, **changed):
    """Somebody's draft of the surveys, with something changed."""
    body = stands(key).body | changed
    return prepared(RevisionKind.CATEGORY, key, body, by, reason)


def test_a_draft_changes_nothing_until_it_is_published():
    draft = drafted(order=31)
    before = stands()
    assert before.body["order"] == 30

    revision = publish_draft(draft=draft, by="ann")

    assert (revision.number, revision.author, revision.approved_by) == (before.number + 1, "ann", "")
    assert revision.reason == "Ask less often"
    assert stands().body["order"] == 31


def test_saving_again_alters_the_authors_one_draft():
    drafted(order=31)
    drafted(order=32)
    drafted(by="ben", order=33)

    assert sorted(Draft.objects.values_list("author", "body__order")) == [("ann", 32), ("ben", 33)]


def test_what_somebody_published_meanwhile_is_never_overwritten_and_the_draft_stays():
    draft = drafted(order=31)
    meanwhile = publish(SURVEYS, order=40)

    with pytest.raises(Malformed, match=f"revision {meanwhile.number} meanwhile: see what it changed"):
        publish_draft(draft=draft, by="ann")
    with pytest.raises(Malformed, match="meanwhile"):
        publish_draft(draft=drafted(order=32), by="ann")

    assert stands() == meanwhile
    assert Draft.objects.get().body["order"] == 32


def test_its_author_puts_it_on_top_of_what_was_published_and_whoever_was_asked_is_asked_anew():
    ask_second_person(draft=(draft := drafted(order=31)), by="ann")
    meanwhile = publish(SURVEYS, order=40)
    with pytest.raises(Forbidden, match="only its author"):
        put_on_top(draft=draft, by="ben", number=meanwhile.number)

    put_on_top(draft=draft, by="ann", number=meanwhile.number)

    assert Draft.objects.get().asked_at is None
    with pytest.raises(Malformed, match="meanwhile"):
        publish_draft(draft=draft, by="ben")
    assert publish_draft(draft=Draft.objects.get(), by="ben").body["order"] == 31


def test_what_another_window_saved_is_never_overwritten():
    first = drafted(order=31)
    drafted(order=32)

    with pytest.raises(Overtaken):
        save_draft(
            kind=RevisionKind.CATEGORY,
            key=SURVEYS,
            body={**first.body, "order": 33},
            author="ann",
            reason="An older window",
            seen=Shown.of(first, stands(), "ann"),
        )

    assert Draft.objects.get().body["order"] == 32


@pytest.mark.parametrize("begun", [True, False])
def test_two_clicks_save_one_draft_and_put_nothing_aside(begun):
    seen = Shown.of(drafted(order=31) if begun else None, stands(), "ann")
    form = {"body": stands().body | {"order": 32}, "author": "ann", "reason": "Pressed twice", "seen": seen}

    first, second = (save_draft(kind=RevisionKind.CATEGORY, key=SURVEYS, **form) for _ in range(2))

    assert second == first == Draft.objects.get()
    assert second.updated_at == first.updated_at


def test_an_earlier_revision_is_brought_back_once_however_often_that_is_pressed():
    assert revert(revision=stands(), by="ann") == revert(revision=stands(), by="ann")


def test_what_came_too_late_is_kept_beside_the_draft_and_may_take_its_place():
    draft = drafted(order=31)
    with pytest.raises(Overtaken) as caught:
        revert(revision=stands(), by="ann")
    aside = set_aside(overtaken=caught.value)
    assert Draft.objects.get(state=RevisionState.DRAFT) == draft

    with pytest.raises(Forbidden, match="only its author"):
        take_up(draft=aside, by="ben", instead_of=draft)
    take_up(draft=aside, by="ann", instead_of=draft)

    assert Draft.objects.get(state=RevisionState.DRAFT).pk == aside.pk
    assert Draft.objects.get(pk=draft.pk).note == "Another version was taken instead"


def test_no_draft_gives_way_that_nobody_was_shown():
    given_up = drafted(order=31)
    discard_draft(draft=given_up, by="ann")
    newer = drafted(order=32)

    with pytest.raises(Malformed, match="look at it once more"):
        take_up(draft=given_up, by="ann", instead_of=None)

    assert Draft.objects.get(state=RevisionState.DRAFT) == newer


@pytest.mark.parametrize("sent", ["", "x", "1 2026-13-45T00:00:00Z", "9" * 400])
def test_a_form_that_says_nothing_readable_overwrites_nothing(sent):
    drafted(order=31)

    with pytest.raises(Overtaken):
        save_draft(
            kind=RevisionKind.CATEGORY,
            key=SURVEYS,
            body=stands().body,
            author="ann",
            reason="",
            seen=Shown.read(sent),
        )


def test_a_form_sends_back_what_it_was_shown():
    for draft in (None, drafted(order=31)):
        seen = Shown.of(draft, stands(), "ann")
        assert Shown.read(str(seen)) == seen


def test_a_draft_is_published_once():
    draft = drafted(order=31)
    publish_draft(draft=Draft.objects.get(), by="ann")

    with pytest.raises(Malformed, match="meanwhile"):
        publish_draft(draft=draft, by="ann")


def test_nobody_publishes_what_they_have_not_read():
    read = drafted(order=31)
    drafted(order=99)

    with pytest.raises(Malformed, match="look at it once more"):
        publish_draft(draft=read, by="ben")

    assert stands().body["order"] == 30


def test_a_second_person_stands_beside_the_author():
    revision = publish_draft(draft=drafted(order=31), by="ben")

    assert (revision.author, revision.approved_by) == ("ann", "ben")


def test_who_discards_anothers_draft_says_why_and_it_stays_on_record():
    draft = drafted(order=31)
    with pytest.raises(Malformed, match="tell ann why"):
        discard_draft(draft=draft, by="ben")

    discard_draft(draft=draft, by="ben", why="We just changed it")

    kept = Draft.objects.get()
    assert (kept.state, kept.settled_by, kept.note) == (RevisionState.DISCARDED, "ben", "We just changed it")
    assert drafted(order=32).pk != kept.pk


def test_only_its_author_asks_for_a_second_person_and_saving_again_takes_that_back():
    draft = drafted(order=31)
    with pytest.raises(Forbidden, match="only its author"):
        ask_second_person(draft=draft, by="ben")

    ask_second_person(draft=draft, by="ann")
    assert Draft.objects.get().asked_at

    drafted(order=31)
    assert Draft.objects.get().asked_at is None


def test_an_earlier_revision_is_brought_back_as_a_draft():
    first = stands()
    publish(SURVEYS, order=40)

    draft = revert(revision=first, by="ann")
    revision = publish_draft(draft=draft, by="ann")

    assert revision.body == first.body
    assert revision.number == first.number + 2
    assert Revision.objects.get(pk=first.pk).body == first.body


def test_nothing_is_published_without_a_reason():
    with pytest.raises(Malformed, match="say why"):
        publish_draft(draft=drafted(reason=" ", order=31), by="ann")


def test_a_draft_that_breaks_a_rule_stays_a_draft():
    with pytest.raises(Malformed, match="cannot turn these messages off"):
        publish_draft(draft=drafted(required=True), by="ann")

    assert Draft.objects.get().state == RevisionState.DRAFT


def test_a_slug_never_changes():
    with pytest.raises(Malformed, match="never changes"):
        publish_draft(draft=drafted(slug="questions"), by="ann")
