"""What there is to decide about, in the reader's language, kept by callers until it changes."""

import pytest

from preferences.terms import Scope
from tests.preferences.api.partner import Partner
from tests.preferences.saying import publish

PATH = "/v1/categories"


def by_slug(answer):
    return {each["category"]: each for each in answer.json()["results"]}


def in_spanish(slug):
    english = by_slug(Partner().get(PATH))[slug]
    texts = {name: english[name] for name in ("description", "example", "how_often", "required_reason")}
    publish(slug, texts={"en": {"name": english["name"], **texts}, "es": {"name": "Encuestas", **texts}})


def test_every_category_with_its_channels_and_what_holds_with_no_choice(partner):
    found = by_slug(partner.get(PATH))

    assert list(found)[:2] == ["marketing_emails", "appointment_reminders"]
    assert found["marketing_emails"]["channels"] == {
        "email": {"default": True, "elsewhere": {"CA-ON": False, "CA-QC": False}, "an_opt_in_needs": "person"}
    }
    assert (found["marketing_emails"]["kind"], found["marketing_emails"]["marketing"]) == (
        "communication",
        True,
    )
    assert found["sale_or_sharing"]["kind"] == "data_use"
    assert list(found["sale_or_sharing"]["channels"]) == ["*"]
    assert found["marketing_emails"]["name"] == "Marketing emails"


@pytest.mark.parametrize(
    ("query", "header", "language", "name"),
    [
        ("", "", "en", "Patient surveys"),
        ("", "fr, es-MX;q=0.8, en;q=0.5", "es", "Encuestas"),
        ("?language=es-US", "en", "es", "Encuestas"),
        ("?language=xx", "es", "en", "Patient surveys"),
        ("", "%%%;;q=", "en", "Patient surveys"),
    ],
)
def test_texts_come_in_the_language_that_is_asked_for_where_there_are_any(
    partner, query, header, language, name
):
    in_spanish("patient_surveys")

    answer = partner.get(PATH + query, **{"accept-language": header})

    found = by_slug(answer)["patient_surveys"]
    assert (found["language"], found["name"]) == (language, name)
    assert "Accept-Language" in answer.headers["Vary"]


def test_it_may_be_kept_until_something_is_published(partner):
    first = partner.get(PATH)
    same = partner.get(PATH, **{"if-none-match": f"W/{first.headers['ETag']}"})
    publish("patient_surveys", retired=True)
    after = partner.get(PATH, **{"if-none-match": first.headers["ETag"]})

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["Cache-Control"] == first.headers["Cache-Control"] == "private, no-cache"
    assert by_slug(after)["patient_surveys"]["retired"]
    assert by_slug(after)["patient_surveys"]["revision"] == 2


@pytest.mark.parametrize("scope", Scope)
def test_any_key_may_ask(db, scope):
    assert Partner(scope).get(PATH).status_code == 200


def test_asking_takes_as_many_queries_however_many_there_are(partner, django_assert_num_queries):
    partner.get(PATH)
    with django_assert_num_queries(3):
        partner.get(PATH)
