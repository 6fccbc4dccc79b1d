"""Before staff publish a draft they see what it would have done with the events of the last days."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination, Event, Forwarding, Impact
from destinations.services import estimating
from destinations.tasks import estimate
from governance.terms import POLICY
from preferences.models import Profile
from preferences.services import in_force
from preferences.terms import RevisionKind
from tests.destinations.forwarding.conftest import OPEN
from tests.preferences.preparing import prepared
from tests.world import out

RULE = {
    "id": "mine",
    "name": "Mine",
    "on": True,
    "when": [],
    "then": {"effect": "block"},
    "for": {"purposes": ["marketing"], "destinations": []},
}


@pytest.fixture
def happened(hospital):
    """Six bookings at a marketing system, two of them by somebody who wants no marketing emails."""
    hospital.connects("webhook")
    for number in range(3):
        person = hospital.world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        if number == 0:
            hospital.world.chooses(person, out("marketing_emails"))
    for number in (0, 1, 2, 0, 1, 2):
        hospital.tracks(mrn=f"RH{number}", properties={"clinic": "north" if number == 1 else "south"})
    hospital.drain()
    return hospital


def drafted(*rules, without=(), **stances):
    stood = in_force(RevisionKind.POLICY, POLICY)
    assert stood is not None
    kept = [each for each in stood.body["rules"] if each["id"] not in without]
    body = {"rules": [*kept, *rules], "stances": {**OPEN, **stances}}
    return prepared(RevisionKind.POLICY, POLICY, body, "admin")


def asked(draft):
    """What became of each, summed over all systems."""
    estimating.begin(draft=draft, now=timezone.now())
    while Impact.objects.get().finished_at is None:
        estimating.go_on(0)
    counts = Impact.objects.get().counts.values()
    return {kind: sum(each.get(kind, 0) for each in counts) for each in counts for kind in each}


def when(**condition):
    return {**RULE, "when": [condition]}


@pytest.mark.parametrize("chunk", [1, 2, 2_000])
def test_what_would_be_blocked_and_what_released_is_counted(happened, monkeypatch, chunk):
    monkeypatch.setattr(estimating, "CHUNK", chunk)

    assert asked(drafted(RULE)) == {"blocked": 4, "same": 2}
    assert asked(drafted(without=["marketing-emails-out"])) == {"released": 2, "same": 4}
    assert asked(drafted()) == {"same": 6}


def test_what_was_true_then_counts_and_not_what_holds_now(happened):
    for person in Profile.objects.values_list("pk", flat=True):
        happened.world.chooses(person, out("marketing_emails"))

    assert asked(drafted()) == {"same": 6}


def test_a_rule_about_what_an_event_says_opens_it_and_says_where_it_cannot(happened):
    rule = when(kind="property", path="clinic", op="equals", value="north")
    assert asked(drafted(rule)) == {"blocked": 2, "same": 4}
    Event.objects.filter(pk__in=Forwarding.objects.values("event")[:2]).update(body=None)
    Impact.objects.all().delete()

    assert asked(drafted(rule))["unjudged"] == 2


def test_what_is_older_than_thirty_days_is_left_out(happened):
    oldest = Forwarding.objects.order_by("pk")[:4].values_list("pk", flat=True)
    Forwarding.objects.filter(pk__in=list(oldest)).update(routed_at=timezone.now() - timedelta(days=31))

    assert sum(asked(drafted(RULE)).values()) == 2


def test_two_who_do_the_same_chunk_count_it_once(happened, monkeypatch):
    monkeypatch.setattr(estimating, "CHUNK", 2)
    estimating.begin(draft=drafted(RULE), now=timezone.now())
    stale = Impact.objects.get()
    policies = estimating.rejudging_of(stale)
    assert estimating._chunk(stale, policies)
    assert not estimating._chunk(stale, policies)
    assert Impact.objects.get().judged == 2


def test_a_draft_saved_again_is_asked_anew(happened):
    draft = drafted(RULE)
    assert asked(draft)["blocked"] == 4
    assert asked(drafted())["same"] == 6


def test_the_page_shows_figures_a_drawing_and_samples(happened, admin_client):
    draft = drafted(RULE)
    page = f"/admin/rules/policy/drafts/{draft.pk}/"
    assert "Ask it about the events" in admin_client.get(page).text
    admin_client.post(page, {"act": "impact"})
    assert "so far" in admin_client.get(page).text
    estimate()
    shown = html.unescape(admin_client.get(page).text)

    assert "this draft would have blocked 4 more and released 0 events" in shown
    assert '<svg class="policy-chart"' in shown
    sample = Impact.objects.get().samples
    [[row, *_]] = [kinds["blocked"] for kinds in sample.values()]
    assert f"/admin/destinations/forwarding/{row}/change/" in shown
    assert admin_client.get(f"/admin/destinations/forwarding/{row}/change/").status_code == 200


def test_two_systems_of_one_name_are_both_counted(hospital, admin_client):
    for slug in ("webhook", "ga4"):
        hospital.connects(slug)
    Destination.objects.update(name="Email")
    hospital.world.registers(mrn="RH0", email="p0@example.org")
    hospital.tracks(mrn="RH0", anonymous_id="b1")
    hospital.drain()
    draft = drafted({**RULE, "for": {"purposes": ["*"], "destinations": []}})
    page = f"/admin/rules/policy/drafts/{draft.pk}/"
    admin_client.post(page, {"act": "impact"})
    estimate()

    shown = admin_client.get(page).context["page"].impact
    assert [(each.system, each.blocked) for each in shown.lines] == [("Email", 1), ("Email", 1)]
