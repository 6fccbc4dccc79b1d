"""What is recorded is read by staff and altered by nobody; matters are settled with a note."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.html import escape

from preferences.admin.base import ReadOnlyAdmin
from preferences.admin.wording import entries_words
from preferences.catalogue import catalogue
from preferences.models import Change, Notice, Review, ViewLog
from preferences.services import Choice, log_view, notice_shown, record
from preferences.terms import State
from tests.factories import PatientFactory, SaidFactory
from tests.preferences.admin_desk import PAGES, press

pytestmark = pytest.mark.django_db
RECORDS = ("change", "revision", "notice", "viewlog")
ADDED = {"notice"}  # scripts, by publishing


@pytest.fixture
def joan() -> Any:
    """She said no to surveys, and somebody looked at her."""
    joan: Any = PatientFactory(email="joan@example.org")
    said: Any = SaidFactory(page=True)
    record(
        profile_id=joan.id,
        choices=[Choice("patient_surveys", "email", State.OUT)],
        said=said,
    )
    notice_shown(key="page", body={"words": "What would you like to hear?"})
    log_view(actor="desk", page="person", profile_id=joan.id)
    return joan


@pytest.fixture
def matter(joan):
    """An opt-in that does not count."""
    return Review.objects.create(
        kind=Review.Kind.OPT_IN_NOT_COUNTED,
        profile_id=joan.id,
        details={"change": 1, "choices": [["marketing_emails", "email", "not_the_person"]]},
    )


def settle(client, matter, note="Asked her on the phone: no."):
    return client.post(f"{PAGES['review']}{matter.pk}/change/", {"note": note})


@pytest.mark.parametrize("name", RECORDS)
def test_nobody_adds_changes_or_deletes_a_record(admin_client, joan, name):
    [kind] = [each for each in admin.site._registry if each._meta.model_name == name]
    row = kind._default_manager.latest("pk")

    assert isinstance(admin.site._registry[kind], ReadOnlyAdmin)
    assert admin_client.get(f"{PAGES[name]}{row.pk}/change/").status_code == 200
    for page in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/")[name in ADDED :]:
        assert admin_client.post(PAGES[name] + page, {"post": "yes"}).status_code == 403


QUERIES = {"change": 6, "revision": 3, "notice": 3, "viewlog": 3, "review": 5}


@pytest.mark.parametrize("name", QUERIES)
def test_the_lists_take_the_same_queries_however_long_they_are(
    admin_client, matter, django_assert_num_queries, name
):
    for _ in range(3):
        said: Any = SaidFactory(page=True)
        patient: Any = PatientFactory()
        person = patient.id
        record(profile_id=person, choices=[Choice("patient_surveys", "*", State.OUT)], said=said)
        log_view(actor="desk", page="person", profile_id=person)
        Review.objects.create(kind=Review.Kind.POSSIBLE_DUPLICATE, profile_id=person, source=said.source)

    with django_assert_num_queries(QUERIES[name]) as seen:
        admin_client.get(PAGES[name])
    assert not [each for each in seen.captured_queries if each["sql"].startswith("SELECT COUNT")]


def test_the_ledger_is_read_in_words_without_identifiers(admin_client, joan):
    text = admin_client.get(PAGES["change"]).text

    assert "No to Patient surveys by email" in text
    assert f"/admin/people/{joan.id}/" in text
    assert "joan@example.org" not in text


@pytest.mark.parametrize("name", ["change", "notice", "viewlog", "review", "apikey"])
def test_an_empty_list_says_what_that_means(admin_client, name):
    answer = admin_client.get(PAGES[name])

    assert escape(answer.context["cl"].model_admin.empty) in answer.text
    assert escape(answer.context["cl"].model_admin.intro) in answer.text


def test_a_publication_is_shown_whole(admin_client, joan):
    pk = Notice.objects.get().pk

    assert "What would you like to hear?" in admin_client.get(f"{PAGES['notice']}{pk}/change/").text


# --- matters ---


def test_open_matters_stand_first_and_in_words(admin_client, matter):
    settled = Review.objects.create(kind=Review.Kind.CONFLICTING_REPEAT, settled_at=timezone.now())

    answer = admin_client.get(PAGES["review"])
    assert list(answer.context["cl"].result_list) == [matter, settled]
    assert "An opt-in that does not count" in answer.text


def test_a_matter_says_what_it_is_about_and_leads_to_the_person(admin_client, matter, joan):
    text = admin_client.get(f"{PAGES['review']}{matter.pk}/change/").text

    assert "Marketing emails by email: it was not the person&#x27;s own word." in text
    assert f"/admin/people/{joan.id}/" in text
    assert "joan@example.org" not in text


def test_a_matter_is_settled_with_a_note(admin_client, matter):
    assert settle(admin_client, matter).status_code == 302

    matter.refresh_from_db()
    assert (matter.settled_by, matter.note) == ("admin", "Asked her on the phone: no.")
    assert matter.settled_at


def test_it_is_not_settled_without_one(admin_client, matter):
    assert "note" in settle(admin_client, matter, " ").context["adminform"].form.errors


def test_what_is_settled_stays_settled(admin_client, matter):
    settle(admin_client, matter)

    assert settle(admin_client, matter, "Something else").status_code == 403
    assert "Asked her on the phone" in admin_client.get(f"{PAGES['review']}{matter.pk}/change/").text


def seen():
    return list(ViewLog.objects.filter(actor="admin").values_list("page", "profile_id"))


def test_whoever_reads_the_ledger_is_noted(admin_client, joan):
    admin_client.get(PAGES["change"])
    admin_client.get(f"{PAGES['change']}{Change.objects.get(subject_id=joan.id, seq=2).pk}/change/")

    assert seen() == [("ledger, list", None), ("ledger", joan.id)]


def test_whoever_reads_a_matter_is_noted(admin_client, joan, matter):
    admin_client.get(f"{PAGES['review']}{matter.pk}/change/")

    assert seen() == [("matters for staff", joan.id)]


def test_who_may_not_read_the_ledger_is_not_noted_as_a_reader(client, django_user_model, joan):
    client.force_login(django_user_model.objects.create_user("admin", is_staff=True))

    assert client.get(PAGES["change"]).status_code == 403
    assert not seen()


def script(client, text="May we call you about our programs?", name="calls"):
    given = {"name": name, "text": text, "reason": "Counsel wrote it"}
    answer = client.post(f"{PAGES['notice']}add/", given)
    return press(client, "publish", answer.url) if answer.status_code == 302 else answer


def test_a_script_is_published_with_author_and_reason_and_only_ever_followed(admin_client):
    script(admin_client)
    script(admin_client, "May we call you about programs near you?")

    notice = Notice.objects.get(key="script.calls")
    assert (notice.number, notice.author, notice.reason) == (2, "admin", "Counsel wrote it")
    assert notice.body == {"text": "May we call you about programs near you?"}


@pytest.mark.parametrize(
    ("name", "text"), [("Calls", "May we?"), ("preference.page", "May we?"), ("calls", "")]
)
def test_a_script_without_name_or_words_is_not_published(admin_client, name, text):
    before = Notice.objects.count()

    assert script(admin_client, text, name).status_code == 200
    assert Notice.objects.count() == before


def test_who_may_only_read_notices_publishes_none(client, django_user_model):
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_notice"))
    client.force_login(reader)

    assert script(client).status_code == 403


@pytest.mark.parametrize(
    ("kind", "where", "words"),
    [
        (Review.Kind.POSSIBLE_DUPLICATE, "same-as/{other}/", "Compare them"),
        (Review.Kind.TWO_ORDERS, "order/", "Confirm which order stands"),
    ],
)
def test_a_matter_leads_to_the_page_where_it_is_settled(admin_client, joan, kind, where, words):
    other: Any = PatientFactory()
    second = other.id if "{other}" in where else None
    matter = Review.objects.create(kind=kind, profile_id=joan.id, other_id=second)

    shown = admin_client.get(f"{PAGES['review']}{matter.pk}/change/").content.decode()

    assert f'href="/admin/people/{joan.id}/{where.format(other=other.id)}">{words}' in shown


def test_every_kind_of_entry_has_words():
    said = [
        {"do": "void", "change": 1},
        {"do": "fold", "from": "x"},
        {"do": "folded", "into": "x"},
        {"do": "part", "from": "x", "changes": []},
        {"do": "parted", "from": "x"},
        {"do": "verified", "identifier": "x", "verified": "link"},
        {"do": "pause", "category": "patient_surveys", "from": 1, "until": 2},
        {"do": "pause", "category": "patient_surveys", "from": 1, "until": 1},
        {"do": "order", "set": True, "allowed": []},
        {"do": "order", "set": False},
        {"do": "deceased", "set": True},
        {"do": "deceased", "set": False},
        {"do": "proxy", "proxy": "x"},
        {"do": "proxy_end", "grant": 1},
        {"do": "links_off"},
    ]

    words = entries_words(json.dumps(said), catalogue())

    assert len(words) == len(said)
    assert not [each for each in words if "{" in each]
    assert "Pause set: Patient surveys" in words


def test_after_a_part_a_matter_says_that_the_order_holds_for_both(admin_client, joan):
    matter = Review.objects.create(
        kind=Review.Kind.TWO_ORDERS, profile_id=joan.id, other_id=PatientFactory.create().id
    )

    shown = admin_client.get(f"{PAGES['review']}{matter.pk}/change/").content.decode()

    assert "holds for both since" in shown
    assert "each were merged" not in shown
