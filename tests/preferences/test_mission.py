"""The categories that an installation begins with, and what an older one gains."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from preferences.catalogue import catalogue
from preferences.languages import ENGLISH, others
from preferences.mission import MISSION
from preferences.models import Revision
from preferences.services import check_category, publish
from preferences.terms import RevisionKind

pytestmark = pytest.mark.django_db
spanish = import_module("preferences.migrations.0004_the_missions_categories_in_spanish")
drafts = import_module("preferences.migrations.0019_the_missions_categories_in_drafts")
SURVEYS = MISSION[2]["texts"]


def migrate():
    spanish.translate(apps, SimpleNamespace(connection=connection))


def add_drafts():
    drafts.add_drafts(apps, SimpleNamespace(connection=connection))
    return Revision.objects.filter(key="patient_surveys").latest("number")


def republish(slug, texts):
    body = {**Revision.objects.filter(key=slug).latest("number").body, "texts": texts}
    return publish(kind=RevisionKind.CATEGORY, key=slug, body=body, author="Ann", reason="Our own words")


@pytest.mark.parametrize("body", MISSION, ids=lambda body: body["slug"])
def test_each_says_the_same_things_in_every_language(body):
    check_category(key=body["slug"], body=body, before=None)

    assert body["texts"].keys() == {ENGLISH, *others()}
    for texts in body["texts"].values():
        assert texts.keys() == body["texts"][ENGLISH].keys()
        assert all(texts.values())


def test_a_new_installation_has_them_in_spanish_from_the_start():
    migrate()

    assert catalogue().by_slug["patient_surveys"].in_("es").name == "Encuestas para pacientes"
    assert Revision.objects.filter(key="patient_surveys").count() == 1


def test_an_older_one_gains_the_spanish_as_a_revision_that_changes_nothing_else():
    english = MISSION[2]["texts"]["en"]
    before = republish("patient_surveys", {"en": english})

    migrate()
    migrate()

    stands = Revision.objects.filter(key="patient_surveys").latest("number")
    assert (stands.number, stands.author) == (before.number + 1, "Heed")
    assert stands.body == {**before.body, "texts": MISSION[2]["texts"]}
    again = publish(
        kind=RevisionKind.CATEGORY, key="patient_surveys", body=stands.body, author="Ann", reason="Again"
    )
    assert again == stands, "its digest is that of its body"


def test_staffs_own_words_are_never_paired_with_our_translation():
    before = republish("patient_surveys", {"en": {**MISSION[2]["texts"]["en"], "name": "How was it?"}})

    migrate()

    assert Revision.objects.filter(key="patient_surveys").latest("number") == before


def test_an_older_installation_gains_the_drafts_once_and_nothing_else_changes():
    before = republish("patient_surveys", {each: SURVEYS[each] for each in ("en", "es")})

    stands = add_drafts()
    assert stands.body == {**before.body, "texts": SURVEYS}
    assert (stands.number, stands.author) == (before.number + 1, "Heed")

    assert add_drafts() == stands
    again = publish(
        kind=RevisionKind.CATEGORY, key=stands.key, body=stands.body, author="Ann", reason="Again"
    )
    assert again == stands, "its digest is that of its body"


def test_what_staff_translated_themselves_stays_beside_the_drafts():
    ours = {**SURVEYS["vi"], "name": "Hỏi ý kiến"}
    republish("patient_surveys", {"en": SURVEYS["en"], "vi": ours})

    texts = add_drafts().body["texts"]

    assert texts["vi"] == ours
    assert texts["ko"] == SURVEYS["ko"]


def test_drafts_are_no_translation_of_staffs_own_english():
    before = republish("patient_surveys", {"en": {**SURVEYS["en"], "name": "How was it?"}})

    assert add_drafts() == before


def test_a_language_that_patients_read_already_gets_no_draft_that_nobody_has_read():
    publish(
        kind=RevisionKind.APPEARANCE,
        key="language.vi",
        body={"reviewed": True, "translator": "Linh Tran", "qualification": "CHI", "day": "2026-11-20"},
        author="Ann",
        reason="Reviewed",
    )
    republish("patient_surveys", {"en": SURVEYS["en"], "es": SURVEYS["es"]})

    assert add_drafts().body["texts"].keys() == SURVEYS.keys() - {"vi"}
