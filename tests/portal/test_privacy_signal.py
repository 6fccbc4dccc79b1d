"""A browser's privacy signal (R9): heard once, shown, and overruled only by the person, in a second step."""

from preferences.models import Change
from preferences.selectors import decide
from preferences.terms import Reason
from tests.portal.forms import save, words

GPC = {"Sec-GPC": "1"}


def sells(person):
    return decide(person, "sale_or_sharing").allowed


def test_a_page_view_with_the_signal_opts_out_once(visit, joan):
    page = words(visit.get("/p", headers=GPC).text)

    assert decide(joan, "sale_or_sharing").reason == Reason.CHOICE
    assert "Opt-out request honored" in page
    before = Change.objects.count()
    visit.get("/p", headers=GPC)
    assert Change.objects.count() == before


def test_without_the_signal_looking_records_nothing(visit, joan):
    before = Change.objects.count()

    visit.get("/p")
    visit.get("/p", headers={"Sec-GPC": "0"})
    visit.head("/p", headers=GPC)

    assert Change.objects.count() == before


def test_whoever_is_told_of_the_signal_and_confirms_stays_in(visit_by_code, joan):
    visit = visit_by_code
    visit.get("/p", headers=GPC)
    save(visit, sale_or_sharing__="yes")
    assert "privacy signal that says no to this" in words(visit.get("/p/confirm", headers=GPC).text)

    visit.post("/p/confirm", {"act": "yes"}, headers=GPC)

    assert sells(joan)
    assert "You said yes to this, though" in words(visit.get("/p", headers=GPC).text)
    assert sells(joan)


def test_a_yes_from_before_the_signal_gives_way_to_it(visit_by_code, joan):
    visit = visit_by_code
    save(visit, sale_or_sharing__="yes")
    visit.post("/p/confirm", {"act": "yes"})
    assert sells(joan)

    visit.get("/p", headers=GPC)

    assert not sells(joan)


def test_the_support_of_the_signal_is_announced(client):
    assert client.get("/.well-known/gpc.json").json()["gpc"] is True
