"""The verdict is made when an event's turn comes: what changed meanwhile counts."""

from destinations.models import Forwarding
from destinations.services import set_state
from destinations.terms import DestinationState
from preferences.services import Choice
from tests.destinations.forwarding.conftest import standing
from tests.world import into, out

MARIA = {"mrn": "RH1", "email": "maria@example.org"}


def registered(hospital, **more):
    return hospital.world.registers(**{**MARIA, "jurisdiction": "US-CA", **more}).profile_id


def chooses(hospital, person, *choices: Choice):
    hospital.world.chooses(person, *choices)


def test_an_event_reaches_the_systems_that_the_rules_let_have_it(hospital):
    hospital.connects("webhook")
    hospital.connects("meta_conversions")
    registered(hospital)
    event = hospital.tracks(mrn="RH1", properties={"value": 40, "secret": "x"})
    hospital.drain()

    assert hospital.heard("webhook") == ["appointment_booked"]
    assert hospital.heard("meta_conversions") == ["appointment_booked"]
    told = hospital.sandboxes["webhook"].events[0]["event"]
    assert told["properties"] == {"value": 40}
    assert {"kind": "email", "namespace": "", "value": "maria@example.org"} in told["identifiers"]
    row = standing(event, "webhook")
    assert (row.state, row.outcome, row.because, row.policy) == ("sent", "forward", "stance", 2)
    assert row.facts is not None
    assert row.left_at


def test_an_opt_out_between_accept_and_dispatch_counts(hospital):
    hospital.connects("webhook")
    person = registered(hospital)
    event = hospital.tracks(mrn="RH1")
    chooses(hospital, person, out("marketing_emails"))
    hospital.drain()

    assert hospital.heard("webhook") == []
    row = standing(event, "webhook")
    assert (row.state, row.reason, row.rules) == ("blocked", "rule", ["marketing-emails-out"])
    assert row.left_at is None


def test_what_was_queued_while_a_system_was_down_does_not_leave_after_an_opt_out(hospital):
    hospital.connects("webhook")
    hospital.connects("meta_conversions")
    person = registered(hospital)
    for slug in ("webhook", "meta_conversions"):
        hospital.fault(slug, status=503)
    for _ in range(5):
        hospital.tracks(mrn="RH1")
    for slug in ("webhook", "meta_conversions"):
        hospital.turn(slug)
    assert set(Forwarding.objects.values_list("state", flat=True)) == {"waiting", "later"}

    chooses(hospital, person, out("marketing_emails"), out("sale_or_sharing"))
    hospital.quiet()

    assert hospital.heard("webhook") == hospital.heard("meta_conversions") == []
    assert set(Forwarding.objects.values_list("state", flat=True)) == {"blocked"}


def test_what_may_have_left_before_keeps_the_verdict_by_which_it_did(hospital):
    hospital.connects("webhook")
    person = registered(hospital)
    hospital.fault("webhook", status=502, apply=True)
    event = hospital.tracks(mrn="RH1")
    hospital.turn("webhook")
    assert standing(event, "webhook").left_at

    chooses(hospital, person, out("marketing_emails"))
    hospital.quiet()

    row = standing(event, "webhook")
    assert (row.state, row.outcome) == ("blocked", "block")
    assert [each["outcome"] for each in row.earlier] == ["forward"]


def test_a_never_asked_visitor_in_washington_reaches_neither_meta_nor_ga4(hospital):
    hospital.connects("meta_conversions")
    hospital.connects("ga4", purpose="advertising")
    hospital.world.registers(source="crm", anonymous_id="b1", jurisdiction="US-WA")
    event = hospital.tracks(source="crm", anonymous_id="b1", properties={"value": 40})
    hospital.drain()

    assert hospital.heard("meta_conversions") == hospital.heard("ga4") == []
    assert {standing(event, slug).rules[0] for slug in ("meta_conversions", "ga4")} == {"privacy-signal"}


def test_whoever_nobody_knows_is_judged_by_the_strictest_default(hospital):
    hospital.connects("meta_conversions")
    event = hospital.tracks(email="nobody@example.org")
    hospital.drain()

    assert standing(event, "meta_conversions").state == "blocked"


def test_health_information_goes_nowhere_without_an_agreement(hospital):
    hospital.connects("meta_conversions", purpose="other", agreement="")
    hospital.connects("webhook")
    registered(hospital)
    event = hospital.tracks(mrn="RH1", properties={"reason": "oncology"})
    hospital.drain()

    assert standing(event, "meta_conversions").reason == "no_agreement"
    assert hospital.heard("webhook") == ["appointment_booked"]


