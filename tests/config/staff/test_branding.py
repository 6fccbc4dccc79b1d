"""Staff give patients' pages the organisation's name, logo and colours; what can't be read is refused."""

from base64 import b64decode

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from preferences.models import Revision
from tests.config.staff import desk
from tests.portal import codes, people

pytestmark = pytest.mark.django_db
PAGE, HELP = "/admin/settings/look/", "/admin/settings/language-help/"
GIVEN = {"organisation": "Harbor Clinic", "light": "#7a1f5c", "dark": "#f0a8d8", "reason": "Our own colours"}
DRAWN = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#7a1f5c"/></svg>'
)

PIXELS = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def editor(client, django_user_model):
    user = django_user_model.objects.create_user("editor", is_staff=True)
    client.force_login(desk.allow(user, "view_appearance", "change_appearance"))
    return client


def file(content=DRAWN, name="logo.svg"):
    return SimpleUploadedFile(name, content)


def link_in(text, ends):
    return next(part for part in text.split('"') if part.startswith("/look/") and part.endswith(ends))


def test_patients_see_name_logo_and_colours_at_once(editor):
    assert desk.publish(editor, PAGE, {**GIVEN, "upload": file()}).status_code == 302

    text = editor.get("/").text
    assert 'alt="Harbor Clinic"' in text
    colours = editor.get(link_in(text, ".css"))
    assert "--accent:#7a1f5c" in colours.text
    assert "--accent:#f0a8d8" in colours.text
    assert "immutable" in colours.headers["Cache-Control"]
    assert editor.get(link_in(text, "/logo")).content == DRAWN


def test_a_logo_opened_by_itself_can_do_nothing(editor):
    desk.publish(editor, PAGE, {**GIVEN, "upload": file()})

    logo = editor.get(link_in(editor.get("/").text, "/logo"))
    assert logo.headers["Content-Type"] == "image/svg+xml"
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    assert "default-src 'none'" in logo.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b'<path onload="alert(1)"/>',
        b'<use href="https://example.org/x.svg#a"/>',
        b'<rect fill="url(https://example.org/a)"/>',
        b"<style>@import 'https://example.org';</style>",
        b"<foreignObject/>",
        b'<image href="data:image/png;base64,AA"/>',
        b'<a href="javascript:alert(1)"/>',
    ],
)
def test_a_drawing_that_could_do_something_is_refused(editor, inside):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg">' + inside + b"</svg>"

    answer = desk.publish(editor, PAGE, {**GIVEN, "upload": file(drawing)})

    assert answer.status_code == 422
    assert "The drawing" in answer.text
    assert not Revision.objects.filter(key="branding").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a",
        b"",
        b"<html/>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        PIXELS + b"0" * 40_000,
        PIXELS[:60],
        PIXELS.replace(b"IDAT", b"IDAX"),
        b"\x89PNG\r\n\x1a\n" + b"0" * 2_000,
        b'<svg xmlns="http://www.w3.org/2000/svg"><title>Nothing</title></svg>',
    ],
)
def test_what_is_no_small_picture_is_refused(editor, content):
    assert desk.publish(editor, PAGE, {**GIVEN, "upload": file(content)}).status_code == 422


def test_a_picture_of_pixels_is_shown_as_it_is(editor):
    assert desk.publish(editor, PAGE, {**GIVEN, "upload": file(PIXELS, "logo.png")}).status_code == 302

    assert editor.get(link_in(editor.get("/").text, "/logo")).content == PIXELS


def test_a_page_that_was_left_open_takes_back_no_colleagues_change(editor):
    seen = editor.get(PAGE).context["page"]["form"]["seen"].value()
    desk.publish(editor, PAGE, {**GIVEN, "organisation": "Harbor Health"})

    answer = editor.post(PAGE, {**GIVEN, "seen": seen, "reason": "Only the colour"})

    assert answer.status_code == 422
    assert "Somebody published after you opened this page" in answer.text
    assert "Harbor Health" in editor.get("/").text


def test_a_name_with_a_line_break_keeps_no_code_from_being_sent(editor):
    desk.publish(editor, PAGE, {**GIVEN, "organisation": "Harbor\r\nBcc: a@example.org"})
    people.person()

    codes.ask(editor, people.EMAIL)
    codes.arrived()

    assert "Harbor Bcc: a@example.org" in mail.outbox[0].subject


def test_what_stands_already_is_not_published_again_and_staff_are_told_so(editor):
    desk.publish(editor, PAGE, GIVEN)
    desk.publish(editor, PAGE, {**GIVEN, "reason": "Pressed once more"})

    assert "Nothing was published: it says what stands already" in editor.get(PAGE).text
    assert Revision.objects.filter(key="branding").count() == 1


def test_an_earlier_look_is_brought_back_as_a_publication_of_its_own(editor):
    desk.publish(editor, PAGE, {**GIVEN, "upload": file()})
    desk.publish(editor, PAGE, {**GIVEN, "organisation": "Harbor", "no_logo": "on"})

    answer = editor.post(f"{PAGE}1/back/", {"seen": "2"}, follow=True)

    assert "Published. Patients see it" in answer.text
    assert 'alt="Harbor Clinic"' in editor.get("/").text
    newest = Revision.objects.filter(key="branding").latest("number")
    assert (newest.number, newest.author, newest.reason) == (3, "editor", "Bring back revision 1")


