"""The unsubscribe page in a browser: one button, with and without JavaScript, and no cookie."""

import pytest
from playwright.sync_api import expect

from portal.links import link_for
from portal.terms import Purpose
from preferences import selectors

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("category", ["marketing_emails", "*"])
def test_one_press_stops_it(open_browser, joan, any_device, picture, category):
    tab = open_browser(**any_device.options)
    name = f"{any_device.name}-{'all' if category == '*' else category}".replace(" ", "-")
    tab.goto(link_for(joan, category, purpose=Purpose.UNSUBSCRIBE))
    picture(tab, f"unsubscribe-{name}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"]
    assert selectors.decide(joan, "marketing_emails", "email").allowed

    tab.get_by_role("button", name="Yes, stop these emails").click()
    picture(tab, f"unsubscribed-{name}")

    expect(tab.get_by_role("heading", level=1)).to_have_text("We will stop")
    assert tab.get_by_role("button").count() == 0
    assert tab.context.cookies() == []
    assert not selectors.decide(joan, "marketing_emails", "email").allowed
