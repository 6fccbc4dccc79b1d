"""The main job, as a patient and a partner live it: one opt-out, and every kind of system has been told."""

import base64
import json
import re
import time
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
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
    statuses = {each["subscriptionName"]: each["status"] for each in held["hubspot"]["statuses"]}
    files = [each["file"] for each in held["csv"].get("listed", [])]
    return {
        "sendgrid": groups.get(101, False),
        "mailchimp": held["mailchimp"]["status"] == "unsubscribed",
        "hubspot": statuses["Classes and events"] == "UNSUBSCRIBED",
        "csv": "suppressions-marketing_emails.csv" in files,
        "salesforce": held["salesforce"]["Marketing_Emails_Email_Opt_Out__c"],
        "fhir": any(each["provision"].get("type") == "deny" for each in consents),
        "webhook": not held["webhook"]["data"]["preferences"]["marketing_emails"]["email"]["allowed"],
    }


def says_stop(demo: Demo) -> dict[str, bool]:
    """Of what a patient who wants nothing is denied by systems that marketing emails are no matter of."""
    held = {slug: system["record"] for slug, system in demo.systems(demo.patient).items()}
    return {
        "hl7": held["hl7"]["patients"][0].get("publicity", "").startswith("01^"),
        "hl7, line by line": held["hl7"]["patients"][0]["z"].get("care_follow_ups|sms") == "N",
        "genesys": len(held["genesys"]["dncLists"]) == 4,
        "hubspot": held["hubspot"].get("care_follow_ups_sms_opt_out") == "true",
    }


def may_be_texted(demo: Demo, phone: str) -> list[bool]:
    """About a visit: each of those who share this number, as the EHR's interface has heard."""
    answer = requests.get(demo.told["systems_url"], params={"format": "json", "phone": phone}, timeout=10)
    held = {system["slug"]: system["record"] for system in answer.json()["systems"]}
    lines = [each.get("z", {}).get("appointment_reminders|sms") for each in held["hl7"]["patients"]]
    return [line != "N" for line in lines]


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


def test_stop_from_a_family_phone_silences_both_and_a_yes_to_a_reminder_lifts_nothing(
    demo: Demo, chromium: Any
) -> None:
    family = "+12025550100"
    page = chromium.new_context(viewport=DESKTOP).new_page()
    page.goto(f"{demo.told['systems_url']}?email={demo.patient}")

    def texts(words: str) -> None:
        page.get_by_role("button", name=words, exact=True).click()
        expect(page.locator("#twilio .words li").first).to_contain_text(f"“{words}”: Heed has it")

    assert may_be_texted(demo, family) == [True, True]
    texts("STOP")
    wait_until(lambda: may_be_texted(demo, family) == [False, False], 20, lambda: "STOP was lost")
    texts("yes")
    time.sleep(3)
    assert may_be_texted(demo, family) == [False, False]
    texts("START")
    wait_until(lambda: may_be_texted(demo, family) == [True, True], 20, lambda: "START was lost")


def test_a_group_unsubscribe_of_somebody_unknown_holds_once_they_are_a_patient(demo: Demo) -> None:
    email, event = "not.yet@example.org", {"event": "group_unsubscribe", "asm_group_id": 101}
    body = json.dumps([{**event, "email": email, "sg_event_id": "1", "timestamp": int(time.time())}]).encode()
    key, stamp = (
        load_pem_private_key(demo.told["webhook_secrets"]["sendgrid"].encode(), None),
        str(int(time.time())),
    )
    assert isinstance(key, EllipticCurvePrivateKey)
    signature = base64.b64encode(key.sign(stamp.encode() + body, ECDSA(SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
    }

    answer = requests.post(f"{demo.told['base_url']}/inbound/sendgrid", body, headers=headers, timeout=30)
    assert answer.ok
    demo.identify(email, patient_surveys={"email": True})

    def heard(category: str) -> bool:
        snapshot = demo.systems(email)["webhook"]["record"].get("data", {}).get("preferences", {})
        return bool(snapshot and snapshot[category]["email"]["allowed"])

    wait_until(lambda: heard("appointment_reminders"), 20, lambda: demo.systems(email)["webhook"])
    wait_until(lambda: not heard("marketing_emails"), 20, lambda: demo.systems(email)["webhook"])
    assert heard("appointment_reminders")


def test_whoever_stops_everything_is_out_of_every_kind_of_system(demo: Demo, chromium: Any) -> None:
    page = chromium.new_context(viewport=DESKTOP).new_page()
    page.goto(demo.told["patient_url"])
    page.get_by_role("button", name=re.compile("Stop everything")).click()
    call_center = page.get_by_role("listitem").filter(has_text="Our call center")
    expect(call_center).to_contain_text("Working on it: this can take a few minutes", timeout=20_000)
    wait_until(lambda: all(says_stop(demo).values()), 90, lambda: says_stop(demo))
    expect(call_center).to_contain_text("Told", timeout=20_000)

    assert demo.systems(demo.patient)["meta"]["record"]["in"], "messages are no use of data"
    page.goto(demo.told["patient_url"])
    page.get_by_role("group", name=re.compile("Sale or sharing")).get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Save my choices").click()
    wait_until(lambda: not demo.systems(demo.patient)["meta"]["record"]["in"], 20, lambda: "still in it")
    page.goto(f"{demo.told['systems_url']}?email={demo.patient}")
    page.screenshot(path=PICTURES / "systems-stopped.png", full_page=True)
