"""Staff see which texts are missing in which language, and get to where they are written."""

import pytest

from destinations.models import Destination
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
PAGE = "/admin/settings/missing-texts/"


@pytest.fixture
def editor(client, django_user_model):
    user = django_user_model.objects.create_user("editor", is_staff=True)
    desk.allow(user, "view_category", "change_category", "view_destination")
    client.force_login(user)
    return client


def test_a_new_installation_lacks_nothing(editor):
    assert "Nothing is missing" in editor.get(PAGE).text


def test_what_a_category_lacks_is_named_and_one_click_from_its_form(editor):
    people.publish_required_category()

    answer = editor.get(PAGE)

    [row] = answer.context["page"]
    assert (row.name, row.language) == ("Bills and legal letters", "Spanish")
    assert row.texts == "name, what it is about, example, how often, why it is required"
    assert "es_name" in editor.get(row.write).text


def test_a_retired_category_lacks_nothing(editor):
    people.publish_required_category()
    people.publish_category({**people.body_of("service_notices"), "retired": True})

    assert "Nothing is missing" in editor.get(PAGE).text


def test_a_systems_label_is_a_text_too(editor):
    system = desk.system()
    [row] = editor.get(PAGE).context["page"]
    assert (row.name, row.texts) == ("Mail service", "public label")
    assert "Public label in other languages" in editor.get(row.write).text

    Destination.objects.filter(pk=system.pk).update(public_labels={"es": "Nuestro correo"})
    assert "Nothing is missing" in editor.get(PAGE).text


def test_a_label_is_missing_in_each_language_that_patients_are_offered(editor):
    desk.system()
    publish(
        kind=RevisionKind.APPEARANCE,
        key="language.ko",
        body={"reviewed": True, "translator": "J. Kim", "qualification": "CHI", "day": "2026-11-20"},
        author="tests",
        reason="Reviewed",
    )

    rows = [row for row in editor.get(PAGE).context["page"] if row.what == "System"]

    assert {row.language for row in rows} == {"Spanish", "Korean"}


def test_settings_lead_there(editor):
    assert PAGE in editor.get("/admin/settings/").text


def test_it_takes_the_same_queries_however_many_there_are(editor, django_assert_num_queries):
    for name in ("One", "Two", "Three"):
        desk.system(name)

    with django_assert_num_queries(9):
        editor.get(PAGE)


def test_who_may_not_see_categories_is_told_so(newcomer):
    answer = newcomer.get(PAGE)

    assert answer.status_code == 403
    assert "see categories" in answer.text