def test_nothing_is_brought_back_over_what_was_published_meanwhile(editor):
    desk.publish(editor, PAGE, GIVEN)
    desk.publish(editor, PAGE, {**GIVEN, "organisation": "Harbor"})

    for seen in ("1", "x"):
        answer = editor.post(f"{PAGE}1/back/", {"seen": seen}, follow=True)
        assert "Somebody published after you opened this page" in answer.text

    assert editor.post(f"{PAGE}9/back/", {"seen": "2"}).status_code == 404
    assert Revision.objects.filter(key="branding").count() == 2


def test_what_each_publication_changed_is_a_click_away_for_who_may_see_them(editor, django_user_model):
    desk.publish(editor, PAGE, GIVEN)
    desk.publish(editor, PAGE, {**GIVEN, "organisation": "Harbor"})
    link = f"/admin/preferences/revision/{Revision.objects.latest('pk').pk}/change/"
    assert link not in editor.get(PAGE).text

    desk.allow(django_user_model.objects.get(username="editor"), "view_revision")

    assert link in editor.get(PAGE).text
    assert "Harbor Clinic" in editor.get(link).text


@pytest.mark.parametrize(("theme", "pale"), [("light", "#ffd400"), ("dark", "#22304a")])
def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(editor, theme, pale):
    answer = desk.publish(editor, PAGE, {**GIVEN, theme: pale})

    assert answer.status_code == 422
    nearest = answer.text.partition("The nearest that can is ")[2][:7]
    assert desk.publish(editor, PAGE, {**GIVEN, theme: nearest}).status_code == 302


def test_the_name_stands_in_wordings_too(editor):
    desk.publish(editor, PAGE, GIVEN)

    assert "Harbor Clinic" in editor.get("/").text
    assert "Riverside Health" not in editor.get("/").text


def test_a_picture_as_a_camera_makes_it_is_told_of_beside_the_field_and_touches_no_disk(editor, settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"

    answer = desk.publish(editor, PAGE, {**GIVEN, "upload": file(bytes(4_500_000), "photo.png")})

    assert answer.status_code == 422
    assert "The logo may have 30 KB at most" in answer.text


def test_the_logo_stays_until_it_is_taken_away(editor):
    desk.publish(editor, PAGE, {**GIVEN, "upload": file()})
    desk.publish(editor, PAGE, {**GIVEN, "organisation": "Harbor", "reason": "Shorter"})
    assert 'alt="Harbor"' in editor.get("/").text

    desk.publish(editor, PAGE, {**GIVEN, "no_logo": "on", "reason": "No logo"})
    assert 'class="logo"' not in editor.get("/").text


def test_a_look_that_never_was_is_not_there(client):
    assert client.get("/look/0123456789abcdef.css").status_code == 404


def test_who_may_only_look_changes_nothing(client, django_user_model):
    user = django_user_model.objects.create_user("auditor", is_staff=True)
    client.force_login(desk.allow(user, "view_appearance"))

    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, GIVEN).status_code == 403
    for page in (PAGE, HELP):
        assert client.post(f"{page}1/back/", {"seen": "0"}).status_code == 403


def test_the_number_to_call_is_one(editor):
    answer = desk.publish(editor, HELP, {"phone": "x", "reason": "Ours"})

    assert answer.status_code == 422
    assert "as people dial it" in answer.text


def test_what_shows_nothing_is_no_name_and_no_sentence(editor):
    assert desk.publish(editor, PAGE, {**GIVEN, "organisation": "\u200b"}).status_code == 422

    desk.publish(editor, HELP, {"phone": "202 555 0100", "de": "\ufeff", "reason": "Ours"})

    assert "ACHTUNG: Wenn Sie Deutsch sprechen" in editor.get("/").text


def test_an_earlier_notice_of_language_help_is_brought_back_as_a_publication_of_its_own(editor):
    for phone in ("202 555 0100", "202 555 0199"):
        desk.publish(editor, HELP, {"phone": phone, "reason": "Ours"})
    assert editor.get(HELP).text.count("Bring back") == 1

    answer = editor.post(f"{HELP}1/back/", {"seen": "2"}, follow=True)

    assert "Published. Patients see it" in answer.text
    assert editor.get("/").text.count("202 555 0100") == 16
    newest = Revision.objects.filter(key="language_help").latest("number")
    assert (newest.number, newest.author, newest.reason) == (3, "editor", "Bring back revision 1")
    assert "Somebody published after" in editor.post(f"{HELP}1/back/", {"seen": "2"}, follow=True).text


def test_the_notice_of_language_help_is_on_every_page_in_sixteen_languages(editor):
    text = editor.get("/").text
    assert text.count('dir="rtl">') == 2  # Arabic and Persian
    assert "language assistance services free of charge" in text
    assert "accessible formats" in text
    assert "يُرجى سؤالنا." in text  # nobody knows a number yet

    desk.publish(
        editor,
        HELP,
        {"phone": "202 555 0100", "ko": "무료 통역", "reason": "Ours"},
    )
    text = editor.get("/?language=es").text
    assert text.count("202 555 0100") == 16
    assert "Llame al \u2066202 555 0100\u2069." in text
    assert "무료 통역" in text
    assert text.index("ATENCIÓN") < text.index("PAUNAWA")


def test_a_file_that_must_be_chosen_again_is_asked_for_where_something_else_is_wrong(editor):
    answer = desk.publish(editor, PAGE, {**GIVEN, "upload": file(), "light": "#f5b301"})
    assert answer.status_code == 422
    assert "Choose the file again" in answer.text

    assert "Choose the file again" not in desk.publish(editor, PAGE, {**GIVEN, "light": "#f5b301"}).text
