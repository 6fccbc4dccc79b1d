"""What staff put right at the desk, as they see it on a phone and on a desktop."""

import pytest

from portal.links import link_for
from preferences import clock, services
from preferences.models import Source
from preferences.selectors import decide
from preferences.services import Choice, Said
from preferences.terms import Actor, State
from tests.portal import people

pytestmark = pytest.mark.browser
DEVICES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture(params=DEVICES)
def device(request):
    return request.param


@pytest.fixture
def tab_cookie(client, django_user_model, live_server):
    """An administrator is logged in."""
    client.force_login(django_user_model.objects.create_superuser("maria"))
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}


@pytest.fixture
def tab(open_browser, tab_cookie, device):
    """Their browser, without JavaScript."""
    tab = open_browser(DEVICES[device], java_script_enabled=False)
    tab.context.add_cookies([tab_cookie])
    return tab


@pytest.fixture
def shot(picture, device):
    """Keep a picture of a page, which must fit."""

    def take(tab, name):
        picture(tab, f"desk-{name}-{device}")
        assert tab.locator("body").bounding_box()["width"] <= tab.viewport_size["width"]
        for each in tab.locator(".heed .heed-button:visible, .heed .heed-quiet:visible").all():
            assert each.bounding_box()["height"] >= 44, each.inner_text()

    return take


@pytest.fixture
def jean(live_server):
    return people.person(email="jean@example.org", phone="+12025550144")


def by_staff(**how):
    staff = Source.objects.get(slug="staff")
    return Said(staff, Actor.STAFF, clock.now(), {"how": "On a call"}, who="maria", attached=True, **how)


def test_a_choice_on_the_wrong_patient_goes_to_the_right_one(tab, joan, jean, shot):
    choices = [Choice("patient_surveys", "email", State.OUT)]
    services.record(profile_id=joan, choices=choices, said=by_staff())
    tab.goto(f"/admin/people/{joan}/")
    shot(tab, "person")
    tab.get_by_role("link", name="Recorded in error?").first.click()
    tab.get_by_label("Why it is wrong").fill("Same name, another birthday")
    tab.get_by_label("Exactly as they gave it").fill("jean@example.org")
    tab.get_by_role("button", name="Find").click()
    shot(tab, "wrong-patient")

    tab.get_by_role("button", name="Move it to Person").click()

    assert tab.get_by_text("It no longer counts here").is_visible()
    assert "@" not in tab.url
    shot(tab, "voided")
    tab.get_by_role("link", name=f"Person {str(jean)[:8]}").first.click()
    assert tab.get_by_text("moved here, recorded in error on").is_visible()
    assert not decide(jean, "patient_surveys", "email").allowed


def test_staff_see_why(tab, joan, shot):
    people.chose(joan, ("patient_surveys", "email", State.OUT))
    tab.goto(f"/admin/people/{joan}/")
    tab.get_by_role("button", name="Why: Patient surveys, Email").click()

    assert tab.get_by_text("Is not sent").is_visible()
    assert "patient_surveys" not in tab.url
    shot(tab, "why")
    tab.get_by_role("link", name="In the story").first.click()
    assert tab.url.partition("#")[2].startswith("change-")


def test_two_records_are_compared_and_made_one(tab, joan, shot):
    twin = people.person(email="joan.b@example.org")
    people.chose(joan, ("marketing_emails", "email", State.IN))
    people.chose(twin, ("patient_surveys", "email", State.OUT))
    tab.goto("/admin/people/")
    tab.get_by_label("Phone").check()
    tab.get_by_label("Exactly as they gave it").fill(people.PHONE)
    tab.get_by_role("button", name="Find").click()
    shot(tab, "shared-address")
    for box in tab.get_by_role("checkbox").all():
        box.check()
    tab.get_by_role("button", name="Two of these are one person").click()
    shot(tab, "compare")
    tab.get_by_label("How you know that they are one person").fill("Same birthday and street")
    tab.get_by_role("button", name="They are one").click()

    assert tab.get_by_text("They are one person now").is_visible()
    shot(tab, "made-of")
    tab.get_by_role("link", name="These are two people").click()
    shot(tab, "part")


def test_an_order_for_one_new_phone(tab, joan, shot):
    tab.goto(f"/admin/people/{joan}/")
    tab.get_by_role("link", name="Confidential communications").click()
    shot(tab, "order-form")
    tab.get_by_label("By").first.select_option("Text message")
    tab.get_by_label("At", exact=True).first.fill("(202) 555-0777")
    tab.get_by_role("button", name="Put the order in force").click()

    assert tab.get_by_text("The order is in force").is_visible()
    shot(tab, "order")
    tab.get_by_role("link", name="Pause messages").click()
    shot(tab, "pause")
    tab.goto(link_for(joan))
    assert tab.get_by_text("0777").first.is_visible()
    shot(tab, "patient-under-order")


def test_all_links_are_switched_off_after_reading_what_ends(tab, joan, shot):
    link = link_for(joan)
    tab.goto(f"/admin/people/{joan}/")
    tab.get_by_role("link", name="Switch off all links").click()
    shot(tab, "links-off-form")
    tab.get_by_label("Why").fill("Their mailbox was broken into")
    tab.get_by_role("button", name="Switch off all links").click()

    assert tab.get_by_text("All links are switched off").is_visible()
    shot(tab, "links-off")
    tab.goto(link)
    assert tab.get_by_role("heading", name="This link no longer works").is_visible()


def test_nothing_is_cut_off_on_the_narrowest_phone(open_browser, tab_cookie, joan):
    twin = people.person(email="joan.b@example.org")
    people.chose(twin, ("patient_surveys", "email", State.OUT))
    choices = [Choice("patient_surveys", "email", State.OUT)]
    change = services.record(profile_id=joan, choices=choices, said=by_staff()).change
    tab = open_browser({"width": 320, "height": 640})
    tab.context.add_cookies([tab_cookie])
    acts = ("order/", "pause/", "restrict/", "links/off/", "proxies/")
    for page in ("", f"in-error/{change}/", f"same-as/{twin}/", *acts):
        tab.goto(f"/admin/people/{joan}/{page}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320, page
