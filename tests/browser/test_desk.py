"""The desk of what needs a person, as staff see it, on a phone and on a desktop."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Approval, Destination, ManualTask, Propagation
from destinations.terms import Act, PropagationState
from preferences.terms import State
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.browser
PAGES = {
    "desk": "/admin/stuck/",
    "rows": "/admin/stuck/rows/?list=stuck",
    "hand": "/admin/stuck/hand/?system=crm&state=stuck&reason=ambiguous",
    "done": "/admin/stuck/done/{task}/",
    "agree": "/admin/stuck/agree/{asked}/",
    "retry": "/admin/stuck/retry/?system=crm&state=stuck&reason=ambiguous",
    "home": "/admin/",
    "payload": "/admin/people/{joan}/attempts/{row}/",
    "systems": "/admin/destinations/destination/",
}


@pytest.fixture
def tab(open_browser, client, django_user_model, live_server, device):
    """A browser in which an administrator is logged in."""
    client.force_login(django_user_model.objects.create_superuser("maria"))
    size = {"width": 390, "height": 844} if device.name == "phone" else {"width": 1280, "height": 900}
    tab = open_browser(viewport=size)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    tab.context.add_cookies([cookie])
    return tab


@pytest.fixture
def shot(picture, device):
    return lambda tab, name: picture(tab, f"desk-{name}-{device.name}")


@pytest.fixture
def names(joan):
    """One in somebody's hands, one act that waits, two stuck groups, one system that does not answer."""
    crm, mail = desk.system("CRM"), desk.system("Mail service")
    people.chose(joan, ("marketing_emails", "email", State.OUT))
    long_ago = timezone.now() - timedelta(hours=30)
    row = desk.telling(people.address("email", people.EMAIL), destination=mail, wanted_at=long_ago)
    first = desk.telling(joan, reason="ambiguous", destination=crm, wanted_at=long_ago)
    desk.telling(people.person(email="other@example.org", phone=""), reason="ambiguous", destination=crm)
    task = ManualTask.objects.create(
        propagation=first,
        counter=1,
        asked_of="Pat Ortiz",
        words="Find both records, keep the newer one, and tick the box on it.",
        created_by="ana",
        created_at=long_ago,
    )
    asked = Approval.objects.create(
        destination=mail, act=Act.AGAIN, people=12_000, differ=9_400, exact=False, asked_by="ana"
    )
    Destination.objects.filter(pk=mail.pk).update(
        failures=7,
        failing_since=long_ago,
        failing_reason="unavailable",
        not_before=timezone.now() + timedelta(minutes=1),
    )
    return {"task": task.pk, "asked": asked.pk, "joan": joan, "row": row.pk}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_desk_fits(tab, names, name, shot):
    tab.goto(PAGES[name].format(**names))

    shot(tab, name)
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"]
    for each in tab.locator(".heed .heed-button:visible, .heed .heed-quiet:visible").all():
        box = each.bounding_box()
        assert box is None or box["height"] >= 44


def test_from_stuck_to_done_by_hand(tab, names, shot):
    tab.goto("/admin/stuck/")
    tab.get_by_role("link", name="Hand to a person").first.click()  # the largest group
    tab.get_by_label("A colleague").select_option("maria")
    tab.get_by_role("button", name="Hand over 1").click()  # the other one is in Pat's hands already
    assert tab.get_by_text("1 handed to maria.").is_visible()

    tab.get_by_role("link", name="It is done").last.click()  # the oldest comes first
    tab.get_by_label("Note").fill("Merged there")
    tab.get_by_role("button", name="It is done there").click()
    assert tab.get_by_text("Noted: CRM holds it.").is_visible()
    shot(tab, "confirmed")
    assert Propagation.objects.filter(state=PropagationState.ACKNOWLEDGED, reason="by_hand").count() == 1


def test_the_page_of_a_system_and_its_acts_fit(tab, names, shot):
    system = Destination.objects.get(slug="mail-service")
    for name, path in (("system", "change/"), ("again", "again/"), ("size", "size/"), ("test", "test/")):
        tab.goto(f"/admin/destinations/destination/{system.pk}/{path}")
        shot(tab, name)
        assert tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"]
