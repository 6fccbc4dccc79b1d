"""The patients' pages in Spanish, whose words are longer: looked at on a phone and a desktop."""

import pytest
from playwright.sync_api import expect

from destinations.models import Propagation
from portal.links import link_for
from preferences.models import Notice, Profile
from preferences.selectors import decide
from tests.browser.conftest import DESKTOP
from tests.browser.hands import choose, press, systems
from tests.portal import people
from tests.portal.codes import arrived

pytestmark = pytest.mark.browser
SAVE, STOP = "Guardar mis preferencias", "Detener todo lo que no sea obligatorio"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def juana(joan):
    """The hospital knows that she reads Spanish, and has texted STOP."""
    Profile.objects.filter(pk=joan).update(language="es")
    people.texted_stop()
    return joan


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def viewport(request):
    return request.param


@pytest.mark.parametrize("width", [320, 390, 600, 768, 1024, 1152, 1280])
def test_nothing_scrolls_sideways(open_browser, link, juana, picture, width):
    tab = open_browser({"width": width, "height": 800})
    tab.goto(link)

    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    picture(tab, f"es-page-{width}")
    press(tab, STOP)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.goto("/nowhere")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_choice_is_made_and_told_in_spanish(open_browser, link, juana, picture, viewport):
    waiting, *_ = systems(juana)
    tab = open_browser(viewport)
    tab.goto(link)
    choose(tab, "Encuestas para pacientes: Correo electrónico", "No")
    choose(tab, "Uso de mi información sensible", "Sí")
    press(tab, SAVE)
    press(tab, "Enviar el código")
    tab.get_by_label("Código de 6 dígitos").fill(arrived())
    press(tab, "Continuar")
    picture(tab, f"es-confirm-{viewport['width']}")
    press(tab, "Sí, lo confirmo")

    expect(tab.get_by_role("heading", level=1)).to_have_text("Se guardaron sus preferencias")
    assert {each.body["language"] for each in Notice.objects.all()} == {"es"}
    Propagation.objects.filter(pk=waiting.pk).update(state="stuck")
    expect(tab.get_by_text("seguimos intentándolo")).to_be_visible()
    picture(tab, f"es-saved-{viewport['width']}")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_the_switch_is_one_click_and_needs_no_script(open_browser, link, joan, viewport, scripts):
    tab = open_browser(viewport, java_script_enabled=scripts)
    tab.goto(link)
    switch = tab.get_by_role("navigation", name="Language").get_by_role("link", name="Español")
    box = switch.bounding_box()
    assert box
    assert box["height"] >= 44
    switch.click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("Elija qué le enviamos")
    expect(tab.locator("html")).to_have_attribute("lang", "es")
    tab.get_by_role("group", name="Encuestas para pacientes: Correo electrónico").get_by_label("No").check()
    press(tab, SAVE)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Se guardaron sus preferencias")
    tab.get_by_role("link", name="English").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your choices are saved")


def test_what_goes_wrong_is_said_in_spanish(open_browser, joan, picture, viewport):
    old = link_for(joan)
    Profile.objects.filter(pk=joan).update(link_epoch=1)
    tab = open_browser(viewport, locale="es-US")

    for path, name in ((old, "revoked"), ("/p", "over"), ("/", "home"), ("/nowhere", "missing")):
        tab.goto(path)
        expect(tab.locator("html")).to_have_attribute("lang", "es")
        picture(tab, f"es-{name}-{viewport['width']}")


def test_reminders_by_text_are_off_in_two_taps_without_script_and_with_the_signal_on(
    open_browser, link, joan, picture
):
    signal = {"Sec-GPC": "1"}
    tab = open_browser(PHONE, locale="es-US", java_script_enabled=False, extra_http_headers=signal)
    tab.goto(link)
    expect(tab.get_by_text("solicitud de exclusión").first).to_be_visible()
    picture(tab, "es-signal-phone")

    tab.get_by_role("group", name="Recordatorios de citas: Mensaje de texto").get_by_label("No").check()
    press(tab, SAVE)

    expect(tab.get_by_role("heading", level=1)).to_have_text("Se guardaron sus preferencias")
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert not decide(joan, "sale_or_sharing").allowed
