"""The website banner in a real browser, on a site of another origin."""

import pytest
from playwright.sync_api import expect

from preferences.models import Change
from preferences.selectors import decide
from tests.browser.visiting import bar, press, sent, until
from tests.browser.websites import STRICT, website
from tests.portal.banner.sites import put_up
from tests.portal.banner.test_choosing import person_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = """(button) => {
    const { color, backgroundColor, fontWeight, fontSize, padding, borderColor } = getComputedStyle(button);
    return [color, backgroundColor, fontWeight, fontSize, padding, borderColor, button.offsetWidth];
}"""


def signals(tab):
    """The latest of the seven signals, and how they were at first."""
    said = tab.evaluate("dataLayer.filter((each) => each[0] === 'consent').map((each) => [each[1], each[2]])")
    return said[0][1], said[-1][1]


def meta(tab):
    return [
        [*map(str, each)]
        for each in tab.evaluate("fbq.queue.map((each) => [...each].map((it) => JSON.stringify(it)))")
    ]


def cookies(tab):
    return [each["name"] for each in tab.context.cookies()]


def test_where_a_yes_is_needed_nothing_runs_until_there_is_one(visit, picture, device):
    tab = visit("DE", **device.options)
    expect(bar(tab)).to_be_visible()
    picture(tab, f"banner-first-{device.name}")

    first, now = signals(tab)
    assert set(first) >= {"ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"}
    assert {first[each] for each in first if each != "wait_for_update"} == {"denied"}
    assert now["ad_storage"] == "denied"
    assert now["security_storage"] == "granted"
    assert tab.evaluate("dataLayer[0][0] + dataLayer[0][1]") == "consentdefault"
    assert meta(tab)[0] == ['"dataProcessingOptions"', '["LDU"]', "0", "0"]
    assert meta(tab)[1][0] == '"init"'
    assert tab.evaluate("ran") == []
    assert cookies(tab) == []

    press(tab, "Yes to all")
    picture(tab, f"banner-sure-{device.name}")
    press(tab, "Yes, I am sure")

    expect(bar(tab)).to_have_count(0)
    until(tab, "ran.length === 3")
    assert tab.evaluate("ran") == ["first", "second after first", "sensitive"]
    assert signals(tab)[1]["ad_storage"] == "granted"
    assert meta(tab)[-1] == ['"dataProcessingOptions"', "[]"]
    assert cookies(tab) == ["heed_choices"]
    assert tab.evaluate("blocked") == []
    assert tab.evaluate("shifts") == 0
    sent(tab)
    assert decide(person_at(tab.evaluate("heed.id()")), "sale_or_sharing").allowed


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(False, "this site is not among those of the banner"), (True, "there is no banner with this key")],
)
def test_whoever_builds_the_site_reads_in_one_line_why_there_is_no_banner(
    open_browser, live_server, wrong, words
):
    key = put_up("https://www.riverside.example")
    tab, lines = open_browser(), []
    tab.on("console", lambda line: lines.append(line.text) if line.type == "warning" else None)
    with website(live_server.url, f"heed_nothing1_{'x' * 43}" if wrong else key, policy=STRICT) as port:
        tab.goto(f"http://www.site.localhost:{port}/")
        for _ in range(100):
            tab.wait_for_timeout(100)
            if lines:
                break
        tab.wait_for_timeout(3000)  # it tries again after two seconds, without another line

    [line] = lines
    assert line.startswith(f"heed: {words}")


def beside(tab):
    """Another window on the same page, once the banner is there."""
    other = tab.context.new_page()
    other.goto(tab.url)
    until(other, "window.heed && heed.state().mode")
    return other


def test_what_another_window_chose_meanwhile_is_not_written_over(visit):
    tab = visit("DE")
    press(tab, "No to all")
    sent(tab)
    other = beside(tab)
    other.evaluate("heed.show()")
    press(other, "Yes to all")
    press(other, "Yes, I am sure")
    sent(other)

    tab.evaluate("heed.show()")
    press(tab, "Save my choices")

    assert tab.evaluate("heed.allowed('sale_or_sharing')")
    other.reload()
    until(other, "window.heed && heed.state().mode")
    assert other.evaluate("heed.allowed('sale_or_sharing')")


def test_no_takes_as_few_clicks_as_yes_and_looks_the_same(visit):
    tab = visit("DE")
    boxes = [
        tab.locator("heed-banner").get_by_role("button", name=name, exact=True).first
        for name in ("No to all", "Yes to all")
    ]
    looks = [each.evaluate(LOOKS) for each in boxes]
    assert looks[0] == looks[1]

    press(tab, "No to all")

    expect(bar(tab)).to_have_count(0)
    assert tab.evaluate("ran") == []
    sent(tab)
    assert not decide(person_at(tab.evaluate("heed.id()")), "sale_or_sharing").allowed


