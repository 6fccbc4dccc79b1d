"""Staff's pages as staff see them, on a desktop and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.terms import PropagationState
from preferences import services
from preferences.models import Identifier
from preferences.terms import State
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.browser
PAGES = {
    "home": "/admin/",
    "search": "/admin/people/",
    "person": "/admin/people/{joan}/",
    "record": "/admin/people/{joan}/record/",
    "attempts": "/admin/people/{joan}/attempts/{row}/",
    "out": "/admin/people/out/",
    "out-list": "/admin/people/out/list/?category=patient_surveys&channel=email",
    "stuck": "/admin/stuck/",
    "rows": "/admin/stuck/rows/?list=stuck",
}


@pytest.fixture
def row(joan):
    """Joan said this and that; one system is stuck about her."""
    people.chose(joan, ("patient_surveys", "email", State.OUT), ("appointment_reminders", "sms", State.IN))
    services.record(
        profile_id=joan,
        choices=[services.Choice("marketing_emails", "email", State.IN)],
        said=people.said(),
    )
    people.texted_stop()
    services.refresh_standing(
        identifiers=dict(Identifier.objects.values_list("id", "kind")), now=timezone.now()
    )
    desk.telling(joan, PropagationState.ACKNOWLEDGED, reason="", destination=desk.system("Health record"))
    desk.system("Care team")
    return desk.telling(people.address("email", people.EMAIL), wanted_at=timezone.now() - timedelta(hours=30))


@pytest.fixture
def shot(picture, device):
    """Keep a picture of a page, on the device it is looked at with."""
    return lambda tab, name: picture(tab, f"staff-{name}-{device.name}")


@pytest.fixture
def tab(open_browser, client, django_user_model, live_server, device):
    """A browser in which an administrator is logged in."""
    client.force_login(django_user_model.objects.create_superuser("maria"))
    tab = open_browser(**device.options)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    tab.context.add_cookies([cookie])
    return tab


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_breaks_no_policy(tab, joan, row, name, shot):
    tab.goto(PAGES[name].format(joan=joan, row=row.pk))

    shot(tab, name)
    assert tab.locator(".heed-title").count() == 1
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"]
    for each in tab.locator(".heed .heed-button:visible, .heed .heed-quiet:visible").all():
        box = each.bounding_box()
        assert box is None or box["height"] >= 44


def test_a_no_is_recorded_from_search_to_result(tab, joan, row, shot):
    tab.goto("/admin/people/")
    tab.get_by_label("Exactly as they gave it").fill(people.EMAIL)
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name="Record a choice").click()
    tab.get_by_label("No", exact=True).check()
    tab.get_by_label("What it is about").select_option("Patient surveys")
    tab.get_by_label("The day they said it").fill(timezone.localdate().isoformat())
    tab.get_by_role("button", name="Save").click()

    assert tab.get_by_role("heading", name="This counts now").is_visible()
    assert "@" not in tab.url
    shot(tab, "recorded")
