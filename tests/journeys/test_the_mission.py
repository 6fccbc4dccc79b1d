"""The main job, as a patient and a partner live it: one opt-out, and four systems have been told."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, PICTURES
from tests.journeys.conftest import Demo, wait_until

pytestmark = pytest.mark.browser


def marketing_is_off(demo: Demo) -> dict[str, bool]:
    """Per system, in its own words: does it know that marketing emails are off?"""
    held = {slug: system["record"] for slug, system in demo.systems(demo.patient).items()}
    groups = {each["id"]: each["suppressed"] for each in held["sendgrid"].get("suppressions", [])}
    consents = [
        entry["resource"]
        for entry in held["fhir"]["entry"]
        if entry["resource"]["resourceType"] == "Consent"
        and entry["resource"]["identifier"][0]["value"].endswith("/marketing_emails")
    ]
    return {
        "sendgrid": groups.get(101, False),
        "salesforce": held["salesforce"]["Marketing_Emails_Email_Opt_Out__c"],
        "fhir": any(each["provision"].get("type") == "deny" for each in consents),
        "webhook": not held["webhook"]["data"]["preferences"]["marketing_emails"]["email"]["allowed"],
    }


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_a_patient_turns_marketing_off_and_sees_that_every_system_was_told(
    demo: Demo, chromium: Any, device: str
) -> None:
    demo.identify(demo.patient, marketing_emails={"email": True})
    wait_until(lambda: not any(marketing_is_off(demo).values()), 20, lambda: marketing_is_off(demo))
    page = chromium.new_context(viewport=PHONE if device == "phone" else DESKTOP).new_page()

    page.goto(demo.told["patient_url"])
    assert re.fullmatch(r".*/p", page.url), "the link has left the address bar"
    page.get_by_role("group", name=re.compile("Marketing emails")).get_by_label("No", exact=True).check()
    began = time.monotonic()
    page.get_by_role("button", name="Save my choices").click()
    told = page.get_by_role("listitem").filter(has_text="Our email service")
    expect(told).to_contain_text(re.compile("told", re.IGNORECASE))
    wait_until(lambda: all(marketing_is_off(demo).values()), 5, lambda: marketing_is_off(demo))
    assert time.monotonic() - began < 5
    expect(page.get_by_text("being told")).to_have_count(0)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"mission-{device}.png", full_page=True)


def test_a_partner_says_the_same_and_every_system_is_told(demo: Demo) -> None:
    demo.identify(demo.patient, marketing_emails={"email": True})
    wait_until(lambda: not any(marketing_is_off(demo).values()), 20, lambda: marketing_is_off(demo))

    answer = demo.identify(demo.patient, marketing_emails=False)

    assert answer.json()["status"] == "recorded"
    wait_until(lambda: all(marketing_is_off(demo).values()), 5, lambda: marketing_is_off(demo))
