"""The systems page, for people and for machines."""

import re

import pytest

from destinations.sandbox import (
    Ga4Sandbox,
    GenesysSandbox,
    MetaConversionsSandbox,
    PhonesSandbox,
    System,
    SystemsPage,
    running,
)
from destinations.sandbox.page import flattened
from destinations.sandbox.page_events import spelt
from destinations.sandbox.tracker import hashed_under


@pytest.fixture
def page(stack, call, sendgrid, salesforce):
    sendgrid.seed({"suppressed": [{"email": "ana@example.org", "group": 101}]})
    salesforce.seed({"Contact": [{"LastName": "<Ruiz>", "Email": "ana@example.org", "Phone": "5550100123"}]})
    systems = [System(each.slug, each.slug, each.name, each.url) for each in (sendgrid, salesforce)]
    return call(stack.enter_context(running(SystemsPage(systems))))


def test_machines_are_told_what_each_system_knows(page):
    by_email = page.get("/systems?format=json&email=ana@example.org").json()["systems"]
    by_phone = page.get("/systems?format=json&phone=%2B15550100123").json()["systems"]

    assert [(each["slug"], each["connector"], each["known"]) for each in by_email] == [
        ("sendgrid", "sendgrid", True),
        ("salesforce", "salesforce", True),
    ]
    assert by_email[1]["record"]["Email"] == "ana@example.org"
    assert [(each["known"], each["record"], each["calls"]) for each in by_phone][0] == (False, {}, 0)
    assert by_phone[1]["known"]


def test_people_are_told_in_words_and_in_the_systems_own_fields(page):
    html = page.get("/systems?who=ana@example.org").text

    assert "<b>Marketing emails:</b> suppressed" in html
    assert "<b>Patient surveys:</b> not suppressed" in html
    assert "<dt>HasOptedOutOfEmail</dt><dd>false</dd>" in html
    assert "&lt;Ruiz&gt;" in html
    assert "<Ruiz>" not in html


def test_a_system_that_is_down_says_so_and_the_others_still_answer(page, salesforce):
    salesforce.stop()

    told = page.get("/systems?format=json&email=ana@example.org").json()["systems"]
    html = page.get("/systems?email=ana@example.org").text

    assert told[0]["known"]
    assert (told[1]["known"], told[1]["record"], told[1]["error"]) == (False, {}, "does not answer")
    assert "does not answer" in html


def test_with_nobody_asked_for_the_page_says_what_to_do(page):
    assert "Look somebody up" in page.get("/systems").text
    assert page.get("/systems?format=json").json() == {"systems": []}
    assert page.get("/").url.endswith("/systems")


def test_a_patient_whom_nobody_knows_is_said_to_be_unknown(page):
    html = page.get("/systems?who=nobody@example.org").text

    assert html.count("not known here") == 2
    assert "It holds nothing about this address." in html


def test_no_script_or_style_stands_in_the_page_and_none_may(page):
    answer = page.get("/systems?email=ana@example.org")

    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert page.get("/systems.css").headers["Content-Type"].startswith("text/css")
    assert page.get("/systems.js").headers["Content-Type"].startswith("text/javascript")


def test_the_address_asked_for_is_written_nowhere(page, sendgrid, salesforce, capfd):
    page.get("/systems?email=ana@example.org")
    salesforce.stop()
    page.get("/systems?email=ana@example.org")

    written = capfd.readouterr()
    assert "ana@example.org" not in written.out + written.err
    assert not sendgrid.requests


def test_a_document_is_shown_leaf_by_leaf():
    document = {"entry": [{"status": "active", "tags": []}], "ok": True, "none": None}

    assert list(flattened(document)) == [
        ("entry[0].status", "active"),
        ("entry[0].tags", "[]"),
        ("ok", "true"),
        ("none", "null"),
    ]


