"""A real Chromium, as a phone and as a desktop, with pictures of what it shows."""

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core.servers.basehttp import WSGIServer
from playwright.sync_api import TimeoutError

from portal import wording
from portal.links import link_for
from preferences.terms import IdentifierKind
from tests.browser.accessible import complaints
from tests.browser.visiting import site, visit  # noqa: F401 - fixtures of all tests here
from tests.portal import people

# Of the connections that browsers open at once none is turned away while both cores are busy.
WSGIServer.request_queue_size = 128

PICTURES = Path(__file__).parent / "screenshots"
PHONE, DESKTOP = {"width": 375, "height": 812}, {"width": 1280, "height": 900}


FRAMED = ("/admin/", "/v1/docs")  # by unfold, by Swagger UI
VIEWPORTS = {"phone": PHONE, "desktop": DESKTOP}


class Device(NamedTuple):
    """What a page is looked at with."""

    name: str
    options: dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def pages_kept():
    """The live server reads its middleware when it starts: before that."""
    settings.MIDDLEWARE.append("tests.browser.kept.Kept")
    yield
    settings.MIDDLEWARE.remove("tests.browser.kept.Kept")


@pytest.fixture(params=["phone", "desktop"])
def device(request):
    """Each test that asks for this runs on a phone and on a desktop."""
    return Device(request.param, {"viewport": VIEWPORTS[request.param]})


@pytest.fixture(params=["phone", "desktop", "phone without script", "desktop without script"])
def any_device(request):
    """The same, with and without JavaScript."""
    name, _, without = request.param.partition(" without ")
    return Device(name, {"viewport": VIEWPORTS[name], "java_script_enabled": not without})


@pytest.fixture
def open_browser(chromium, live_server):
    """Start a fresh browser; at the end, none may have complained of a blocked style or a broken script."""
    contexts, complaints = [], []

    def start(viewport=DESKTOP, **options):
        context = chromium.new_context(viewport=viewport, base_url=live_server.url, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.runs_scripts = options.get("java_script_enabled", True)  # axe is one
        tab.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        return tab

    yield start
    for context in contexts:
        context.close()
    # An answer that is no yes, and a server that gives none.
    refused = ("status of", "net::ERR_FAILED", "net::ERR_CONNECTION_RESET")
    assert not [each for each in complaints if not any(known in each for known in refused)]


@pytest.fixture
def picture():
    """Keep what a page looks like, to be looked at, and have axe judge it."""
    PICTURES.mkdir(exist_ok=True)

    def take(tab, name):
        tab.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        framed = any(each in tab.url for each in FRAMED)
        ours = ".heed" if framed else "html"
        if tab.runs_scripts and tab.locator(ours).count():
            assert not complaints(tab, ours)

    return take


@pytest.fixture
def desk(open_browser, device, live_server, admin_user, client):
    """A browser in which a superuser is at work."""
    client.force_login(admin_user)
    tab = open_browser(**device.options)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    tab.context.add_cookies([cookie])
    return tab


def settle(tab):
    """Wait until a page loads nothing more. One request in thousands is reported as open for ever."""
    with suppress(TimeoutError):
        tab.wait_for_load_state("networkidle", timeout=8_000)


@pytest.fixture
def look(desk, device, picture):
    """Keep a picture of where staff are, and see that nothing scrolls sideways."""

    def at(name):
        settle(desk)
        picture(desk, f"{name}-{device.name}")
        width = device.options["viewport"]["width"]
        assert desk.evaluate("document.documentElement.scrollWidth") <= width

    return at


@pytest.fixture(autouse=True)
def wording_as_published():
    """A flushed test gives its revisions' numbers to the next one, with other words."""
    wording._notice.cache_clear()


@pytest.fixture
def joan(live_server):
    """She has an email address and a phone, and was never asked anything."""
    return people.person()


@pytest.fixture
def link(joan):
    """The link that was mailed to her."""
    return link_for(joan, address_id=people.address(IdentifierKind.EMAIL, people.EMAIL))
