"""Symmetry of choice (11 CCR 7004(a)(2)): a no takes no more steps than a yes, whatever it is about."""

import pytest

from preferences.catalogue import catalogue
from tests.browser.conftest import PHONE
from tests.browser.hands import SAVE, STOP, choose, enter_code, press

pytestmark = pytest.mark.browser


class Steps:
    """Counts what a person presses, and the pages that their browser asks for."""

    def __init__(self, tab):
        self.tab, self.count = tab, 0
        tab.on("request", self._asked)

    def _asked(self, request):
        self.count += request.is_navigation_request()

    def to(self, cell, answer):
        """From the open page until the answer is saved."""
        self.tab.goto("/p")
        self.count = 0
        self.tab.locator(f"#{cell}-{answer}").check()
        press(self.tab, SAVE)
        self.tab.wait_for_url("**/p/*")
        pressed = 2
        if self.tab.url.endswith("/p/confirm"):
            press(self.tab, "Yes, I am sure")
            self.tab.wait_for_url("**/p/saved")
            pressed += 1
        assert self.tab.url.endswith("/p/saved")
        return pressed, self.count


def test_a_no_takes_no_more_steps_than_a_yes(open_browser, link, joan):
    tab = open_browser(PHONE)
    tab.goto(link)
    choose(tab, "Phone outreach: Text message", "Yes")
    press(tab, SAVE)
    enter_code(tab)  # from here on the code, which only a yes takes, is not counted
    steps = Steps(tab)

    for category, channel in catalogue().grid:
        cell = f"{category.slug}-{channel}"
        first_no, yes, no = (steps.to(cell, answer) for answer in ("no", "yes", "no"))
        assert first_no == no == (2, 2), cell
        assert no <= yes, cell


def test_everything_is_stopped_in_one_step(open_browser, link, joan):
    tab = open_browser(PHONE)
    tab.goto(link)
    steps = Steps(tab)
    stop = tab.get_by_role("button", name=STOP)
    save = tab.get_by_role("button", name=SAVE)
    assert stop.bounding_box()["height"] >= save.bounding_box()["height"]

    stop.click()
    tab.wait_for_url("**/p/saved")

    assert steps.count == 2  # the form, and the page that it leads to: nobody asks whether they are sure


def test_yes_and_no_look_alike(open_browser, link, joan):
    tab = open_browser(PHONE)
    tab.goto(link)
    looks = """answer => { const s = getComputedStyle(answer);
        return [s.backgroundColor, s.borderColor, s.color, s.fontSize, s.fontWeight, s.minWidth].join() }"""

    labels = tab.locator(".answer").all()

    assert len({each.evaluate(looks) for each in labels}) == 1
    assert {each.inner_text().strip() for each in labels} == {"Yes", "No"}