@pytest.fixture
def everything(stack, call, sendgrid, fhir):
    """A page of several kinds; the medical record knows that Ana's phone is hers."""
    genesys = stack.enter_context(running(GenesysSandbox()))
    twilio = stack.enter_context(running(PhonesSandbox(webhook="http://127.0.0.1:1/inbound/twilio")))
    telecom = [{"system": "email", "value": "ana@example.org"}, {"system": "phone", "value": PHONE}]
    fhir.seed({"Patient": [{"id": "p1", "telecom": telecom}]})
    genesys.seed(
        {"lists": [{"id": "calls", "name": "Calls"}], "numbers": [{"list": "calls", "phone": PHONE}]}
    )
    systems = [System.of(each) for each in (sendgrid, fhir, genesys, twilio)]
    return call(stack.enter_context(running(SystemsPage(systems))))


PHONE = "+12025550143"


def test_a_system_that_knows_numbers_only_is_asked_by_the_number_in_the_medical_record(everything):
    told = everything.get("/systems?format=json&email=ana@example.org").json()["systems"]

    assert {each["slug"]: each["record"] for each in told}["genesys"] == {"dncLists": ["Calls"]}


def test_systems_of_a_kind_stand_together(everything):
    html = everything.get("/systems?email=ana@example.org").text

    kinds = re.findall(r"<h2>([^<]+)</h2>", html)
    assert kinds == ["Email", "EHR", "Call center", "Texts (SMS)"]


def test_the_persons_phone_can_text_from_the_page_and_from_nowhere_else(everything):
    assert f'name="from" value="{PHONE}"' in everything.get("/systems?email=ana@example.org").text
    words = {"from": PHONE, "body": "STOP", "who": "ana@example.org"}

    other = everything.post("/text", data=words, headers={"Sec-Fetch-Site": "cross-site"})
    empty = everything.post("/text", data={**words, "body": " "})
    shown = everything.post("/text", data=words)

    assert (other.status_code, empty.status_code) == (403, 400)
    assert shown.url.endswith("/systems?who=ana%40example.org#twilio")
    assert "“STOP”:</b> nobody answered" in shown.text


def test_who_has_no_known_phone_cannot_text(everything):
    assert "No phone number is known" in everything.get("/systems?email=nobody@example.org").text


@pytest.fixture
def tracked(stack, call, sendgrid, tmp_path):
    """A page with two systems that take events: one knows people by a hash, the other browsers."""
    meta, ga4 = (stack.enter_context(running(made())) for made in (MetaConversionsSandbox, Ga4Sandbox))
    under = hashed_under("email:ana@example.org")
    booked = [{"key": f"e{n}", "name": "appointment_booked", "under": [under]} for n in range(7)]
    meta.seed({"events": [*booked, {"key": "other", "name": "page_viewed"}]})
    ga4.seed({"events": [{"key": "e0", "name": "page_viewed", "under": ["client:b1"]}]})
    systems = [System.of(each) for each in (sendgrid, meta, ga4)]
    return call(stack.enter_context(running(SystemsPage(systems))))


def test_what_happened_is_counted_for_all_and_for_whoever_the_system_knows(tracked):
    told = tracked.get("/systems?format=json&email=ana@example.org").json()["systems"]
    events = {each["slug"]: each.get("events") for each in told}

    assert events["sendgrid"] is None
    assert (events["meta_conversions"]["received"], events["meta_conversions"]["theirs"]) == (8, 7)
    assert [each["name"] for each in events["meta_conversions"]["last"]] == ["appointment_booked"] * 5
    assert (events["ga4"]["received"], events["ga4"]["theirs"]) == (1, None)
    html = tracked.get("/systems?email=ana@example.org").text
    assert "<b>7</b> of this person, 8 in all" in html
    assert "<b>1</b> in all, people unknown" in html
    assert html.index('class="kinds"') < html.index("appointment_booked · this person")


def test_what_happened_is_shown_with_nobody_asked_for_too(tracked):
    html = tracked.get("/systems").text

    assert "Look somebody up" in html
    assert "page_viewed" in html
    assert "this person" not in html


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s ago"), (75, "1 min ago"), (7200, "2 h ago")])
def test_it_says_how_long_ago_something_happened(seconds, words):
    assert spelt(seconds) == words
