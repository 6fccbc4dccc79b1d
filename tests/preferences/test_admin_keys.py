"""Sources and their keys: shown once, revoked with care, never changed."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from preferences.models import ApiKey, Source
from preferences.services import issue_key, key_for
from preferences.terms import Scope
from tests.factories import SourceFactory
from tests.preferences.admin_desk import PAGES

pytestmark = pytest.mark.django_db
KEYS, SOURCES = PAGES["apikey"], PAGES["source"]


@pytest.fixture
def ehr():
    return SourceFactory(slug="ehr", name="Health record")


def issue(source, name="Nightly"):
    return issue_key(source=source, name=name, scopes=[Scope.WRITE_CHOICES])


def ask_for(client, source, **more):
    [new] = re.findall(r'name="new" value="([^"]*)"', client.get(f"{KEYS}add/").text)
    fields = {"source": source.pk, "name": "Nightly", "scopes": [Scope.WRITE_CHOICES.value], "new": new}
    return client.post(f"{KEYS}add/", fields | more, follow=True)


def secret_in(text):
    [secret] = re.findall(r"heed_[a-z0-9]{8}_[\w-]{43}", text)
    return secret


# --- sources ---


def test_a_source_is_made_and_its_slug_stays(admin_client):
    fields = {"name": "CRM", "slug": "crm", "kind": "partner", "is_active": "on"}
    admin_client.post(f"{SOURCES}add/", fields)
    crm = Source.objects.get(slug="crm")

    admin_client.post(f"{SOURCES}{crm.pk}/change/", {**fields, "name": "New CRM", "slug": "other"})

    crm.refresh_from_db()
    assert (crm.name, crm.slug) == ("New CRM", "crm")


def test_a_source_is_never_deleted(admin_client, ehr):
    assert admin_client.post(f"{SOURCES}{ehr.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_of_sources_says_what_their_word_is_worth(admin_client, ehr):
    SourceFactory(slug="portal", speaks_for_person=True)

    text = admin_client.get(SOURCES).text
    assert "the person&#x27;s own word" in text
    assert "hearsay: may not be enough" in text


def test_the_lists_take_the_same_queries_however_many_there_are(admin_client, django_assert_num_queries):
    for slug in ("a", "b", "c"):
        issue(SourceFactory(slug=slug))

    with django_assert_num_queries(5):
        admin_client.get(SOURCES)
    with django_assert_num_queries(6):
        admin_client.get(KEYS)


# --- keys ---


def test_a_new_key_works_and_is_shown_on_the_page_that_made_it(admin_client, ehr):
    answer = ask_for(admin_client, ehr)

    key = key_for(secret_in(answer.text))
    assert key
    assert (key.source, key.name, key.scopes, key.created_by) == (ehr, "Nightly", ["write:choices"], "admin")
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_secret_is_shown_nowhere_else(admin_client, ehr):
    answer = ask_for(admin_client, ehr)
    secret = secret_in(answer.text)
    key = ApiKey.objects.get()

    for page in (KEYS, f"{KEYS}{key.pk}/change/", "/admin/"):
        assert secret not in admin_client.get(page).text
    assert secret not in str(answer.cookies)
    assert secret not in str(dict(admin_client.session))
    assert secret not in "".join(LogEntry.objects.values_list("object_repr", flat=True))
    assert secret not in "".join(LogEntry.objects.values_list("change_message", flat=True))


def test_to_load_the_page_with_a_new_key_again_makes_no_second_one(admin_client, ehr):
    ask_for(admin_client, ehr)
    first = ApiKey.objects.get()

    again = ask_for(admin_client, ehr, new=first.pk)

    assert f"No other key was made: heed_{first.pk}… was made by this page already" in again.text
    assert [ApiKey.objects.get(), LogEntry.objects.count()] == [first, 1]
    assert secret_in(ask_for(admin_client, ehr).text)


def test_a_form_that_brings_no_id_of_a_new_key_makes_none(admin_client, ehr):
    for nothing in ("", "heed_abc", "ABCDEFGH"):
        assert "Load it anew" in ask_for(admin_client, ehr, new=nothing).text

    assert not ApiKey.objects.exists()


def test_a_key_may_do_something_at_least(admin_client, ehr):
    assert "scopes" in ask_for(admin_client, ehr, scopes=[]).context["adminform"].form.errors


def test_a_key_does_not_end_before_it_begins(admin_client, ehr):
    past = timezone.localtime() - timedelta(days=1)
    answer = ask_for(admin_client, ehr, expires_at_0=f"{past:%Y-%m-%d}", expires_at_1=f"{past:%H:%M:%S}")

    assert "expires_at" in answer.context["adminform"].form.errors


def test_a_source_that_is_not_in_use_gets_no_key(admin_client, ehr):
    Source.objects.update(is_active=False)

    assert "source" in ask_for(admin_client, ehr).context["adminform"].form.errors


def test_the_list_says_what_each_key_may_and_how_it_stands(admin_client, ehr):
    issue(ehr)
    revoked = issue(ehr, "Old").key
    ApiKey.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())

    text = admin_client.get(KEYS).text
    for words in ("Record choices of known people", "never", "in use", "revoked"):
        assert words in text


def test_a_key_is_never_changed(admin_client, ehr):
    key = issue(ehr).key

    assert admin_client.post(f"{KEYS}{key.pk}/change/", {"name": "Other"}).status_code == 403
    assert admin_client.post(f"{KEYS}{key.pk}/delete/", {"post": "yes"}).status_code == 403


def test_revoking_says_first_who_is_no_longer_heard(admin_client, ehr):
    key = issue(ehr).key

    text = admin_client.get(f"{KEYS}{key.pk}/revoke/").text
    assert "It is the only key of Health record" in text
    assert "It was never used." in text
    assert ApiKey.objects.get().revoked_at is None


def test_revoking_ends_the_key_at_once(admin_client, ehr):
    issued = issue(ehr)

    answer = admin_client.post(f"{KEYS}{issued.key.pk}/revoke/", follow=True)

    assert key_for(issued.secret) is None
    assert "is no longer let in" in answer.text
    assert f"{KEYS}{issued.key.pk}/revoke/" not in answer.text
