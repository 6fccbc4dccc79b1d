"""A rehearsal: everything is worked out and written down, and nothing leaves."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from destinations import http
from destinations.models import Attempt, Destination, Propagation
from destinations.services import set_state
from destinations.terms import DestinationState
from preferences.terms import State
from tests.world import World, into, out

MARIA = {"mrn": "RH1", "email": "maria@example.org", "phone": "+12025550101"}
SLUGS = ("sendgrid", "salesforce", "fhir", "webhook")


def turn(state: DestinationState, *slugs: str) -> None:
    for destination in Destination.objects.filter(slug__in=slugs or SLUGS):
        set_state(destination=destination, state=state)


@pytest.fixture
def maria(world: World):
    """Somebody whom every system knows, while all of them are only rehearsed."""
    turn(DestinationState.SHADOW)
    world.plant("salesforce", Contact=[{"LastName": "S", "Email": MARIA["email"], "MRN__c": MARIA["mrn"]}])
    system = "urn:oid:2.16.840.1.113883.19.5"
    world.plant("fhir", Patient=[{"id": "p1", "identifier": [{"system": system, "value": "RH1"}]}])
    person = world.registers(**MARIA).profile_id
    assert person
    world.chooses(person, out("marketing_emails", "email"))
    world.drain()
    return person


def rows(slug: str) -> list[Propagation]:
    return list(Propagation.objects.filter(destination__slug=slug, state="shadow"))


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_leaves_and_nothing_counts_as_told(world, maria, slug):
    assert not world.sandboxes[slug].requests
    [row] = rows(slug)
    assert (row.acknowledged, row.due_at, row.lease_token) == (0, None, None)
    assert row.denied_at is not None


@pytest.mark.parametrize(
    ("slug", "calls"),
    [
        ("webhook", "POST "),
        ("fhir", "GET /Patient, GET /Consent, PUT /Consent"),
        (
            "sendgrid",
            "GET /v3/asm/groups, POST /v3/asm/groups/*/suppressions/search, "
            "POST /v3/asm/groups/*/suppressions",
        ),
    ],
)
def test_what_would_be_called_is_written_down_in_words(world, maria, slug, calls):
    [row] = rows(slug)
    [attempt] = row.attempts.all()

    assert attempt.call == calls
    assert (attempt.outcome, attempt.status, attempt.reason) == ("shadow", None, "")
    assert len(attempt.request_digest) == 64
    assert "@" not in json.dumps([attempt.call, attempt.detail, attempt.excerpt])


def test_a_sign_in_is_rehearsed_too(world, maria):
    [row] = rows("salesforce")

    assert row.attempts.get().call.startswith("POST /services/oauth2/token, GET /services/data/")


def test_what_would_go_wrong_is_seen_beforehand(world, maria):
    Destination.objects.filter(slug="webhook").update(secrets=b"")
    world.chooses(maria, out("patient_surveys"))
    world.drain()

    attempt = Attempt.objects.filter(propagation__destination__slug="webhook").latest("id")
    assert (attempt.outcome, attempt.reason) == ("shadow", "rejected_config")


def test_going_live_sends_what_was_rehearsed(world, maria):
    turn(DestinationState.LIVE)
    world.quiet()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}
    assert world.contact("RH1")["Marketing_Emails_Email_Opt_Out__c"] is True
    assert world.consents("RH1") == {"marketing_emails": "active deny"}
    assert not Propagation.objects.filter(state="shadow").exists()


def test_what_was_confirmed_while_live_stays_confirmed(world, maria):
    turn(DestinationState.LIVE)
    world.quiet()
    turn(DestinationState.SHADOW)
    calls = len(world.sandboxes["sendgrid"].requests)
    world.chooses(maria, out("patient_surveys"))
    world.drain()
    turn(DestinationState.LIVE)
    world.chooses(maria, into("patient_surveys"))
    world.chooses(maria, out("patient_surveys"))
    world.quiet()

    assert world.suppressed("maria@example.org") == {"marketing_emails", "patient_surveys"}
    assert len(world.sandboxes["sendgrid"].requests) > calls


CHOICES = st.lists(
    st.tuples(
        st.sampled_from(["marketing_emails", "patient_surveys", "care_follow_ups", "*"]),
        st.sampled_from([State.IN, State.OUT]),
    ),
    max_size=5,
)


@pytest.mark.django_db
@hypothesis(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=CHOICES)
def test_whatever_is_said_a_rehearsal_opens_no_connection(world, monkeypatch, said):
    def never(*args, **kwargs):
        raise AssertionError("something left")

    monkeypatch.setattr(http, "send", never)
    turn(DestinationState.SHADOW)
    person = world.registers(**MARIA).profile_id
    assert person
    for category, state in said:
        world.chooses(person, (into if state == State.IN else out)(category))
    world.drain()

    assert not any(sandbox.requests for sandbox in world.sandboxes.values())
    assert not Propagation.objects.filter(due_at__isnull=False).exists()
