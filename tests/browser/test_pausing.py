"""Pausing a kind of message, on a phone and at a desk, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from preferences.selectors import decide
from preferences.terms import Reason
from tests.browser.hands import choose, press, systems

pytestmark = pytest.mark.browser


def test_a_kind_of_message_is_paused_and_comes_back_early(open_browser, link, joan, picture, any_device):
    systems(joan)
    tab = open_browser(**any_device.options)
    tab.goto(link)

    tab.locator("summary").filter(has_text="Pause these: Marketing emails").click()
    picture(tab, f"pause-{any_device.name}")
    press(tab, "For 60 days Marketing emails")

    expect(tab.get_by_role("status").first).to_contain_text("Marketing emails Paused until")
    assert decide(joan, "marketing_emails", "email").reason == Reason.PAUSE
    picture(tab, f"paused-{any_device.name}")
    tab.get_by_role("link", name="Back to all my choices").click()
    picture(tab, f"in-pause-{any_device.name}")
    press(tab, "End the pause now Marketing emails")

    expect(tab.get_by_role("status").first).to_contain_text("Marketing emails The pause is over")
    assert decide(joan, "marketing_emails", "email").allowed


def test_enter_in_a_field_saves_and_never_pauses(open_browser, link, joan, any_device):
    tab = open_browser(**any_device.options)
    tab.goto(link)

    choose(tab, "Patient surveys: Email", "No")
    tab.keyboard.press("Enter")

    expect(tab.get_by_role("status").first).to_contain_text("Patient surveys: Email No")
    assert decide(joan, "marketing_emails", "email").allowed
