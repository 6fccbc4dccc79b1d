"""The banner in every state: judged by axe-core, by keyboard alone, at 400% zoom, without a shift."""

import pytest
from playwright.sync_api import expect

from preferences.appearance import LANGUAGE
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.browser.visiting import bar, press, sent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 at 400% (WCAG 2.2, 1.4.10)
FOCUSED = (
    "document.activeElement.shadowRoot?.activeElement?.textContent ?? document.activeElement.textContent"
)
IN_SIGHT = """() => {
    const { top, bottom } = (document.activeElement.shadowRoot?.activeElement ?? document.activeElement)
        .getBoundingClientRect();
    return top >= -1 && bottom <= innerHeight + 1;
}"""


@pytest.fixture
def reviewed(live_server):
    """Arabic and Chinese were read by qualified translators: visitors are offered them."""
    body = {"reviewed": True, "translator": "A", "qualification": "B", "day": "2026-01-01"}
    for code in ("ar", "zh-hans"):
        publish(kind=RevisionKind.APPEARANCE, key=LANGUAGE + code, body=body, author="Ana", reason="Reviewed")


@pytest.mark.parametrize("site", [{"language": each} for each in ("en", "es", "ar")], indirect=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_wrong_in_any_state(reviewed, visit, picture, width, request):
    language = request.node.callspec.params["site"]["language"]
    tab = visit("DE", viewport={"width": width, "height": 800})
    buttons = tab.locator("heed-banner button")
    expect(bar(tab)).to_be_visible()
    expect(tab.locator("heed-banner")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    picture(tab, f"banner-state-first-{language}-{width}")

    buttons.nth(2).click()
    expect(tab.locator("heed-banner dialog")).to_be_visible()
    picture(tab, f"banner-state-second-{language}-{width}")

    tab.locator("heed-banner dialog .pair button").nth(1).click()
    expect(tab.locator("heed-banner dialog li").first).to_be_visible()
    picture(tab, f"banner-state-sure-{language}-{width}")

    tab.locator("heed-banner dialog .pair button").nth(0).click()
    expect(bar(tab)).to_have_count(0)
    picture(tab, f"banner-state-after-{language}-{width}")
    assert tab.evaluate("blocked") == []


@pytest.mark.parametrize("place", ["US-CA", "US-TX", "US-WA"])
def test_axe_finds_nothing_wrong_in_any_region_with_the_signal_honored(visit, picture, place):
    tab = visit(place, signal=True)
    expect(bar(tab)).to_contain_text("Opt-out request honored")
    picture(tab, f"banner-state-signal-{place}")

    press(tab, "Choose")
    picture(tab, f"banner-state-signal-{place}-second")


@pytest.mark.parametrize("site", [{"language": "zh-hans"}], indirect=True)
def test_in_chinese_no_blank_follows_what_is_told_of_the_signal(reviewed, visit):
    expect(bar(visit("US-CA", signal=True))).to_contain_text("请求。您的浏览器")


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_of_the_site_shifts_from_the_first_layer_to_the_choice(visit, width):
    tab = visit("DE", viewport={"width": width, "height": 700})
    expect(bar(tab)).to_be_visible()
    press(tab, "Choose")
    expect(tab.locator("heed-banner dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    press(tab, "No to all")
    expect(bar(tab)).to_have_count(0)
    sent(tab)
    tab.wait_for_timeout(300)

    assert tab.evaluate("shifts") == 0
    assert tab.evaluate("blocked") == []


def test_without_a_link_of_the_sites_the_button_in_the_corner_opens_it_and_gets_the_focus(visit, picture):
    tab = visit("DE")
    tab.evaluate("document.querySelector('[data-heed-show]').remove()")
    press(tab, "No to all")
    sent(tab)
    picture(tab, "banner-state-corner")
    tab.keyboard.press("Tab")
    assert tab.evaluate(FOCUSED) == "Privacy choices"
    tab.keyboard.press("Enter")
    expect(tab.locator("heed-banner dialog")).to_be_visible()
    assert tab.evaluate(FOCUSED) == "Your privacy choices"
    tab.keyboard.press("Escape")
    assert tab.evaluate(FOCUSED) == "Privacy choices"


def test_at_400_percent_everything_is_reached_by_keyboard_and_seen(visit, picture):
    tab = visit("DE", viewport=ZOOMED, reduced_motion="reduce")
    expect(bar(tab)).to_be_visible()
    for name in ("No to all", "Yes to all", "Choose"):
        tab.keyboard.press("Tab")
        assert tab.evaluate(FOCUSED) == name
        assert tab.evaluate(IN_SIGHT)
    picture(tab, "banner-400")
    assert tab.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"]

    tab.keyboard.press("Enter")
    dialog = tab.locator("heed-banner dialog")
    expect(dialog).to_be_visible()
    for _ in range(8):
        tab.keyboard.press("Tab")
        assert tab.evaluate(IN_SIGHT)
    picture(tab, "banner-400-second")
    assert dialog.evaluate("(e) => e.scrollWidth <= e.clientWidth")


def test_what_of_the_site_gets_the_focus_is_scrolled_clear_of_the_first_layer(visit):
    tab = visit("DE", viewport={"width": 1280, "height": 500}, reduced_motion="reduce")
    expect(bar(tab)).to_be_visible()
    tab.evaluate(
        "for (let each = 0; each < 40; each++) {"
        " const link = document.createElement('a'); link.href = '#' + each; link.textContent = each;"
        " document.querySelector('main').append(link, document.createElement('br')) }"
    )
    tops = "() => document.activeElement.getBoundingClientRect().bottom"
    edge = bar(tab).evaluate("(e) => e.getBoundingClientRect().top")
    for _ in range(4 + 30):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.localName") == "a":
            assert tab.evaluate(tops) <= edge + 1
