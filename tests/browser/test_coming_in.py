"""Coming in without a link, as people do it: on a phone, at a desk, with the keyboard, without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.hands import press
from tests.portal import people
from tests.portal.codes import arrived, wrong

pytestmark = pytest.mark.browser


def test_an_email_is_entered_then_the_code(open_browser, joan, picture, any_device):
    tab = open_browser(**any_device.options)
    tab.goto("/")
    picture(tab, f"home-{any_device.name}")
    press(tab, "Send me a code")
    expect(tab.get_by_role("alert")).to_contain_text("does not look like an email")
    picture(tab, f"home-problem-{any_device.name}")

    tab.get_by_role("textbox").fill(people.EMAIL)
    tab.keyboard.press("Enter")
    code = tab.get_by_label("6-digit code")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")
    code.fill(wrong())
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("You can try 4 more times.")
    picture(tab, f"code-{any_device.name}")

    tab.get_by_label("6-digit code").fill(arrived())
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Choose what we send you")


TWICE = """() => {
    const stopped = [];
    addEventListener("submit", (event) => { stopped.push(event.defaultPrevented); event.preventDefault(); });
    const form = document.querySelector("form.entry");
    form.requestSubmit();
    form.requestSubmit();
    return stopped;
}"""


def test_of_two_quick_clicks_on_a_code_the_second_is_not_sent(open_browser, joan):
    tab = open_browser()
    tab.goto("/")
    tab.get_by_role("textbox").fill(people.EMAIL)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/code")

    assert tab.evaluate(TWICE) == [False, True]


@pytest.mark.parametrize("path", ["/", "/code"])
def test_nothing_scrolls_sideways_at_320_pixels(open_browser, joan, path):
    tab = open_browser({"width": 320, "height": 640})
    tab.goto("/?language=es")
    tab.get_by_role("textbox").fill(people.EMAIL)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/code")
    tab.goto(path)

    assert tab.evaluate("document.documentElement.scrollWidth") == 320
