"""What was chosen before, and receipts to keep, as people meet them; on paper too."""

import json

import pytest
from playwright.sync_api import expect

from destinations.models import Destination
from preferences import services
from preferences.services import Choice
from preferences.terms import State
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hands import SAVE, choose, enter_code, press, systems
from tests.portal import people
from tests.portal.codes import arrived

pytestmark = pytest.mark.browser


@pytest.fixture
def past(joan):
    """A STOP, a word of one of our systems, and a yes that did not count."""
    systems(joan)
    Destination.objects.filter(slug="s2").update(source=people.clinic())
    people.texted_stop()
    services.record(
        profile_id=joan,
        choices=[Choice("care_follow_ups", "mail", State.OUT), Choice("phone_outreach", "sms", State.IN)],
        said=people.said(),
    )


def test_what_was_chosen_is_read_back_and_a_receipt_kept(open_browser, link, past, picture, any_device):
    tab = open_browser(**any_device.options)
    tab.goto(link)
    choose(tab, "Patient surveys: Email", "No")
    press(tab, SAVE)
    press(tab, "Undo")
    enter_code(tab)
    expect(tab.get_by_role("heading", level=1)).to_have_text("It is as it was before")
    picture(tab, f"undone-{any_device.name}")
    tab.get_by_role("link", name="Back to all my choices").click()
    choose(tab, "Marketing emails: Email", "No")
    press(tab, SAVE)
    tab.get_by_role("link", name="Back to all my choices").click()

    tab.get_by_role("link", name="See what you chose before").click()

    expect(tab.get_by_role("listitem").filter(has_text="You, on this page").first).to_contain_text(
        "Marketing"
    )
    picture(tab, f"history-{any_device.name}")
    tab.get_by_role("link", name="Receipt").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Receipt")
    picture(tab, f"receipt-{any_device.name}")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Keep it as a file (JSON)").click()
    kept = json.loads(download.value.path().read_text())
    assert kept["changes"][0]["choices"][0]["state"] == "opted_out"


def test_without_script_nothing_is_there_that_only_a_script_does(open_browser, link, past):
    tab = open_browser(DESKTOP, java_script_enabled=False)
    tab.goto(link)
    choose(tab, "Marketing emails: Email", "No")
    press(tab, SAVE)
    tab.get_by_role("link", name="Receipt to print").click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(tab.get_by_role("button", name="Print this")).to_have_count(0)


def test_on_paper_there_are_words_alone(open_browser, link, past, picture):
    tab = open_browser(DESKTOP, color_scheme="dark")
    tab.goto(link)
    choose(tab, "Marketing emails: Email", "No")
    press(tab, SAVE)
    tab.get_by_role("link", name="Receipt to print").click()
    expect(tab.get_by_role("button", name="Print this")).to_be_visible()

    tab.emulate_media(media="print")

    for gone in ("navigation", "contentinfo", "button"):
        expect(tab.get_by_role(gone)).to_have_count(0)
    expect(tab.get_by_role("link")).to_have_count(0)
    expect(tab.get_by_text("Marketing emails: Email")).to_be_visible()
    picture(tab, "receipt-on-paper")


@pytest.mark.parametrize("seen", ["320 light", "390 dark", "1280 dark"])
def test_they_hold_in_spanish_and_in_the_dark(open_browser, link, past, picture, seen):
    width, colours = seen.split()
    tab = open_browser({"width": int(width), "height": 800}, color_scheme=colours)
    tab.goto(f"{link}?language=es")
    choose(tab, "Correos promocionales: Correo electrónico", "No")
    press(tab, "Guardar mis preferencias")
    tab.wait_for_url("**/p/saved")
    tab.goto("/p/receipt")
    assert tab.evaluate("document.documentElement.scrollWidth") <= int(width)
    picture(tab, f"receipt-es-{width}-{colours}")

    tab.goto("/p/history")
    press(tab, "Enviar el código")
    tab.get_by_label("Código de 6 dígitos").fill(arrived())
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/p/history")
    assert tab.evaluate("document.documentElement.scrollWidth") <= int(width)
    picture(tab, f"history-es-{width}-{colours}")


def test_with_nothing_said_the_page_says_so(open_browser, link, joan, picture):
    tab = open_browser(PHONE)
    tab.goto(link)
    tab.get_by_role("link", name="See what you chose before").click()
    enter_code(tab)

    expect(tab.get_by_text("There is nothing yet.")).to_be_visible()
    picture(tab, "history-empty-phone")
