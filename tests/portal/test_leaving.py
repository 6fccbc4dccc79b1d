"""Somebody closes their page: whoever sits down there next finds nothing."""

from portal.links import link_for
from tests.portal import people
from tests.portal.forms import fields, save, words


def leave(client):
    return client.post("/p/leave", fields(client.get("/p").text))


def test_nothing_is_open_once_the_person_has_left(visit, joan):
    save(visit, appointment_reminders__sms="no")

    answer = leave(visit)

    assert answer.headers["Location"] == "/p/leave"
    assert "Your page is closed" in words(visit.get("/p/leave").text)
    for page in ("/p", "/p/saved", "/p/addresses", "/p/receipt", "/p/status"):
        assert visit.get(page).status_code == 403


def test_the_session_is_gone_and_not_only_its_cookie(visit):
    kept = visit.cookies["sessionid"].value
    leave(visit)

    visit.cookies["sessionid"] = kept

    assert visit.get("/p").status_code == 403


def test_a_second_click_is_answered_like_the_first(visit):
    visit.handler.enforce_csrf_checks = True
    form = fields(visit.get("/p").text)
    visit.post("/p/leave", form)

    assert visit.post("/p/leave", form).headers["Location"] == "/p/leave"


def test_no_form_from_elsewhere_closes_it(visit):
    visit.handler.enforce_csrf_checks = True

    assert visit.post("/p/leave").status_code == 403
    assert visit.get("/p").status_code == 200


def test_who_is_still_there_is_not_told_that_it_is_closed(visit):
    assert visit.get("/p/leave").headers["Location"] == "/p"


def test_the_link_opens_it_again(visit, joan):
    leave(visit)

    visit.get(link_for(joan, address_id=people.address("email", people.EMAIL)))

    assert visit.get("/p").status_code == 200


def test_a_browser_that_is_closed_has_left(visit):
    assert not visit.cookies["sessionid"]["max-age"]
    assert not visit.cookies["sessionid"]["expires"]
