"""Visiting somebody's website that wears the banner, from anywhere, with or without the privacy signal."""

import pytest

from tests.browser.websites import STRICT, website
from tests.portal.banner.sites import put_up


@pytest.fixture
def site(live_server, settings, request):
    """A site at www.site.localhost under a strict policy; what the test names is told to the banner."""
    settings.HEED_REGION_HEADERS = ["CF-IPCountry", "CF-Region-Code"]
    more = getattr(request, "param", {})
    # The port is known only once it serves, and the key only once the banner is published.
    key = put_up("https://to.come")
    with website(live_server.url, key, policy=STRICT, language=more.get("language", "en")) as port:
        origins = [f"http://{name}.site.localhost:{port}" for name in ("www", "book")]
        put_up(*origins, **{"cookie_domain": "site.localhost", **more.get("banner", {})})
        yield origins


@pytest.fixture
def visit(open_browser, site):
    """Open the site from a place, with or without the signal."""

    def go(place="", *, signal=False, path="/", **options):
        country, _, part = place.partition("-")
        tab = open_browser(**options)
        headers = {"CF-IPCountry": country, "CF-Region-Code": part}
        if signal:
            tab.add_init_script(
                "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {value: true})"
            )
            headers["Sec-GPC"] = "1"
        tab.route(
            "**/banner/config/**", lambda route: route.continue_(headers={**route.request.headers, **headers})
        )
        tab.goto(site[0] + path)
        return tab

    return go


def bar(tab):
    return tab.locator("heed-banner .bar")


def until(tab, expression):
    """Playwright's own waiting evaluates text in the page, which a strict policy forbids."""
    for _ in range(200):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(100)
    raise AssertionError(expression)


def sent(tab):
    """Wait until Heed knows of the choice."""
    until(tab, "JSON.parse(decodeURIComponent(document.cookie.split('=')[1])).u === 0")


def press(tab, words):
    tab.locator("heed-banner").get_by_role("button", name=words, exact=True).first.click()
