"""Patients are offered a language once staff say who reviewed it, and no longer when they take that back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from config.staff import vouched
from config.staff.home import UNREAD
from destinations.models import Destination
from portal.links import link_for
from portal.texts import Text, texts_in
from preferences.models import Category, Revision
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.config.staff import desk
from tests.portal import people
from tests.portal.banner.sites import put_up
from tests.portal.forms import fields

pytestmark = pytest.mark.django_db
PAGE = "/admin/settings/languages/"
VOUCHED = {
    "translator": "Linh Tran",
    "qualification": "CHI certificate 1234",
    "day": "2026-11-20",
    "statement": "on",
    "reason": "Reviewed for the spring",
}
VIETNAMESE_BROWSER = {"Accept-Language": "vi,en;q=0.5"}


def shown(editor):
    """What the page of the review says which texts it is about."""
    return editor.get(f"{PAGE}vi/review/").context["page"]["form"]["seen"].value()


def review(editor, **said):
    return editor.post(f"{PAGE}vi/review/", {**VOUCHED, "seen": shown(editor), **said})


@pytest.fixture
def editor(client, django_user_model):
    user = django_user_model.objects.create_user("editor", is_staff=True)
    client.force_login(desk.allow(user, "view_appearance", "change_appearance"))
    return client


def patients_page(client):
    return client.get("/", headers=VIETNAMESE_BROWSER)


def test_a_draft_is_offered_to_nobody(client):
    answer = patients_page(client)

    assert answer.headers["Content-Language"] == "en"
    assert 'hreflang="vi"' not in answer.text
    assert client.get("/?language=vi").headers["Content-Language"] == "en"


def test_once_reviewed_it_is_offered_and_who_vouched_is_kept(editor):
    assert review(editor).status_code == 302

    answer = patients_page(editor)
    assert answer.headers["Content-Language"] == "vi"
    assert '<html lang="vi" dir="ltr">' in answer.text
    assert "Reviewed by Linh Tran, CHI certificate 1234, on Nov 20, 2026" in editor.get(PAGE).text
    kept = Revision.objects.get(key="language.vi")
    assert (kept.author, kept.reason) == ("editor", "Reviewed for the spring")


def test_it_can_be_taken_back_and_both_stay_on_record(editor):
    review(editor)
    editor.post(f"{PAGE}vi/take-back/", {"reason": "A patient found a mistake"})

    assert patients_page(editor).headers["Content-Language"] == "en"
    assert Revision.objects.filter(key="language.vi").count() == 2


def test_nobody_has_reviewed_anything_on_a_day_to_come(editor):
    tomorrow = timezone.localdate() + timedelta(days=1)

    answer = review(editor, day=tomorrow.isoformat())

    assert answer.status_code == 422
    assert "yet to come" in answer.text


def test_what_was_not_ticked_is_marked(editor):
    answer = review(editor, statement="")

    assert 'id="id_statement_error">This field is required.' in answer.text


def test_spanish_comes_reviewed_and_may_be_taken_back(editor):
    assert "Comes reviewed with Heed" in editor.get(PAGE).text
    editor.post(f"{PAGE}es/take-back/", {"reason": "We rewrite it"})

    assert editor.get("/?language=es").headers["Content-Language"] == "en"


@pytest.mark.parametrize("left_out", ["translator", "qualification", "day", "statement", "reason", "seen"])
def test_nobody_vouches_without_saying_all_of_it(editor, left_out):
    answer = review(editor, **{left_out: ""})

    assert answer.status_code == 422
    assert not Revision.objects.filter(key="language.vi").exists()


def test_staff_read_it_as_text_and_as_a_page_before_patients_do(editor):
    texts = editor.get(f"{PAGE}ar/")
    page = editor.get(f"{PAGE}ar/page/")

    assert "Choose what we send you" in texts.text
    assert 'lang="ar" dir="rtl"' in texts.text
    assert "تذكيرات المواعيد" in texts.text  # a category of the organisation's own
    assert re.search(
        r"<p>[^<]*\u0645\u062d\u0627\u0648\u0644\u062a\u0627\u0646[^<]*</p>", texts.text
    )  # two tries: a form of its own
    assert '<html lang="ar" dir="rtl">' in page.text


def test_to_close_the_page_of_the_preview_signs_nobody_out(editor):
    form = fields(editor.get(f"{PAGE}ar/page/").text)

    assert editor.post("/p/leave", form).headers["Location"] == "/p/leave"

    assert editor.get(PAGE).status_code == 200


def test_what_is_missing_is_counted(editor):
    people.publish_required_category()
    desk.system()

    answer = editor.get(PAGE)

    lines = {line.code: line for line in answer.context["page"]["lines"]}
    assert lines["es"].missing == 0
    assert lines["es"].missing_own == 6
    assert lines["vi"].missing_own == 6


def test_a_category_that_lacks_an_offered_language_is_shown_in_english_and_listed(editor, client):
    review(editor)
    people.publish_required_category()
    joan = people.person()

    client.get(link_for(joan), headers=VIETNAMESE_BROWSER)
    page = client.get("/p", headers=VIETNAMESE_BROWSER)

    assert '<span class="name"><bdi lang="en">Bills and legal letters</bdi></span>' in page.text


@pytest.mark.parametrize("code", ["en", "xx", "de"])
def test_what_is_no_translation_of_ours_is_not_there(editor, code):
    assert editor.get(f"{PAGE}{code}/").status_code == 404


def test_who_may_only_look_may_not_vouch(client, django_user_model):
    user = django_user_model.objects.create_user("auditor", is_staff=True)
    client.force_login(desk.allow(user, "view_appearance"))

    assert client.get(PAGE).status_code == 200
    assert client.post(f"{PAGE}vi/review/", VOUCHED).status_code == 403


def test_a_language_without_texts_cannot_be_marked_as_reviewed(editor, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "Deutsch")]

    answer = editor.post(f"{PAGE}de/review/", VOUCHED)

    assert answer.status_code == 422
    assert "nothing that could be reviewed" in answer.text
    assert not Revision.objects.filter(key="language.de").exists()


# --- what came after a review ---


def line(client, code):
    return next(each for each in client.get(PAGE).context["page"]["lines"] if each.code == code)


def since(client, code):
    """What is new or changed in a language, as English texts."""
    return [each.english for each in line(client, code).since]


def unread(client):
    figures = client.get("/admin/").context["page"].figures
    return next(each.count for each in figures if each.words == UNREAD)


def write(slug, language, **texts):
    """Staff change what a category says in one language."""
    body = Category.objects.get(key=slug).body
    said = {**body["texts"], language: {**body["texts"][language], **texts}}
    publish(
        kind=RevisionKind.CATEGORY,
        key=slug,
        body={**body, "texts": said},
        author="ann",
        reason="Our own words",
    )


def test_what_a_review_vouched_for_is_not_asked_again(editor):
    review(editor)

    assert since(editor, "vi") == []
    assert since(editor, "es") == []
    assert unread(editor) == 0


def test_a_text_that_is_changed_since_is_told_where_staff_look_until_it_is_reviewed(editor):
    review(editor)
    write("patient_surveys", "vi", how_often="Mỗi năm một lần")
    assert since(editor, "vi") == ["At most one after a visit"]
    assert unread(editor) == 1
    assert "1 text is new or changed since the review" in editor.get(PAGE).text
    texts = editor.get(f"{PAGE}vi/").text
    assert (
        "Mỗi năm một lần" in texts.partition("New or changed since the review")[2].partition("</section>")[0]
    )

    review(editor)

    assert since(editor, "vi") == []
    assert Revision.objects.filter(key="language.vi").count() == 2


def test_a_changed_english_text_asks_for_its_translations_too(editor):
    write("patient_surveys", "en", how_often="Once a year")

    assert since(editor, "es") == ["Once a year"]


def test_what_staff_add_in_a_language_that_comes_reviewed_is_told(editor):
    Destination.objects.create(
        slug="mail", name="Mail", connector="by_hand", public_label="Letters", public_labels={"es": "Cartas"}
    )
    put_up(texts={"en": {"accept": "Sure"}, "es": {"accept": "Claro"}})

    assert since(editor, "es") == ["Letters", "Sure"]


def test_a_button_of_a_banner_is_read_once_however_many_regions_it_has(editor):
    put_up(texts={"en": {"accept": "Sure"}, "es": {"accept": "Claro"}})

    texts = editor.get(f"{PAGE}es/").context["page"]["own"]

    assert [each for each in texts if each.english == "Sure"] == [Text("Sure", ("Claro",))]


def test_a_release_that_adds_texts_is_told(editor, monkeypatch):
    review(editor)
    new = Text("A new sentence", ("Một câu mới",))
    monkeypatch.setattr(vouched, "texts_in", lambda code: [*texts_in(code), new])

    assert since(editor, "vi") == ["A new sentence"]


def test_a_review_from_before_texts_were_kept_vouches_for_none(editor):
    publish(
        kind=RevisionKind.APPEARANCE,
        key="language.vi",
        body={"reviewed": True, "translator": "Linh Tran", "qualification": "CHI", "day": "2026-11-20"},
        author="ann",
        reason="Reviewed",
    )

    assert len(since(editor, "vi")) == len(vouched.marks_now("vi"))


def test_nobody_vouches_for_what_was_altered_while_they_filled_in_the_form(editor):
    seen = shown(editor)
    write("patient_surveys", "vi", how_often="Mỗi năm một lần")

    answer = review(editor, seen=seen)

    assert answer.status_code == 422
    assert "Texts were changed after you had opened this page" in answer.text
    assert not Revision.objects.filter(key="language.vi").exists()


def test_a_draft_that_no_patient_reads_is_asked_about_by_nobody(editor):
    assert since(editor, "vi") == []