def test_where_a_no_is_needed_scripts_run_until_there_is_one(visit):
    tab = visit("US-CA")
    until(tab, "ran.length > 0")
    assert signals(tab)[1]["ad_storage"] == "granted"

    press(tab, "No to all")

    until(tab, "heed.allowed('sale_or_sharing') === false")
    assert signals(tab)[1]["ad_storage"] == "denied"
    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    until(tab, "heed.state().region === 'US-CA'")
    assert tab.evaluate("ran") == []


def test_where_visitors_are_only_told_ok_is_as_large_as_choosing(visit, picture):
    tab = visit("US-TX")
    expect(bar(tab)).to_contain_text("How we use information")
    picture(tab, "banner-notice")

    press(tab, "OK")

    assert tab.evaluate("heed.id()") == ""
    assert not Change.objects.filter(source__slug="website").exists()
    tab.reload()
    until(tab, "heed.state().region === 'US-TX'")
    expect(bar(tab)).to_have_count(0)


def test_the_signal_is_honoured_and_shown(visit, picture):
    tab = visit("US-CA", signal=True)

    expect(bar(tab)).to_contain_text("Opt-out request honored")
    picture(tab, "banner-signal")
    assert not tab.evaluate("heed.allowed('sale_or_sharing')")
    assert signals(tab)[1]["ad_storage"] == "denied"
    assert "first" not in tab.evaluate("ran")
    assert cookies(tab) == []


def test_a_yes_against_the_signal_is_told_of_it_and_kept(visit):
    tab = visit("US-CA", signal=True)
    press(tab, "Choose")
    tab.locator("heed-banner dialog").get_by_role(
        "group", name="Sale or sharing of my information"
    ).get_by_label("Yes").check()
    press(tab, "Save my choices")
    expect(tab.locator("heed-banner dialog")).to_contain_text("Your browser asks sites not to sell")
    press(tab, "Yes, I am sure")

    until(tab, "ran.includes('first')")
    sent(tab)
    assert decide(person_at(tab.evaluate("heed.id()")), "sale_or_sharing").allowed


def test_each_category_is_decided_in_the_second_layer(visit, picture, device):
    tab = visit("DE", **device.options)
    tab.evaluate("void heed.onChange((each) => (window.heard = each))")
    press(tab, "Choose")
    dialog = tab.locator("heed-banner dialog")
    expect(dialog.get_by_role("group")).to_have_count(3)
    picture(tab, f"banner-second-{device.name}")
    dialog.get_by_role("group", name="Marketing emails").get_by_label("No").check()
    press(tab, "Save my choices")

    expect(dialog).to_be_hidden()
    assert tab.evaluate("heard.chosen")
    sent(tab)
    assert not decide(person_at(tab.evaluate("heed.id()")), "marketing_emails", "email").allowed


def test_with_the_keyboard_alone(visit):
    tab = visit("DE")
    expect(bar(tab)).to_be_visible()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "No to all"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    dialog = tab.locator("heed-banner dialog")
    expect(dialog).to_be_visible()
    for _ in range(20):
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.localName") in ("heed-banner", "body")
    tab.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert tab.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "Choose"
    tab.keyboard.press("Escape")
    expect(bar(tab)).to_have_count(0)
    assert cookies(tab) == []


def test_the_footers_link_opens_it_again(visit):
    tab = visit("DE")
    press(tab, "No to all")
    tab.get_by_role("link", name="Your privacy choices").click()

    expect(tab.locator("heed-banner dialog")).to_be_visible()
    press(tab, "Yes to all")
    press(tab, "Yes, I am sure")
    until(tab, "ran.length === 3")


def test_a_choice_holds_on_every_part_of_the_site(visit, site):
    tab = visit("DE")
    press(tab, "No to all")
    sent(tab)
    chosen = tab.evaluate("heed.id()")

    tab.goto(site[1])

    assert tab.evaluate("heed.id()") == chosen
    until(tab, "heed.state().mode")
    expect(bar(tab)).to_have_count(0)


def test_a_no_in_one_tab_is_not_taken_back_by_another_that_was_open(visit):
    tab = visit("DE")
    press(tab, "Yes to all")
    press(tab, "Yes, I am sure")
    sent(tab)
    other = beside(tab)
    other.evaluate("heed.show()")

    tab.evaluate("heed.show()")
    press(tab, "No to all")
    sent(tab)
    press(other, "Save my choices")

    for each in (tab, other):
        assert not each.evaluate("heed.allowed('sale_or_sharing')")
    assert not decide(person_at(tab.evaluate("heed.id()")), "sale_or_sharing").allowed