def test_health_information_never_goes_to_meta_and_google_whatever_agreement_staff_entered(hospital):
    for slug in ("meta_conversions", "google_events", "ga4"):
        hospital.connects(slug, purpose="other", agreement="BAA of 2026, no. 12")
    registered(hospital)
    event = hospital.tracks(mrn="RH1", anonymous_id="b1", properties={"reason": "oncology"})
    hospital.drain()

    for slug in ("meta_conversions", "google_events", "ga4"):
        assert standing(event, slug).because == "no_agreement"
        assert hospital.heard(slug) == []


def test_a_rule_redacts_what_leaves(hospital):
    hospital.rules(
        {
            "id": "less",
            "name": "Less",
            "on": True,
            "when": [{"kind": "event", "in": ["appointment_booked"]}],
            "then": {
                "effect": "redact",
                "redactions": [{"property": "clinic", "how": "drop"}, {"class": "identifier", "how": "hash"}],
            },
            "for": {"purposes": ["marketing"], "destinations": []},
        }
    )
    hospital.connects("webhook")
    registered(hospital)
    event = hospital.tracks(mrn="RH1", properties={"clinic": "North", "mrn": "RH1", "value": 1})
    hospital.drain()

    told = hospital.sandboxes["webhook"].events[0]["event"]["properties"]
    assert set(told) == {"mrn", "value"}
    assert told["mrn"] != "RH1"
    assert standing(event, "webhook").redacted == {"clinic": "drop", "mrn": "hash"}


def test_former_and_confidential_addresses_are_not_told(hospital):
    hospital.connects("webhook")
    registered(hospital)
    hospital.world.registers(mrn="RH1", email="new@example.org")
    hospital.tracks(mrn="RH1", email="maria@example.org")
    hospital.drain()

    told = hospital.sandboxes["webhook"].events[0]["event"]["identifiers"]
    assert [each["value"] for each in told if each["kind"] == "email"] == ["new@example.org"]


def test_an_event_that_is_about_two_people_goes_only_where_both_allow_it(hospital):
    hospital.connects("webhook")
    registered(hospital)
    browser = hospital.world.registers(source="ehr", anonymous_id="b1", email="ben@example.org").profile_id
    chooses(hospital, browser, out("marketing_emails"))
    event = hospital.tracks(mrn="RH1", anonymous_id="b1")
    hospital.drain()

    assert standing(event, "webhook").state == "blocked"


def test_meta_withholds_who_said_no_where_its_flag_does_not_bind_even_if_a_rule_would_send_it(hospital):
    hospital.connects("meta_conversions", purpose="other")
    person = registered(hospital, jurisdiction="US-NY")
    chooses(hospital, person, out("sale_or_sharing"))
    event = hospital.tracks(mrn="RH1")
    hospital.drain()

    row = standing(event, "meta_conversions")
    assert (row.state, row.reason, row.outcome) == ("blocked", "withheld", "forward")
    assert row.left_at is None
    assert hospital.heard("meta_conversions") == []


def test_a_yes_is_told_as_granted(hospital):
    hospital.connects("ga4")
    person = registered(hospital)
    hospital.world.registers(mrn="RH1", anonymous_id="b1")
    chooses(hospital, person, into("sale_or_sharing"))
    hospital.tracks(mrn="RH1", anonymous_id="b1", properties={"value": 3, "clinic": "North"})
    hospital.drain()

    told = hospital.sandboxes["ga4"].events[0]["event"]
    assert told["client_id"] == "b1"
    assert "clinic" not in told["params"]


# --- whether a system runs ---


def test_nothing_leaves_while_a_system_is_paused_and_what_waited_goes_then(hospital):
    system = hospital.connects("webhook", state="paused")
    registered(hospital)
    hospital.tracks(mrn="RH1")
    hospital.drain()
    assert hospital.heard("webhook") == []

    set_state(destination=system, state=DestinationState.LIVE)
    hospital.drain()
    assert hospital.heard("webhook") == ["appointment_booked"]


def test_in_shadow_the_verdict_is_recorded_and_nothing_leaves_even_later(hospital):
    system = hospital.connects("webhook", state="shadow")
    person = registered(hospital)
    event = hospital.tracks(mrn="RH1")
    hospital.drain()
    row = standing(event, "webhook")
    assert (row.state, row.outcome, row.detail, row.left_at) == ("shadow", "forward", "POST ", None)

    chooses(hospital, person, out("marketing_emails"))
    blocked = hospital.tracks(mrn="RH1")
    hospital.drain()
    assert standing(blocked, "webhook").state == "blocked"

    set_state(destination=system, state=DestinationState.LIVE)
    hospital.quiet()
    assert hospital.heard("webhook") == []
