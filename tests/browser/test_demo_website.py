"""The demo's website: what it shows of the banner is what the banner did, on an origin of its own."""

from threading import Thread

import pytest
from playwright.sync_api import expect

from config.demo import banner
from config.demo.people import SHOWN
from config.demo.website.serving import Site, serve
from preferences.selectors import decide
from preferences.services import issue_key
from preferences.terms import Scope
from tests.browser.visiting import press, until
from tests.factories import SourceFactory
from tests.preferences.saying import tells

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portal(live_server):
    """The key of the server behind the website's sign-in."""
    source = SourceFactory.create(speaks_for_person=True)
    return issue_key(source=source, name="portal", scopes=list(Scope)).secret


@pytest.fixture
def website(live_server, portal, settings):
    settings.HEED_REGION_HEADERS = ["CF-IPCountry", "CF-Region-Code"]
    server = serve(Site(live_server.url, banner.key_for_pages(), portal), "127.0.0.1", 0)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    banner.hang_out(url)
    yield url
    server.shutdown()
    server.server_close()


def tag(tab, name):
    return tab.locator("#tags li", has_text=name)


def test_it_shows_what_is_blocked_and_what_runs_once_it_is_allowed(open_browser, website, picture, device):
    tab = open_browser(**device.options)
    tab.goto(website)
    press(tab, "No to all")
    for name in ("Advertising pixel", "Visit statistics", "Symptom checker"):
        expect(tag(tab, name)).to_contain_text("blocked")
    picture(tab, f"website-no-{device.name}")
    expect(tab.locator("#meta")).to_contain_text('fbq("dataProcessingOptions", ["LDU"], 0, 0)')

    tab.get_by_role("link", name="Your privacy choices").click()
    press(tab, "Yes to all")
    press(tab, "Yes, I am sure")

    expect(tag(tab, "Advertising pixel")).to_contain_text("ran")
    expect(tab.get_by_role("row", name="ad_storage")).to_contain_text("granted")
    expect(tab.locator("#meta")).to_contain_text('fbq("dataProcessingOptions", [])')
    picture(tab, f"website-yes-{device.name}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= device.options["viewport"]["width"]


def test_it_fits_a_small_phone(open_browser, website, picture):
    tab = open_browser({"width": 320, "height": 640})
    tab.goto(website)
    expect(tab.get_by_role("row", name="personalization_storage")).to_be_visible()
    picture(tab, "website-320")
    assert tab.evaluate("document.documentElement.scrollWidth") == 320


def test_it_is_visited_from_elsewhere_with_the_signal_and_in_spanish(open_browser, website, picture):
    tab = open_browser()
    tab.goto(website)
    tab.get_by_label("Look at it from").select_option("Texas")
    tab.get_by_role("button", name="Visit", exact=True).click()
    expect(tab.locator("#state")).to_contain_text("US-TX")
    expect(tag(tab, "Advertising pixel")).to_contain_text("ran")

    tab.get_by_label("with the privacy signal").check()
    tab.locator("select[name=language]").select_option("Español")
    tab.get_by_role("button", name="Visit", exact=True).click()

    expect(tab.locator("heed-banner .bar")).to_contain_text("Se respetó su solicitud")
    expect(tag(tab, "Advertising pixel")).to_contain_text("blocked")
    picture(tab, "website-signal")


def test_signing_in_makes_what_was_chosen_the_persons(open_browser, website):
    person = tells(mrn=SHOWN.mrn).profile_id
    assert person
    tab = open_browser()
    tab.goto(website)
    tab.get_by_role("button", name="Sign in as Maria Santos").click()
    expect(tab.locator("#signed-in")).to_contain_text("choose first")
    press(tab, "No to all")
    until(tab, "JSON.parse(decodeURIComponent(document.cookie.split('=')[1])).u === 0")

    tab.get_by_role("button", name="Sign in as Maria Santos").click()

    expect(tab.get_by_role("link", name="See it on the page of staff")).to_have_attribute(
        "href", f"{tab.locator('#signed-in').get_attribute('data-heed-url')}/admin/people/{person}/"
    )
    assert not decide(person, "sale_or_sharing").allowed


def test_whoever_comes_anew_is_asked_anew(open_browser, website):
    tab = open_browser()
    tab.goto(website)
    press(tab, "No to all")
    tab.get_by_role("button", name="Visit as somebody new").click()

    expect(tab.locator("heed-banner .bar")).to_be_visible()
