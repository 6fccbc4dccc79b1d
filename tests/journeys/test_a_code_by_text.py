"""A code by text, from the front door to the page: what Heed texts stands at the phone company's sandbox."""

import re
from collections import Counter
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from config.demo.people import patients
from tests.browser.conftest import PHONE, PICTURES
from tests.journeys.conftest import Demo, wait_until

pytestmark = pytest.mark.browser
PATIENTS = 40


def a_phone_of_their_own() -> str:
    """Of the first patient who shares it with nobody and has not texted STOP."""
    everybody = list(patients(PATIENTS))
    held_by = Counter(each.phone for each in everybody)
    return next(each.phone for each in everybody[3:] if held_by[each.phone] == 1)


def texts_to(demo: Demo, phone: str) -> list[str]:
    answer = requests.get(demo.told["systems_url"], params={"format": "json", "phone": phone}, timeout=10)
    [twilio] = [each for each in answer.json()["systems"] if each["slug"] == "twilio"]
    return [each["body"] for each in twilio["record"].get("messages", [])]


def test_a_phone_is_entered_and_the_code_that_was_texted_opens_the_page(demo: Demo, chromium: Any) -> None:
    phone = a_phone_of_their_own()
    tab = chromium.new_context(viewport=PHONE, base_url=demo.told["base_url"]).new_page()
    tab.goto("/")
    tab.get_by_label("Your email or mobile phone number").fill(phone)
    tab.get_by_role("button", name="Send me a code").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Enter your code")

    wait_until(lambda: texts_to(demo, phone), 30, lambda: "no text came")
    code = re.search(r"\b\d{6}\b", texts_to(demo, phone)[0])
    assert code
    box = chromium.new_context(viewport=PHONE).new_page()
    box.goto(demo.told["mailbox_url"])
    expect(box.get_by_text(code[0])).to_be_visible()
    box.screenshot(path=PICTURES / "mailbox-phone.png", full_page=True)
    tab.get_by_label("6-digit code").fill(code[0])
    tab.get_by_role("button", name="Continue").click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("Choose what we send you")
    expect(tab.locator(".whose")).to_contain_text(phone[-4:])
    tab.get_by_role("link", name="Contact me only in some ways").click()  # no further code is asked for
    expect(tab.get_by_role("heading", level=1)).to_have_text("Contact me only in some ways")
