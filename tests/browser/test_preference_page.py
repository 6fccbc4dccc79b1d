"""The preference page as people meet it: on a phone, at a desk, with the keyboard, without JavaScript."""

import pytest
from playwright.sync_api import expect

from destinations.models import Propagation
from preferences.models import Outbox
from preferences.selectors import decide
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hands import SAVE, STOP, choose, enter_code, press, systems
from tests.portal import people

pytestmark = pytest.mark.browser


def test_a_choice_is_made_and_saved(open_browser, link, joan, picture, any_device):
    people.publish_required_category()
    systems(joan)
    tab = open_browser(**any_device.options)

    tab.goto(link)
    assert tab.url.endswith("/p")
    picture(tab, f"page-{any_device.name}")
    choose(tab, "Appointment reminders: Text message", "No")
    choose(tab, "Patient surveys: Email", "Yes")
    press(tab, SAVE)
    picture(tab, f"choose-address-{any_device.name}")
    enter_code(tab)

    assert tab.url.endswith("/p/saved")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your choices are saved")
    expect(tab.get_by_role("status").first).to_contain_text("Appointment reminders: Text message No")
    picture(tab, f"saved-{any_device.name}")
    assert not decide(joan, "appointment_reminders", "sms").allowed

    tab.get_by_role("link", name="Back to all my choices").click()
    group = tab.get_by_role("group", name="Appointment reminders: Text message")
    expect(group.get_by_label("No")).to_be_checked()


def test_everything_is_stopped_with_one_button(open_browser, link, joan, picture, device):
    people.publish_required_category()
    systems(joan)
    tab = open_browser(**device.options)
    tab.goto(link)

    press(tab, STOP)

    expect(tab.get_by_role("heading", level=1)).to_have_text("We will stop")
    expect(tab.get_by_role("region", name="What you will still get")).to_contain_text(
        "Bills and legal letters"
    )
    picture(tab, f"stopped-{device.name}")
    assert not decide(joan, "marketing_emails", "email").allowed


def test_a_yes_to_use_of_data_is_asked_twice(open_browser, link, joan, picture, any_device):
    tab = open_browser(**any_device.options)
    tab.goto(link)

    choose(tab, "Sale or sharing of my information", "Yes")
    press(tab, SAVE)
    enter_code(tab)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Are you sure?")
    picture(tab, f"confirm-{any_device.name}")
    press(tab, "Yes, I am sure")

    expect(tab.get_by_role("status").first).to_contain_text("Sale or sharing of my information Yes")
    assert decide(joan, "sale_or_sharing").allowed


def test_what_cannot_be_chosen_is_said_in_words(open_browser, link, joan, picture, device):
    people.publish_required_category()
    people.chose(joan, ("appointment_reminders", "phone", people.OUT))
    people.texted_stop()
    tab = open_browser(**device.options)

    tab.goto(link)

    expect(tab.get_by_text("Off: STOP was sent to us from").first).to_be_visible()
    expect(tab.get_by_role("group", name="Appointment reminders: Text message")).to_have_count(0)
    picture(tab, f"locked-{device.name}")


def test_a_stale_page_shows_the_newer_state_and_asks_again(open_browser, link, joan, picture, device):
    tab = open_browser(**device.options)
    tab.goto(link)
    people.chose(joan, ("marketing_emails", "email", people.OUT))

    choose(tab, "Marketing emails: Email", "Yes")
    press(tab, SAVE)
    enter_code(tab)

    expect(tab.get_by_role("alert")).to_contain_text("Please look again")
    expect(tab.get_by_role("alert")).to_be_focused()
    picture(tab, f"look-again-{device.name}")
    tab.get_by_role("alert").get_by_role("link", name="Marketing emails: Email").click()
    group = tab.get_by_role("group", name="Marketing emails: Email")
    expect(group.get_by_label("Yes")).to_be_focused()
    expect(group.get_by_label("No")).to_be_checked()


def test_the_telling_is_followed_live(open_browser, link, joan, picture):
    rows = systems(joan)
    tab = open_browser(DESKTOP)
    tab.goto(link)
    choose(tab, "Patient surveys: Email", "No")
    press(tab, SAVE)
    summary = tab.locator("[aria-live=polite]")

    expect(summary).to_have_text("0 of 3 systems are up to date.")
    Propagation.objects.filter(pk=rows[2].pk).update(state="later", wanted=2)
    Outbox.objects.all().delete()
    expect(summary).to_have_text("2 of 3 systems are up to date.")
    expect(tab.get_by_role("listitem").filter(has_text="Our patient records")).to_contain_text("Not yet")
    picture(tab, "telling-desktop")

    Propagation.objects.filter(pk=rows[2].pk).update(state="verified", acknowledged=2)
    expect(summary).to_have_text("Done: every system that sends for us knows what you want.")
    expect(tab.get_by_role("link", name="Check again")).to_have_count(0)


def test_without_javascript_the_telling_is_followed_by_reload(open_browser, link, joan):
    systems(joan)
    tab = open_browser(PHONE, java_script_enabled=False)
    tab.goto(link)
    choose(tab, "Patient surveys: Email", "No")
    press(tab, SAVE)
    expect(tab.get_by_text("0 of 3 systems are up to date.")).to_be_visible()

    Outbox.objects.all().delete()
    tab.get_by_role("link", name="Check again").click()

    expect(tab.get_by_text("Done: every system that sends for us")).to_be_visible()


def test_everything_can_be_done_with_the_keyboard_alone(open_browser, link, joan, picture):
    tab = open_browser(DESKTOP)
    tab.goto(link)

    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the main part")).to_be_focused()
    expect(tab.get_by_role("link", name="Skip to the main part")).to_be_in_viewport()
    tab.keyboard.press("Enter")
    for _ in range(2):  # past the link to the stop button
        tab.keyboard.press("Tab")
    expect(tab.get_by_role("group", name="Marketing emails: Email").get_by_label("Yes")).to_be_focused()
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_role("group", name="Marketing emails: Email").get_by_label("No")).to_be_checked()
    picture(tab, "keyboard-desktop")
    tab.keyboard.press("Enter")

    expect(tab.get_by_role("heading", level=1)).to_have_text("Your choices are saved")
    expect(tab.get_by_role("status").first).to_be_focused()
    assert not decide(joan, "marketing_emails", "email").allowed


def test_before_the_page_closes_it_warns_and_can_be_kept_open(open_browser, link, joan, picture):
    tab = open_browser(PHONE)
    tab.clock.install()
    tab.goto(link)
    warning = tab.get_by_text("this page closes in two minutes")
    expect(warning).to_be_hidden()

    tab.clock.fast_forward("13:01")
    tab.get_by_role("button", name=SAVE).scroll_into_view_if_needed()
    expect(warning).to_be_in_viewport()
    picture(tab, "closing-phone")
    press(tab, "Keep it open")

    expect(warning).to_be_hidden()
    tab.clock.fast_forward("13:01")
    expect(warning).to_be_visible()
