"""Who was told of a person's wishes, and who confirmed them: never an address."""

import uuid

import pytest
from django.utils import timezone

from destinations.models import Attempt, Destination, Propagation
from preferences.models import Holding, Identifier


@pytest.fixture
def pat(partner):
    body = {"userId": "u1", "traits": {"email": "old@example.org"}}
    partner.identify(body)
    return partner.identify({**body, "traits": {"email": "pat@example.org"}})["profile"]


def held(profile, *, former=False):
    return Holding.objects.get(profile=profile, identifier__kind="email", until__isnull=not former).identifier


def attempt(row, status):
    return Attempt.objects.create(
        propagation=row,
        token=uuid.uuid4(),
        leased=1,
        started_at=timezone.now(),
        outcome="later" if status == 503 else "acknowledged",
        status=status,
        took_ms=12,
        excerpt="pat@example.org",
        detail="pat@example.org",
    )


def read(partner, profile):
    return partner.get(f"/v1/profiles/{profile}/propagation")


def test_nobody_was_told_of_anything_yet(partner, pat):
    assert read(partner, pat).json() == {"profile": pat, "results": [], "next": None}


def test_each_system_with_what_it_confirmed(partner, pat):
    mail = Destination.objects.create(
        slug="mail", name="Mail", public_label="our email service", connector="webhook", state="live"
    )
    records = Destination.objects.create(
        slug="records", name="EHR", public_label="our records", connector="webhook"
    )
    current = Propagation.objects.create(destination=mail, identifier=held(pat), wanted=3, acknowledged=2)
    Propagation.objects.create(destination=mail, identifier=held(pat, former=True), state="acknowledged")
    Propagation.objects.create(destination=records, identifier=Identifier.objects.get(id=pat))
    attempt(current, 503)
    attempt(current, 200)

    answer = read(partner, pat)
    found = sorted(answer.json()["results"], key=lambda each: (each["destination"], each["former"]))
    assert [(each["destination"], each["identifier"], each["former"]) for each in found] == [
        ("mail", "email", False),
        ("mail", "email", True),
        ("records", "heed", False),
    ]
    assert (found[0]["wanted"], found[0]["acknowledged"], found[0]["state"]) == (3, 2, "pending")
    assert found[0]["label"] == "our email service"
    assert (found[0]["last_answer"]["outcome"], found[0]["last_answer"]["status"]) == ("acknowledged", 200)
    assert found[1]["last_answer"] is None
    assert "pat@" not in answer.text


def test_the_number_of_queries_is_the_same_for_any_number_of_systems(partner, pat, django_assert_num_queries):
    for n in range(10):
        system = Destination.objects.create(slug=f"s{n}", name="S", public_label="s", connector="webhook")
        attempt(Propagation.objects.create(destination=system, identifier=held(pat)), 200)

    with django_assert_num_queries(6):
        assert len(read(partner, pat).json()["results"]) == 10


def test_a_paused_system_says_so_where_something_waits(partner, pat):
    paused = Destination.objects.create(slug="p", name="P", public_label="p", connector="webhook")
    Propagation.objects.create(destination=paused, identifier=held(pat), wanted=2, acknowledged=1)

    assert [row["state"] for row in read(partner, pat).json()["results"]] == ["paused"]
