"""Patients' pages at every width, in the dark, with large text and with the reader's own colours."""

import re

import pytest
from playwright.sync_api import expect

from portal.links import link_for
from preferences.models import Profile
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hands import SAVE, choose, press
from tests.portal import people

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [320, 375, 600, 768, 1024, 1152, 1280, 1920])
def test_nothing_scrolls_sideways_and_nothing_overlaps(open_browser, link, joan, picture, width):
    people.publish_required_category()
    people.texted_stop()
    tab = open_browser({"width": width, "height": 800})
    tab.goto(link)

    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [box for each in tab.locator(".answer").all() if (box := each.bounding_box())]
    assert all(box["height"] >= 44 and box["width"] >= 44 for box in boxes)
    for place, box in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = (
                box["x"] + box["width"] <= other["x"]
                or other["x"] + other["width"] <= box["x"]
                or box["y"] + box["height"] <= other["y"]
                or other["y"] + other["height"] <= box["y"]
            )
            assert apart
    picture(tab, f"width-{width}")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_targets_are_large_enough_for_a_thumb(open_browser, link, joan, size):
    tab = open_browser(size)
    tab.goto(link)

    for each in tab.locator("main a, main button:visible, main label").all():
        box = each.bounding_box()
        assert box is None or box["height"] >= 44, each.text_content()


def test_on_a_desktop_it_is_a_real_table_and_on_a_phone_still_one_for_screen_readers(
    open_browser, link, joan
):
    for viewport in (DESKTOP, PHONE):
        tab = open_browser(viewport)
        tab.goto(link)
        table = tab.get_by_role("table", name="Messages")
        headers = [re.sub(r"\s+", " ", each) for each in table.get_by_role("columnheader").all_inner_texts()]
        assert [each.strip() for each in headers] == ["Email", "Text message", "Phone call", "Letter"]
        expect(table.get_by_role("rowheader")).to_have_count(5)


@pytest.mark.parametrize("colours", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str)
def test_it_holds_in_the_dark_and_in_the_readers_own_colours(open_browser, link, joan, picture, colours):
    people.chose(joan, ("patient_surveys", "email", people.OUT))
    tab = open_browser(DESKTOP, **colours)
    [name] = colours
    tab.goto(link)
    picture(tab, f"page-{name}")
    press(tab, SAVE)
    picture(tab, f"nothing-{name}")

    expect(tab.get_by_role("heading", level=1)).to_have_text("Nothing was changed")


def test_texts_may_be_twice_as_large(open_browser, link, joan, picture):
    tab = open_browser({"width": 640, "height": 900})
    tab.goto(link)
    tab.evaluate("document.documentElement.style.fontSize = '225%'")
    picture(tab, "large-text")

    assert tab.evaluate("document.documentElement.scrollWidth") <= 640


def test_links_that_do_not_open_are_met_kindly(open_browser, joan, picture, device):
    old = link_for(joan)
    Profile.objects.filter(pk=joan).update(link_epoch=1)
    tab = open_browser(**device.options)

    for path, name in ((old, "revoked"), ("/p/cut-off", "unknown"), ("/p", "over"), ("/", "home")):
        tab.goto(path)
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        picture(tab, f"{name}-{device.name}")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_what_is_picked_can_be_saved_from_where_it_was_picked(open_browser, link, joan, picture, size):
    people.chose(joan, ("patient_surveys", "email", people.OUT))
    tab = open_browser(size)
    tab.goto(link)
    save = tab.get_by_role("button", name=SAVE)
    expect(save).not_to_be_in_viewport()

    choose(tab, "Marketing emails: Email", "No")

    expect(save).to_be_in_viewport()
    picture(tab, f"picked-{size['width']}")


def test_the_button_in_sight_never_hides_what_has_the_focus(open_browser, link, joan):
    """WCAG 2.4.11, with the keyboard alone through the whole form."""
    tab = open_browser(PHONE)
    tab.goto(link)
    choose(tab, "Marketing emails: Email", "No")
    save = tab.get_by_role("button", name=SAVE)

    for _ in range(40):
        tab.keyboard.press("Tab")
        here = tab.locator(":focus")
        if here.text_content() == SAVE:
            return
        spot, bar = here.bounding_box(), save.bounding_box()
        assert spot["y"] + spot["height"] <= bar["y"] or spot["y"] >= bar["y"] + bar["height"]
    raise AssertionError("the button was never reached")
