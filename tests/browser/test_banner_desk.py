"""Staff design a banner and see it while they do, at a desk and on a phone, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from preferences.models import Draft, Revision
from preferences.terms import RevisionKind
from tests.config.staff.banner_desk import BANNER
from tests.portal.banner.sites import put_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def banner(live_server):
    return put_up("https://www.riverside.example", texts={"en": {"reject": "No, thanks to all"}})


@pytest.fixture
def look(desk, device, picture):
    """Keep a picture, have axe judge what stands in unfold's frame, and see that nothing scrolls sideways."""

    def at(name):
        desk.wait_for_timeout(300)
        picture(desk, f"{name}-{device.name}")
        width = device.options["viewport"]["width"]
        assert desk.evaluate("document.documentElement.scrollWidth") <= width

    return at


def seen(tab):
    """The banner in the frame."""
    return tab.frame_locator("iframe").locator("heed-banner")


def test_what_is_changed_is_seen_before_it_is_published(desk, look, banner, device):
    desk.goto(BANNER)
    look("banners-one")
    desk.get_by_role("link", name="Change it").click()
    expect(seen(desk).get_by_role("button", name="No, thanks to all").first).to_be_visible()
    look("banners-edit")

    desk.get_by_label("In the corner where lines end").check()
    desk.get_by_text("Kept as your draft").wait_for()
    expect(seen(desk).locator(".bar.end")).to_be_visible()

    desk.get_by_role("link", name="Its words, in each language").click()
    desk.get_by_role("navigation", name="Languages").get_by_role("link", name="Spanish").click()
    expect(desk.get_by_text("Missing: until you write it").first).to_be_visible()
    expect(seen(desk).get_by_role("button", name="No, thanks to all").first).to_be_visible()
    desk.get_by_label("Button that says no to all").fill("No a todo, gracias")
    desk.get_by_label("Button that says no to all").blur()
    expect(seen(desk).get_by_role("button", name="No a todo, gracias").first).to_be_visible()
    look("banners-words")

    desk.get_by_role("link", name="On to publishing").click()
    desk.get_by_label("Why").fill("It covered the phone number")
    desk.get_by_role("button", name="See what it changes, and publish").click()
    expect(desk.get_by_role("heading", name="What this changes")).to_be_visible()
    look("banners-draft")
    desk.get_by_role("button", name="Publish").click()
    expect(desk.get_by_text("Published as revision 2")).to_be_visible()
    assert Revision.objects.filter(kind=RevisionKind.BANNER).latest("number").body["position"] == "end"

    desk.goto(BANNER)
    desk.get_by_role("button", name="Bring back revision 1").click()
    expect(desk.get_by_role("heading", name="What this changes")).to_be_visible()
    look("banners-brought-back")


def test_what_an_older_window_sends_is_shown_beside_the_draft(desk, look, banner):
    desk.goto(f"{BANNER}edit/")
    other = desk.context.new_page()
    other.goto(f"{BANNER}edit/")
    for days in ("180", "120"):  # one after the other is no conflict
        other.get_by_label("Days until it asks again").fill(days)
        other.get_by_label("Days until it asks again").blur()
        expect(other.get_by_text("Kept as your draft.")).to_be_visible()
        other.wait_for_timeout(1200)
    assert Draft.objects.get().body["days"] == 120

    desk.get_by_label("Days until it asks again").fill("90")
    desk.get_by_label("Days until it asks again").blur()

    expect(desk.get_by_role("heading", name="You have another draft of this")).to_be_visible()
    look("draft-aside")
    desk.get_by_role("button", name="Take this one instead").click()
    expect(desk.get_by_role("button", name="Publish")).to_be_visible()
    look("draft-taken-up")
    assert Draft.objects.get(state="draft").body["days"] == 90


def test_a_color_that_cannot_be_read_is_told_while_it_is_picked(desk, look, banner):
    desk.goto(f"{BANNER}edit/")
    desk.get_by_role("group", name="Colors in the light theme").get_by_label("Buttons and links").fill(
        "#7ab8bd"
    )

    expect(desk.get_by_text("Too little: 4.5 to 1 is the least.")).to_be_visible()
    expect(desk.get_by_text("Not kept yet")).to_be_visible()
    assert not Draft.objects.exists()
    desk.get_by_role("button", name="Keep it, and look").click()
    expect(desk.get_by_text("The nearest that can is")).to_be_visible()
    look("banners-wrong")


def test_it_is_looked_at_from_anywhere_in_any_language_by_day_and_night(desk, look, banner):
    desk.goto(f"{BANNER}preview/")
    desk.get_by_label("From").select_option("California")
    expect(seen(desk)).to_contain_text("You can say no")
    desk.get_by_label("The browser sends the privacy signal").check()
    expect(seen(desk)).to_contain_text("Opt-out request honored")
    desk.get_by_label("In", exact=True).select_option("ar")
    desk.get_by_label("Dark").check()
    expect(seen(desk).locator(".bar")).to_have_css("background-color", "rgb(24, 33, 36)")
    expect(seen(desk).locator(".bar")).to_have_css("direction", "rtl")
    look("banners-preview-ar")
    desk.locator("iframe").evaluate("(each) => each.scrollIntoView({ block: 'end' })")
    seen(desk).get_by_role("button").last.click()
    expect(seen(desk).locator("dialog")).to_be_visible()

    desk.get_by_label("Desktop").check()
    look("banners-preview-wide")


def test_nothing_that_is_pressed_in_it_is_kept(desk, banner):
    desk.goto(f"{BANNER}preview/page/")
    bar = desk.locator("heed-banner .bar")
    bar.get_by_role("button").first.click()
    expect(bar).to_have_count(0)

    assert "heed_choices" not in [each["name"] for each in desk.context.cookies()]
    desk.reload()
    expect(bar).to_be_visible()


def test_without_javascript_it_is_changed_kept_and_published(
    open_browser, client, admin_user, live_server, banner
):
    client.force_login(admin_user)
    tab = open_browser(java_script_enabled=False)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    tab.context.add_cookies([cookie])
    tab.goto(f"{BANNER}edit/")
    tab.get_by_label("Days until it asks again").fill("180")
    tab.get_by_label("Why").fill("Half a year is enough")
    tab.get_by_role("button", name="See what it changes, and publish").click()
    tab.get_by_role("button", name="Publish").click()

    expect(tab.get_by_text("Published as revision 2")).to_be_visible()
    tab.goto(f"{BANNER}preview/?draft=none")
    tab.get_by_label("From").select_option("Washington")
    tab.get_by_role("button", name="Show").click()
    assert "region=Washington" in tab.locator("iframe").get_attribute("src")