def test_two_tabs_are_one_browser(visit):
    tab = visit("DE")
    until(tab, "heed.state().mode")
    other = beside(tab)

    press(tab, "No to all")
    sent(tab)
    other.evaluate("dispatchEvent(new Event('focus'))")

    expect(bar(other)).to_have_count(0)
    assert other.evaluate("heed.id()") == tab.evaluate("heed.id()")


def test_heed_down_the_site_works_and_the_choice_is_sent_later(visit):
    tab = visit("DE")
    expect(bar(tab)).to_be_visible()
    tab.route("**/banner/choices", lambda route: route.abort())
    press(tab, "No to all")
    expect(bar(tab)).to_have_count(0)
    assert not Change.objects.filter(source__slug="website").exists()

    tab.route("**/banner/**", lambda route: route.abort())
    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    assert tab.evaluate("ran") == []

    tab.unroute("**/banner/choices")
    tab.unroute("**/banner/**")
    sent(tab)
    assert not decide(person_at(tab.evaluate("heed.id()")), "sale_or_sharing").allowed


def test_cookies_cleared_while_a_choice_is_sent_stay_cleared(visit):
    tab, held = visit("DE"), []
    expect(bar(tab)).to_be_visible()
    tab.route("**/banner/choices", lambda route: held.extend([route]))
    press(tab, "No to all")
    expect(bar(tab)).to_have_count(0)
    tab.context.clear_cookies()

    with tab.expect_response("**/banner/choices"):
        held[0].continue_()
    tab.wait_for_timeout(500)

    assert cookies(tab) == []
    tab.reload()
    expect(bar(tab)).to_be_visible()


def test_a_choice_sent_before_heed_says_what_to_show_is_sent_once(visit):
    tab = visit("DE")
    expect(bar(tab)).to_be_visible()
    tab.route("**/banner/choices", lambda route: route.abort())
    press(tab, "No to all")
    expect(bar(tab)).to_have_count(0)
    tab.unroute("**/banner/choices")
    tab.route("**/banner/config/**", lambda route: route.abort())

    with tab.expect_response("**/banner/choices"):
        tab.reload()
    tab.unroute("**/banner/config/**")

    sent(tab)


def test_heed_down_from_the_first_nothing_that_needs_a_yes_runs(visit):
    def go(tab):
        tab.route("**/banner/config/**", lambda route: route.abort())

    tab = visit("US-TX")
    tab.context.clear_cookies()
    go(tab)
    tab.reload()
    tab.get_by_role("link", name="Your privacy choices").click()

    expect(tab.locator("heed-banner dialog")).to_contain_text("cannot be loaded")
    assert tab.evaluate("ran") == []


def test_where_even_the_script_does_not_come_the_site_works_and_what_waits_goes_on_waiting(visit):
    tab = visit("US-TX")
    tab.context.clear_cookies()
    tab.route("**/banner.js", lambda route: route.abort())
    tab.reload()

    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    assert tab.evaluate("ran") == []


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"status": 200, "body": "<html>"}], ids=["500", "no JSON"]
)
def test_an_answer_that_is_none_counts_as_none_until_a_better_one_comes(visit, answer):
    tab = visit("US-TX")
    tab.context.clear_cookies()
    tab.route("**/banner/config/**", lambda route: route.fulfill(**answer))
    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    assert tab.evaluate("ran") == []

    tab.unroute("**/banner/config/**")
    expect(bar(tab)).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}], ids=["320px"])
def test_it_fits_the_smallest_screen(visit, picture, viewport):
    tab = visit("DE", viewport=viewport)
    expect(bar(tab)).to_be_visible()
    picture(tab, "banner-320")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    press(tab, "Choose")
    dialog = tab.locator("heed-banner dialog")
    assert dialog.evaluate("(e) => e.scrollWidth <= e.clientWidth && e.getBoundingClientRect().right <= 320")
    picture(tab, "banner-320-second")


@pytest.mark.parametrize("site", [{"language": "es", "banner": {"position": "end"}}], indirect=True)
def test_in_the_corner_in_spanish_in_the_dark_without_motion(visit, picture):
    tab = visit("DE", color_scheme="dark", reduced_motion="reduce")

    expect(bar(tab)).to_contain_text("¿Podemos usar")
    assert bar(tab).evaluate("(e) => getComputedStyle(e).animationName") == "none"
    picture(tab, "banner-dark-es")
