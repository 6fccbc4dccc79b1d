"""A clock per opt-out and system: by which rule, from when, until the system knows (R18)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from destinations import clocks, leases, marking, tasks
from destinations.models import Clock, Destination, Propagation
from destinations.services import set_state
from destinations.terms import DestinationState
from preferences import clock, identity, ledger, services
from preferences.services import Call, Said
from preferences.terms import Actor, RestrictionKind, SubjectKind
from tests.world import into, named, out

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # the Monday before Thanksgiving
NEW_YORK = ZoneInfo("America/New_York")
PHONE = "+12025550101"


@pytest.fixture(autouse=True)
def on_that_monday():
    with clock.at(NOW):
        yield


@pytest.fixture
def maria(world):
    Destination.objects.update(created_at=NOW - timedelta(days=1))
    person = world.registers(mrn="RH1", email="maria@example.org", phone=PHONE).profile_id
    mark()
    return person


def mark():
    while marking.mark(timezone.now()):
        pass


def says(world, person, *choices, **how) -> int:
    said = Said(world.sources["preference_page"], Actor.PERSON, how.pop("occurred", NOW), **how)
    recorded = services.record(profile_id=person, choices=choices, said=said)
    mark()
    return recorded.change or 0


def restricts(world, phone, kind, **what):
    [pk] = identity.find_or_make([named("phone", phone, "")]).values()
    said = Said(world.sources["texting"], Actor.PERSON, what.pop("occurred", NOW))
    services.restrict(identifier_id=pk, kind=kind, said=said, **what)
    mark()


def running():
    """System -> rule, and the last day where the organisation is."""
    return {
        each.propagation.destination.slug: (each.rule.slug, str(each.due_at.astimezone(NEW_YORK).date()))
        for each in Clock.objects.select_related("rule", "propagation__destination").order_by("-due_at")
    }


def test_an_opt_out_of_marketing_emails_is_dated_by_can_spam_in_every_system_of_email(world, maria):
    says(world, maria, out("marketing_emails", "email"))

    due = ("can-spam", "2026-12-08")  # ten business days, Thanksgiving left out
    assert running() == dict.fromkeys(["sendgrid", "salesforce", "fhir", "webhook"], due)


def test_what_does_not_concern_a_system_starts_no_clock_there(world, maria):
    says(world, maria, out("phone_outreach", "phone"))

    assert running() == dict.fromkeys(["salesforce", "fhir", "webhook"], ("tcpa-revocation", "2026-12-08"))


def test_a_yes_and_a_page_saved_unchanged_start_no_clock(world, maria):
    says(world, maria, into("marketing_emails", "email"))

    assert running() == {}


def test_what_heed_keeps_out_by_itself_is_told_and_starts_no_clock(world, maria):
    """A category gained a channel: nobody asked for anything (R17)."""
    said = Said(world.sources["preference_page"], Actor.SYSTEM, NOW, who="category gained a channel")
    made = services.record(profile_id=maria, choices=[out("patient_surveys", "sms")], said=said).change
    mark()

    assert running() == {}
    assert clocks.told_by(made or 0) is None
    assert Propagation.objects.filter(denied_at__isnull=False, destination__slug="webhook").exists()


@pytest.mark.parametrize(
    ("choice", "how", "due"),
    [
        (out("marketing_emails", "email"), "one_click", ("one-click", "2026-11-25")),
        (out("appointment_reminders", "sms"), "", ("tcpa-care", "2026-11-23")),
        (out("appointment_reminders", "email"), "", ("house-messages", "2026-12-08")),
        (out("care_follow_ups", "mail"), "", ("house-messages", "2026-12-08")),
        (out("sale_or_sharing"), "", ("ccpa-opt-out", "2026-12-15")),  # nobody knows where she lives
        (out("*", "email"), "", ("can-spam", "2026-12-08")),
        (out("*"), "", ("tcpa-care", "2026-11-23")),
    ],
)
def test_the_nearest_of_all_rules_that_apply_wins(world, maria, choice, how, due):
    says(world, maria, choice, how=how)

    assert running()["webhook"] == due


@pytest.mark.parametrize(
    ("place", "category", "rule"),
    [
        ("US-CA", "sale_or_sharing", "ccpa-opt-out"),
        ("US-NY", "sale_or_sharing", "house-data"),
        ("US-CT", "sensitive_data", "ct-revocation"),
        ("CA-ON", "marketing_emails", "can-spam"),  # the same day as CASL's; the first listed is named
    ],
)
def test_a_rule_of_one_place_dates_those_who_live_there(world, place, category, rule):
    person = world.registers(mrn="RH2", email="p2@example.org", jurisdiction=place).profile_id
    says(world, person, out(category))

    assert running()["webhook"][0] == rule


def test_a_stop_is_at_once_for_care_texts_and_touches_no_list_of_emails(world, maria):
    restricts(world, PHONE, RestrictionKind.STOP)

    assert running() == dict.fromkeys(["salesforce", "fhir", "webhook"], ("tcpa-care", "2026-11-23"))


def test_a_suppressed_address_is_dated_by_what_is_sent_there(world, maria):
    [pk] = identity.find_or_make([named("email", "maria@example.org", "")]).values()
    said = Said(world.sources["crm"], Actor.PARTNER, NOW)
    services.restrict(identifier_id=pk, kind=RestrictionKind.SUPPRESSED, said=said)
    mark()

    assert set(running().values()) == {("can-spam", "2026-12-08")}


@pytest.mark.parametrize(
    ("asked", "rule", "version"),
    [
        (datetime(2025, 4, 10, 15, tzinfo=UTC), "tcpa-do-not-call", 1),
        (datetime(2025, 4, 11, 15, tzinfo=UTC), "tcpa-revocation", 1),
    ],
)
def test_the_day_of_receipt_decides_which_dated_rule_holds(world, maria, asked, rule, version):
    restricts(world, PHONE, RestrictionKind.DO_NOT_CALL, category="phone_outreach", occurred=asked)

    assert {(each.rule.slug, each.rule.version) for each in Clock.objects.all()} == {(rule, version)}


def test_the_day_before_where_the_person_is_is_day_zero(world):
    call = Call(
        (named("email", "kai@example.org", ""), named("mrn", "RH3", "ehr")),
        attributes={"time_zone": "Pacific/Honolulu"},
    )
    kai = services.identify(call=call, said=Said(world.sources["ehr"], Actor.PARTNER, NOW)).profile_id
    just_after_midnight = datetime(2026, 11, 24, 1, tzinfo=NEW_YORK)
    with clock.at(just_after_midnight):
        says(world, kai, out("marketing_emails"), occurred=just_after_midnight)

    assert running()["webhook"] == ("can-spam", "2026-12-08")


def test_a_time_zone_that_is_none_is_passed_over(world):
    call = Call((named("email", "kai@example.org", ""),), attributes={"time_zone": "Hawaii, I think"})
    kai = services.identify(call=call, said=Said(world.sources["ehr"], Actor.PARTNER, NOW)).profile_id
    if kai:
        says(world, kai, out("marketing_emails"))

    assert running()["webhook"] == ("can-spam", "2026-12-08")


def test_it_runs_from_when_a_partner_heard_it_not_from_when_we_did(world, maria):
    says(world, maria, out("marketing_emails"), occurred=NOW - timedelta(days=3))

    assert running()["webhook"] == ("can-spam", "2026-12-07")
    assert Clock.objects.earliest("pk").received_at == NOW - timedelta(days=3)


def test_an_old_import_is_late_from_the_start(world, maria):
    says(world, maria, out("marketing_emails"), occurred=datetime(2024, 5, 1, tzinfo=UTC))

    assert all(Clock.objects.values_list("late_from_start", flat=True))


def test_what_a_system_connected_later_could_not_have_known_is_late_from_the_start(world, maria):
    Destination.objects.filter(slug="webhook").update(created_at=NOW + timedelta(minutes=6))
    says(world, maria, out("appointment_reminders", "sms"))

    late = Clock.objects.filter(late_from_start=True)
    assert [each.propagation.destination.slug for each in late] == ["webhook"]


def test_what_came_in_time_but_was_marked_late_is_not_late_from_the_start(world, maria):
    """The worker slept for days: that is a miss, and staff must hear of it."""
    said = Said(world.sources["preference_page"], Actor.PERSON, NOW)
    services.record(profile_id=maria, choices=[out("appointment_reminders", "sms")], said=said)
    mark()  # on whatever day this runs

    assert not Clock.objects.filter(late_from_start=True).exists()


def test_a_denial_that_no_rule_knows_is_dated_by_the_house(world, maria):
    with clock.at(NOW):
        [subject] = ledger.lock(SubjectKind.PROFILE, [maria])
        origin = Said(world.sources["preference_page"], Actor.PERSON, NOW).origin(NOW)
        change = ledger.append(subject, [{"do": "hold_the_line"}], origin)
        ledger.finish(subject)
        ledger.hand_over([(SubjectKind.PROFILE, str(maria))], NOW, denies=True, change=change)
    mark()

    assert set(running().values()) == {("house-messages", "2026-12-08")}


def test_the_same_change_handed_over_twice_runs_once(world, maria):
    change = says(world, maria, out("marketing_emails"))
    before = Clock.objects.count()
    ledger.hand_over([(SubjectKind.PROFILE, str(maria))], NOW, denies=True, change=change)
    mark()

    assert Clock.objects.count() == before


def test_it_stops_when_the_system_has_confirmed(world, maria):
    says(world, maria, out("marketing_emails", "email"))
    assert clocks.open_clocks().count() == Clock.objects.count() > 0
    world.drain()

    assert not clocks.open_clocks().exists()
    tasks.sweep()
    for each in Clock.objects.select_related("propagation"):
        assert each.met_at == each.propagation.acknowledged_at


def test_a_system_that_knows_nobody_has_been_told(world, maria):
    says(world, maria, out("marketing_emails", "email"))
    world.drain()

    assert Propagation.objects.get(destination__slug="fhir", identifier=maria).state == "absent"
    assert not clocks.open_clocks().exists()


@pytest.mark.parametrize("state", [DestinationState.PAUSED, DestinationState.SHADOW])
def test_it_runs_on_while_a_system_is_not_told(world, maria, state):
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=state)
    says(world, maria, out("marketing_emails", "email"))
    world.drain()
    tasks.sweep()

    assert [each.propagation.destination.slug for each in clocks.open_clocks()] == ["sendgrid"]


def test_a_second_no_has_a_clock_of_its_own(world, maria):
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.PAUSED)
    says(world, maria, out("marketing_emails", "email"))
    says(world, maria, out("patient_surveys", "email"), occurred=NOW + timedelta(minutes=1))
    says(world, maria, into("patient_surveys", "email"), occurred=NOW + timedelta(minutes=2))

    rows = Clock.objects.filter(propagation__destination__slug="sendgrid").order_by("wanted")
    assert [(each.rule.slug, each.wanted) for each in rows] == [("can-spam", 2), ("house-messages", 3)]


def test_the_nearest_deadline_goes_first(world, maria):
    june = world.registers(mrn="RH2", phone="+12025550102").profile_id
    mark()
    says(world, maria, out("marketing_emails", "email"))
    says(world, june, out("appointment_reminders", "sms"), occurred=NOW + timedelta(seconds=1))
    webhook = Destination.objects.get(slug="webhook")

    first, second, *_ = leases.due(webhook.pk, 10, timezone.now())

    assert [first.identifier_id, second.identifier_id] == [june, maria]


def test_by_when_all_must_know_is_said_before_any_clock_runs(world, maria):
    said = Said(world.sources["preference_page"], Actor.PERSON, NOW)
    recorded = services.record(profile_id=maria, choices=[out("marketing_emails", "email")], said=said)
    assert recorded.change
    before = clocks.told_by(recorded.change)
    mark()

    assert before == clocks.told_by(recorded.change) == Clock.objects.latest("due_at").due_at
    assert clocks.told_by(says(world, maria, into("marketing_emails", "email"))) is None


def test_what_a_merge_refuses_for_the_other_is_dated_from_the_merge(world, maria):
    other = world.registers(mrn="RH2", email="m.diaz@example.org").profile_id
    says(world, other, out("marketing_emails", "email"), occurred=NOW - timedelta(days=90))
    Clock.objects.all().delete()

    services.merge(
        survivor_id=maria,
        other_id=other,
        said=Said(world.sources["staff"], Actor.STAFF, NOW, who="ruth"),
        reason="same birthday",
    )
    mark()

    assert running()["sendgrid"] == ("house-messages", "2026-12-08")
