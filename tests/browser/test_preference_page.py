"""The preference page as people meet it: on a phone, at a desk, with the keyboard, without JavaScript."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.portal import people

pytestmark = pytest.mark.browser


def test_pictures(open_browser, link, joan, picture):
    people.publish_required_category()
    people.chose(joan, ("appointment_reminders", "sms", people.IN), ("appointment_reminders", "phone", people.OUT), ("marketing_emails","email",people.OUT))
    people.texted_stop()
    for name, viewport in (("phone", PHONE), ("desktop", DESKTOP), ("narrow", {"width": 320, "height": 700}), ("tablet", {"width": 820, "height": 1100})):
        tab = open_browser(viewport)
        tab.goto(link)
        print(name, tab.evaluate("document.documentElement.scrollWidth"))
        tab.screenshot(path=f"tests/browser/screenshots/page-{name}.png", full_page=True)
        if name in ("phone", "narrow"):
            tab.screenshot(path=f"tests/browser/screenshots/top-{name}.png", full_page=True, clip={"x":0,"y":0,"width":viewport["width"],"height":1700})
            tab.screenshot(path=f"tests/browser/screenshots/bottom-{name}.png", full_page=True, clip={"x":0,"y":1700,"width":viewport["width"],"height":1800})
    tab = open_browser(DESKTOP, color_scheme="dark")
    tab.goto(link)
    picture(tab, "page-dark")
