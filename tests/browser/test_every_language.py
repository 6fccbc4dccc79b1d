"""Every page in every language that Heed comes with; `picture` has axe judge each."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from preferences import services
from preferences.appearance import LANGUAGE
from preferences.models import Profile, ProxyGrant
from preferences.terms import RevisionKind
from tests.browser.hands import systems
from tests.browser.test_reaching import NARROW, STICKS_OUT
from tests.portal import people
from tests.portal.codes import arrived

pytestmark = pytest.mark.browser
WITHOUT_A_LINK = {"home": "/", "nowhere": "/nowhere", "cut-off": "/p/cut-off", "over": "/p"}
AFTER_A_CODE = {"page": "/p", "history": "/p/history", "addresses": "/p/addresses", "only": "/p/only"}


EACH = [(code, "phone") for code, _ in settings.LANGUAGES]
EACH += [("en", "desktop"), ("ar", "desktop")]  # each direction


@pytest.fixture
def language(request, joan):
    """Hers, and one that a translator has reviewed."""
    Profile.objects.filter(pk=joan).update(language=request.param)
    if request.param not in ("en", "es"):
        services.publish(
            kind=RevisionKind.APPEARANCE,
            key=LANGUAGE + request.param,
            body={"reviewed": True, "translator": "A", "qualification": "B", "day": "2026-11-20"},
            author="editor",
            reason="Reviewed",
        )
    people.publish_required_category()
    people.texted_stop()
    systems(joan)
    return request.param


def act(tab, name):
    """Press a button, whatever it is called in this language."""
    tab.locator(f'button[name="act"][value="{name}"]:visible').first.click()


@pytest.mark.parametrize(("language", "device"), EACH, indirect=True)
def test_every_page_can_be_read_by_everybody(open_browser, language, link, picture, device):
    tab = open_browser(**device.options)

    def look(name):
        assert tab.locator("html").get_attribute("lang").lower() == language
        width = device.options["viewport"]["width"]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        picture(tab, f"{language}-{name}-{device.name}")

    for name, path in WITHOUT_A_LINK.items():
        tab.goto(f"{path}?language={language}")
        look(name)
    tab.goto(link)
    act(tab, "stop")
    look("stopped")
    tab.goto("/p/receipt")
    look("receipt")
    tab.goto("/p/code")
    look("where-to")
    act(tab, "send")
    look("code")
    tab.locator('input[name="code"]').fill(arrived())
    act(tab, "enter")
    for name, path in AFTER_A_CODE.items():
        tab.goto(path)
        look(name)


# Chinese breaks no line between a bracket and what stands in it.
@pytest.mark.parametrize("language", ["zh-hans"], indirect=True)
def test_whom_somebody_looks_after_fits_the_smallest_phone(open_browser, language, joan, link):
    people.looks_after(joan, people.person(email="sam@hospital.example.net", phone="+12025550188"))
    tab = open_browser(NARROW)
    tab.goto(link)
    tab.goto("/p/history")
    act(tab, "send")
    tab.locator('input[name="code"]').fill(arrived())
    act(tab, "enter")
    tab.goto("/p")
    assert not tab.evaluate(STICKS_OUT)

    tab.locator('form[action="/p/for"] button').click()
    expect(tab.locator("form.others strong")).to_be_visible()
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=people.by_staff())
    tab.goto("/p")
    assert tab.evaluate(GAP) > 12


GAP = """() => {
    const button = document.querySelector(".act");
    return button.nextElementSibling.getBoundingClientRect().top - button.getBoundingClientRect().bottom;
}"""
