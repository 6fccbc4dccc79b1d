"""Events of a whole demo, over HTTP: where they go, and that a no stops them at once."""

import re
import time
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, PICTURES
from tests.journeys.conftest import Demo, wait_until
from tests.journeys.tracking import booked, clicked, heard, rows, settled, shares, track


def theirs(demo: Demo, slug: str) -> int:
    """How many events of the patient whom the demo shows this system has."""
    return int(demo.systems(demo.patient)[slug]["events"]["theirs"])


def withheld(page: Any) -> int:
    """How many of hers were kept from Meta, as the systems page says."""
    words = page.locator("[data-live='meta_conversions-counts'] .no b").inner_text()
    return int(words.replace(",", ""))


@pytest.mark.browser
def test_a_booking_never_reaches_advertising_and_the_page_names_the_rule(demo: Demo, chromium: Any) -> None:
    sent = track(demo, [booked(email=demo.patient), clicked(email=demo.patient)])
    wait_until(lambda: settled(demo, sent), 60, lambda: rows(demo, sent))

    booking, click = sent
    for slug in ("meta_conversions", "google_events"):
        wait_until(lambda slug=slug: click in heard(demo, slug), 20, lambda: rows(demo, sent))  # type: ignore[misc]
        assert booking not in heard(demo, slug)
    systems = chromium.new_context(viewport=DESKTOP).new_page()
    systems.goto(f"{demo.told['systems_url']}?email={demo.patient}")
    for slug, why in (
        ("meta_conversions", "Never any health information to advertising"),
        ("google_events", "Never any health information to advertising"),
        ("ga4", "health information, which no agreement (BAA) lets go there"),
    ):
        shown = systems.locator(f"[data-live='{slug}-reasons']").get_by_text(f"appointment_booked: {why}")
        expect(shown.first).to_be_visible()


@pytest.mark.browser
def test_a_no_on_the_patients_page_stops_her_events_within_a_second(demo: Demo, chromium: Any) -> None:
    wait_until(lambda: theirs(demo, "meta_conversions") > 2, 60, lambda: demo.systems(demo.patient))
    systems = chromium.new_context(viewport=DESKTOP).new_page()
    systems.goto(f"{demo.told['systems_url']}?email={demo.patient}")
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(demo.told["patient_url"])
    page.get_by_role("group", name=re.compile("Sale or sharing")).get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Save my choices").click()
    expect(page.get_by_text("saved", exact=False).first).to_be_visible(timeout=20_000)
    time.sleep(1)
    sent, webhook, kept_back = theirs(demo, "meta_conversions"), theirs(demo, "webhook"), withheld(systems)

    wait_until(lambda: theirs(demo, "webhook") > webhook + 2, 60, lambda: "her appointments go on")
    wait_until(lambda: withheld(systems) > kept_back + 1, 60, lambda: "and are withheld elsewhere")
    assert theirs(demo, "meta_conversions") == sent
    PICTURES.mkdir(exist_ok=True)
    systems.screenshot(path=PICTURES / "systems-events.png")
    systems.set_viewport_size(PHONE)
    systems.screenshot(path=PICTURES / "systems-events-phone.png")
    assert systems.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_a_washington_visitor_whom_nobody_asked_reaches_neither_meta_nor_ga4(demo: Demo) -> None:
    said = requests.post(
        f"{demo.told['base_url']}/v1/identify",
        json={"anonymousId": "wa-1", "traits": {"jurisdiction": "US-WA"}},
        headers={"Authorization": f"Bearer {demo.told['api_key']}"},
        timeout=30,
    )
    assert said.ok
    in_washington = track(demo, [booked(browser="wa-1"), booked(browser="never-seen")])
    elsewhere = track(demo, [booked(email=demo.patient, browser="browser-0")])
    assert len(in_washington) == 2
    wait_until(lambda: settled(demo, [*in_washington, *elsewhere]), 60, lambda: rows(demo, in_washington))

    assert {each.state for each in rows(demo, in_washington) if each.system != "webhook"} == {"blocked"}
    for slug in ("meta_conversions", "google_events", "ga4", "segment"):
        assert not set(heard(demo, slug)) & set(in_washington)
    assert set(elsewhere) <= set(heard(demo, "segment"))


@pytest.mark.browser
def test_what_waited_for_a_system_that_was_down_does_not_leave_after_an_opt_out(demo: Demo) -> None:
    email = "queued@example.org"
    assert shares(demo, email, True)
    faults = f"{demo.told['destinations']['meta_conversions']}/_faults"
    requests.post(faults, json={"status": 503}, timeout=5)
    try:
        waiting = track(demo, [clicked(email=email) for _ in range(5)])
        time.sleep(4)
        assert {each.state for each in rows(demo, waiting) if each.system == "meta_conversions"} <= {
            *("waiting", "later", "sending"),
        }
        assert shares(demo, email, False)
    finally:
        requests.delete(faults, timeout=5)
    wait_until(lambda: settled(demo, waiting), 90, lambda: rows(demo, waiting))

    assert {each.state for each in rows(demo, waiting) if each.system == "meta_conversions"} == {"blocked"}
    assert not set(heard(demo, "meta_conversions")) & set(waiting)
