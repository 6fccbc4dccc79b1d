"""How a person is reached, as they say it on their page: on a phone, at a desk, with and without script."""

import pytest
from playwright.sync_api import expect

from preferences.models import Profile
from tests.browser.hands import enter_code, press
from tests.portal import people
from tests.portal.codes import arrived

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
STICKS_OUT = """() => [...document.querySelectorAll(".answer, .others")].filter((box) => {
    const style = getComputedStyle(box), { left, right } = box.getBoundingClientRect();
    const from = left + parseFloat(style.paddingLeft) - 1, to = right - parseFloat(style.paddingRight) + 1;
    const seen = [...box.children].map((each) => each.getBoundingClientRect()).filter((each) => each.width);
    return seen.some((each) => each.left < from || each.right > to);
}).map((box) => box.textContent.trim())"""


def is_picked(tab, name):
    expect(tab.get_by_role("status")).to_contain_text(name)


def test_an_email_is_replaced_by_one_that_a_code_has_reached(open_browser, link, picture, any_device):
    tab = open_browser(**any_device.options)
    tab.goto(link)
    tab.get_by_role("link", name="Correct or add an email or phone").click()
    picture(tab, f"addresses-{any_device.name}")
    tab.get_by_label("j•••@e•••.org").check()
    tab.get_by_role("textbox").fill("joan")
    press(tab, "Send a code there")
    enter_code(tab)
    expect(tab.get_by_role("alert")).to_contain_text("does not look like an email")
    picture(tab, f"addresses-problem-{any_device.name}")

    tab.get_by_label("j•••@e•••.org").check()
    tab.get_by_role("textbox").fill("new@example.net")
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("6-digit code")).to_be_visible()
    picture(tab, f"addresses-code-{any_device.name}")
    tab.get_by_label("6-digit code").fill(arrived())
    tab.keyboard.press("Enter")

    is_picked(tab, "n•••@e•••.net")
    is_picked(tab, "No longer yours")
    picture(tab, f"addresses-done-{any_device.name}")


def test_only_a_new_email_from_now_on(open_browser, joan, link, picture, any_device):
    tab = open_browser(**any_device.options)
    tab.goto(link)
    tab.get_by_role("link", name="Contact me only in some ways").click()
    enter_code(tab)
    picture(tab, f"only-{any_device.name}")
    press(tab, "Reach me only in these ways")
    expect(tab.get_by_role("alert")).to_contain_text("Choose at least one way")
    picture(tab, f"only-problem-{any_device.name}")

    tab.get_by_label("Another email address").fill("safe@example.net")
    press(tab, "Send a code there")
    tab.get_by_label("6-digit code").fill(arrived())
    press(tab, "Continue")
    expect(tab.get_by_label("Email s•••@e•••.net")).to_be_checked()
    press(tab, "Reach me only in these ways")

    is_picked(tab, "Reach me in this way only")
    picture(tab, f"only-done-{any_device.name}")
    assert Profile.objects.get(pk=joan).order


def test_at_a_family_address_one_chooses_whose_page(open_browser, joan, picture, any_device):
    people.person(email=people.EMAIL, phone="+12025550100")
    tab = open_browser(**any_device.options)
    tab.goto("/")
    tab.get_by_role("textbox").fill(people.EMAIL)
    press(tab, "Send me a code")
    tab.get_by_label("6-digit code").fill(arrived())
    press(tab, "Continue")
    picture(tab, f"whose-{any_device.name}")
    press(tab, "The person we also reach at ••• ••• 0100")

    expect(tab.get_by_role("heading", level=1)).to_have_text("Choose what we send you")
    expect(tab.get_by_text("The person we also reach at ••• ••• 0100")).to_be_visible()
    picture(tab, f"whose-chosen-{any_device.name}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_at_320_pixels(open_browser, link, picture, scheme):
    tab = open_browser(NARROW, color_scheme=scheme)
    tab.goto(f"{link}?language=es")
    tab.goto("/p/only")
    tab.get_by_role("button", name="Enviar el código").click()
    tab.get_by_role("textbox").fill(arrived())
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/p/only")
    for path in ("/p/addresses", "/p/only", "/p"):
        tab.goto(path)
        picture(tab, f"narrow-{path.replace('/', '-')}-{scheme}")
        assert tab.evaluate("document.documentElement.scrollWidth") == 320
        assert not tab.evaluate(STICKS_OUT)


def test_by_keyboard_alone_an_address_is_given_up(open_browser, link):
    tab = open_browser()
    tab.goto(link)
    tab.goto("/p/addresses")
    tab.get_by_label("None. I want to add one.").focus()
    tab.keyboard.press("ArrowDown")
    tab.get_by_role("button", name="It is no longer mine").focus()
    tab.keyboard.press("Enter")
    enter_code(tab)

    is_picked(tab, "No longer yours")
