"""Two requests of one browser at once: each writes only what it changed."""

import pytest
from django.contrib.sessions.backends.base import UpdateError

from config.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """One session, read by two requests."""
    first = SessionStore()
    first.update({"person": "joan", "saved": [1]})
    first.save()
    both = SessionStore(first.session_key), SessionStore(first.session_key)
    for each in both:
        assert each["person"] == "joan"
    return both


def kept(session):
    found = SessionStore(session.session_key)
    return {name: found[name] for name in found.keys()}  # noqa: SIM118 - a session is no dictionary


def test_what_the_faster_one_wrote_stands(two):
    slow, fast = two
    fast["person"] = "sam"
    del fast["saved"]
    fast.save()

    slow["language"] = "es"
    slow.save()

    assert kept(slow) == {"person": "sam", "language": "es"}


def test_who_changed_nothing_only_makes_it_last_longer(two):
    slow, fast = two
    fast["person"] = "sam"
    fast.save()

    slow.modified = True
    slow.save()

    assert kept(slow) == {"person": "sam", "saved": [1]}


def test_who_did_not_even_look_into_it_writes_nothing_of_it(two, monkeypatch, caplog):
    unread, fast = SessionStore(two[0].session_key), two[1]
    read = unread.load

    def slowly():
        found = read()
        fast["person"] = "sam"
        fast.save()
        return found

    monkeypatch.setattr(unread, "load", slowly)
    unread.modified = True
    unread.save()

    assert kept(unread)["person"] == "sam"
    assert not caplog.records


def test_what_both_changed_is_as_the_last_one_says(two):
    slow, fast = two
    fast["saved"], slow["saved"] = [2], [3]

    fast.save()
    slow.save()

    assert kept(slow)["saved"] == [3]


def test_what_changed_inside_is_written_too(two):
    one, _ = two
    one["saved"].append(2)

    one.save()

    assert kept(one)["saved"] == [1, 2]


@pytest.mark.parametrize("changes", [True, False])
def test_a_session_that_was_ended_meanwhile_is_not_brought_back(two, changes):
    slow, fast = two
    fast.flush()
    if changes:
        slow["person"] = "sam"

    with pytest.raises(UpdateError):
        slow.save()
    assert kept(slow) == {}


def test_a_new_key_keeps_what_is_there(two):
    one, _ = two
    before = one.session_key
    one.cycle_key()
    one["language"] = "es"
    one.save()

    assert one.session_key != before
    assert kept(one) == {"person": "joan", "saved": [1], "language": "es"}
    assert not SessionStore().exists(before)


@pytest.mark.parametrize("name", ["abcdefgh\\000", "abcdefgh\\303\\274", "abcdefgh/../x"])
def test_a_cookie_that_names_no_session_is_none(client, name):
    """A browser, or whoever says to be one, may send any characters; a database takes only some."""
    client.cookies.load(f'sessionid="{name}"')

    assert client.get("/").status_code == 200
    assert client.get("/p").status_code == 403
