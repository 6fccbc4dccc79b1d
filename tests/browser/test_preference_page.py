"""The preference page as people meet it: on a phone, at a desk, with the keyboard, without JavaScript."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.portal import people
from destinations.models import Destination, Propagation
from preferences.models import Outbox

pytestmark = pytest.mark.browser


def test_pictures(open_browser, link, joan, picture):
    people.publish_required_category()
    people.chose(joan, ("appointment_reminders", "sms", people.IN), ("appointment_reminders", "phone", people.OUT), ("marketing_emails","email",people.OUT))
    rows = {}
    for slug, label in (("mail", "Our email service"), ("crm", "Our patient records"), ("call", "Our call center"), ("ads", "Advertising on other websites")):
        d = Destination.objects.create(slug=slug, name=slug, public_label=label, connector="x", state="live")
        rows[slug] = Propagation.objects.create(destination=d, identifier_id=joan)
    Propagation.objects.filter(pk=rows["mail"].pk).update(acknowledged=1, state="acknowledged")
    Propagation.objects.filter(pk=rows["crm"].pk).update(state="later")
    Propagation.objects.filter(pk=rows["ads"].pk).update(state="absent", acknowledged=1)
    for name, viewport in (("phone", PHONE), ("desktop", DESKTOP), ("narrow", {"width": 320, "height": 700}), ("tablet", {"width": 820, "height": 1100})):
        tab = open_browser(viewport)
        tab.goto(link)
        print(name, tab.evaluate("document.documentElement.scrollWidth"))
        picture(tab, f"page-{name}")
        if name in ("tablet", "narrow"): continue
        tab.click("text=Save my choices"); picture(tab, f"nothing-{name}")
        tab.goto("/p")
        state = "No" if name == "phone" else "Yes"
        tab.get_by_role("group", name="Patient surveys: Email").get_by_label(state).check()
        tab.get_by_role("group", name="Sale or sharing" if name == "phone" else "Use of my sens").get_by_label("Yes").check()
        tab.click("text=Save my choices")
        picture(tab, f"confirm-{name}")
        tab.click("text=Yes, I am sure")
        Outbox.objects.all().delete()
        tab.wait_for_timeout(1500)
        picture(tab, f"saved-{name}")
        tab.goto("/p")
        people.chose(joan, ("marketing_emails", "email", people.OUT), ("patient_surveys", "sms", people.OUT))
        tab.get_by_role("group", name="Marketing emails").get_by_label("Yes").check()
        tab.get_by_role("group", name="Patient surveys: Text").get_by_label("Yes").check()
        tab.click("text=Save my choices")
        picture(tab, f"again-{name}")
        tab.goto("/p")
        tab.click("text=Stop everything you")
        picture(tab, f"stopped-{name}")
        for path in ("/", "/p/garbage"):
            tab.goto(path)
            picture(tab, f"{path.strip('/') .replace('/', '-') or 'home'}-{name}")
        tab.context.clear_cookies(); tab.goto("/p"); picture(tab, f"over-{name}")
