"""GET /v1/suppressions: complete or recognisably not, in the clear for those who may, and logged."""

import csv
import io
import json
import tracemalloc
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import timezone

from preferences import lists
from preferences.models import DataKey, Holding, Identifier, ListEnd, Outbox, Profile, Standing, ViewLog
from preferences.services import restrict
from preferences.terms import RestrictionKind, Scope
from tests.destinations.listed import marked
from tests.factories import PatientFactory
from tests.preferences.api.partner import Partner, problem
from tests.preferences.saying import address, by_system, chooses, into, out, t, tells

HEAD = ["id", "kind", "value", "category", "channel", "denied", "because", "since"]


def listed(partner, query="", **headers):
    """The lines of a list, and its end."""
    answer = partner.get(f"/v1/suppressions{query}", **headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
    *lines, end = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert (end["complete"], end["rows"]) == (True, len(lines))
    return lines, end


def records(partner, query, **headers):
    answer = partner.get(f"/v1/suppressions{query}", **headers)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def pat(db):
    return PatientFactory.create(email="pat@example.org", phone="+12025550143")


def test_it_names_the_address_and_the_person_with_what_they_are_out_of_and_why(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()

    lines, _ = listed(partner, "?category=marketing_emails&channel=email")

    why = {
        "category": "marketing_emails",
        "channel": "email",
        "denied": True,
        "because": "choice",
        "since": t(1).isoformat(),
    }
    email = address("email", pat.email)
    assert sorted(lines, key=lambda line: line["kind"]) == [
        {"id": str(email), "kind": "email", "value": "pat@example.org", **why},
        {"id": str(pat.id), "kind": "profile", "value": str(pat.id), **why},
    ]


def test_what_has_changed_since_tells_who_is_out_no_longer(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    _, end = listed(partner, "?category=marketing_emails")
    chooses(pat, into("marketing_emails"), out("patient_surveys"), at=t(2))
    marked()

    lines, now = listed(partner, f"?category=marketing_emails&since={end['cursor']}")

    assert [(line["denied"], line["because"], line["since"]) for line in lines] == [(False, None, None)] * 2
    assert listed(partner, f"?category=marketing_emails&since={now['cursor']}")[0] == []
    assert listed(partner, "?category=marketing_emails")[0] == []


def test_a_use_of_data_is_listed_for_every_address_of_the_person(partner, pat):
    chooses(pat, out("sale_or_sharing"), at=t(1))
    marked()

    lines, _ = listed(partner, "?category=sale_or_sharing")

    assert {line["kind"] for line in lines} == {"email", "phone", "profile"}
    assert {line["channel"] for line in lines} == {"*"}


def test_a_channel_alone_is_every_category_on_it(partner, pat):
    restrict(identifier_id=address("phone", pat.phone), kind=RestrictionKind.STOP, said=by_system())
    marked()

    lines, _ = listed(partner, "?channel=sms")

    assert {line["category"] for line in lines} == {
        "appointment_reminders",
        "patient_surveys",
        "care_follow_ups",
        "phone_outreach",
    }
    assert {line["because"] for line in lines} == {"restriction"}


# --- what does not leave ---


def test_an_address_that_was_forgotten_has_no_value_and_still_stands(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    DataKey.objects.filter(owner=address("email", pat.email), use=DataKey.VALUE).delete()

    lines, _ = listed(partner, "?category=marketing_emails")

    assert [line["value"] for line in lines if line["kind"] == "email"] == [None]


def test_an_address_known_by_an_order_alone_has_no_value(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    Holding.objects.filter(identifier=address("email", pat.email)).update(confidential=True)

    lines, _ = listed(partner, "?category=marketing_emails")

    assert [line["value"] for line in lines if line["kind"] == "email"] == [None]


# --- complete ---


def test_it_says_up_to_when_it_is_complete(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    waits = Outbox.objects.latest("id").created_at
    Outbox.objects.exclude(pk=Outbox.objects.latest("id").pk).delete()
    lines, end = listed(partner)
    assert (lines, end["complete_as_of"]) == ([], waits.isoformat())

    before = timezone.now()
    marked()
    lines, end = listed(partner)

    assert len(lines) == 2
    assert before.isoformat() <= end["complete_as_of"] <= timezone.now().isoformat()


def test_what_ends_by_the_clock_and_waits_to_be_told_holds_back_that_moment(partner, pat):
    past = timezone.now() - timedelta(minutes=1)
    marked()
    Profile.objects.filter(pk=pat.id).update(next_change_at=past)

    assert listed(partner)[1]["complete_as_of"] == past.isoformat()


def many(count):
    """So many rows about one address."""
    tells(out("marketing_emails"), email="nobody@example.org")
    pk = address("email", "nobody@example.org")
    Standing.objects.all().delete()
    rows = [
        Standing(
            subject_id=pk, category=f"c{n}", channel="email", denied=True, reason="choice", since=0, version=n
        )
        for n in range(1, count + 1)
    ]
    Standing.objects.bulk_create(rows, batch_size=1000)
    ListEnd.objects.update_or_create(id=1, defaults={"version": count})


def test_a_list_that_breaks_off_does_not_call_itself_complete(partner):
    many(lists.CHUNK)
    strange = Identifier.objects.create(kind="email", fingerprint=b"x", generation=1, ciphertext=b"x")
    DataKey.objects.create(owner=strange.pk, use=DataKey.VALUE, key_id="test", nonce=bytes(12), wrapped=b"x")
    Standing.objects.create(
        subject=strange,
        category="c",
        channel="email",
        denied=True,
        reason="",
        since=0,
        version=lists.CHUNK + 1,
    )

    content, arrived = partner.get("/v1/suppressions").streaming_content, []
    with pytest.raises(InvalidTag):
        arrived.extend(content)

    assert b"".join(arrived).count(b"\n") > 1000
    assert b"complete" not in b"".join(arrived)


def test_memory_does_not_grow_with_the_list(partner):
    many(30_000)
    answer, size = partner.get("/v1/suppressions"), 0
    tracemalloc.start()
    for piece in answer.streaming_content:
        size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 5_000_000
    assert peak < 3_000_000


# --- CSV ---


@pytest.mark.parametrize(("query", "headers"), [("?format=csv", {}), ("", {"accept": "text/csv"})])
def test_as_csv(partner, pat, query, headers):
    chooses(pat, out("phone_outreach", "sms"), at=t(1))
    marked()

    head, *lines, end = records(partner, query, **headers)

    assert head == HEAD
    assert sorted(line[1:] for line in lines) == [
        ["phone", "+12025550143", "phone_outreach", "sms", "true", "choice", t(1).isoformat()],
        ["profile", str(pat.id), "phone_outreach", "sms", "true", "choice", t(1).isoformat()],
    ]
    assert end[0] == "complete"
    assert end[2] == "2"
    assert len(end) == len(HEAD)


@pytest.mark.parametrize(
    "email", ["=1+1@example.org", "+1a@example.org", "-2+3@example.org", '"a,b"@example.org']
)
def test_no_spreadsheet_calculates_an_address(partner, email):
    tells(out("marketing_emails"), email=email)
    marked()

    [_, line, _] = records(partner, "?format=csv")

    assert line[2] == (email if email[0] == '"' else f"'{email}")


# --- who may, and what is refused before the first line ---


def test_the_look_is_logged_with_how_many_before_anything_leaves(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()

    partner.get("/v1/suppressions")

    seen = ViewLog.objects.get()
    assert (seen.page, seen.found, seen.profile_id) == ("GET /v1/suppressions", 2, None)
    assert seen.actor == f"crm: key heed_{partner.issued.key.pk}"


def test_it_takes_the_scope_that_reads_preferences(db):
    assert problem(Partner(Scope.READ_DECISIONS).get("/v1/suppressions")) == (403, "forbidden")
    assert problem(Partner(Scope.READ_DECISIONS).post("/v1/suppressions", {})) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("category=newsletter", "unknown_category"),
        ("channel=fax", "unknown_channel"),
        ("category=sale_or_sharing&channel=email", "unknown_channel"),
        ("format=xml", "malformed"),
        ("catgory=marketing_emails", "malformed"),
        ("since=nonsense", "malformed"),
        ("since=%FF", "malformed"),
        ("since=MTotMToqOio=", "malformed"),
        ("since=MTo5OToqOio=", "malformed"),
    ],
)
def test_what_cannot_be_listed_is_a_problem_and_no_stream(partner, query, code):
    assert problem(partner.get(f"/v1/suppressions?{query}")) == (400, code)
    assert not ViewLog.objects.exists()


def test_a_cursor_of_another_list_is_refused(partner, pat):
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    _, end = listed(partner, "?category=marketing_emails")

    answer = partner.get(f"/v1/suppressions?since={end['cursor']}")

    assert problem(answer) == (400, "malformed")
    assert "another list" in answer.json()["detail"]


@pytest.mark.parametrize("people", [1, 20])
def test_a_list_takes_as_many_queries_for_one_person_as_for_twenty(
    partner, people, django_assert_num_queries
):
    for _ in range(people):
        chooses(PatientFactory.create(), out(), at=t(1))
    marked()
    partner.get("/v1/suppressions")

    with django_assert_num_queries(10):
        b"".join(partner.get("/v1/suppressions").streaming_content)
