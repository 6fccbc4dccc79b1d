"""Pauses (R12), orders (R8), the deceased, proxies (R11) and privacy signals (R9)."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from preferences import clock, services
from preferences.errors import Forbidden, Malformed
from preferences.identity import find_people
from preferences.models import Holding, ProxyGrant, Review
from preferences.selectors import decide
from preferences.services import Allowed
from preferences.terms import NO_CHANNEL, Actor, Reason, Relation
from preferences.verify import verify
from tests.factories import PatientFactory, SaidFactory, SourceFactory
from tests.preferences.saying import by_system, chooses, into, named, on_page, out, tells
from tests.preferences.test_in_error import by_staff

pytestmark = pytest.mark.django_db
held_by_orders = import_module("preferences.migrations.0020_a_holding_by_an_order")
DAY = timedelta(days=1)


@pytest.fixture
def pat():
    return PatientFactory.create()


def reason(person, category="appointment_reminders", channel="sms", **how):
    decision = decide(person.id, category, channel, **how)
    return True if decision.allowed else decision.reason


def nothing_is_wrong():
    return not [finding for part in verify() for finding in part.findings]


# --- pauses ---


def test_a_pause_denies_until_its_day_and_is_no_choice(pat):
    services.pause(
        profile_id=pat.id, category="appointment_reminders", until=clock.now() + 30 * DAY, said=on_page()
    )

    assert reason(pat) == Reason.PAUSE
    with clock.at(clock.now() + 31 * DAY):
        assert reason(pat) is True
    assert nothing_is_wrong()


def test_an_opt_out_during_a_pause_outlives_it(pat):
    start = clock.now()
    services.pause(
        profile_id=pat.id, category="appointment_reminders", until=start + 30 * DAY, said=on_page()
    )
    with clock.at(start + 2 * DAY):
        chooses(pat, out("appointment_reminders"), at=clock.now())

    with clock.at(start + 31 * DAY):
        assert reason(pat) == Reason.CHOICE


def test_a_pause_ends_sooner_where_the_person_says_so(pat):
    services.pause(profile_id=pat.id, category="patient_surveys", until=clock.now() + DAY, said=on_page())
    services.end_pause(profile_id=pat.id, category="patient_surveys", said=on_page())

    assert reason(pat, "patient_surveys") is True
    with pytest.raises(Malformed, match="no pause to end"):
        services.end_pause(profile_id=pat.id, category="patient_surveys", said=on_page())


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_pause_ends_within_a_year(pat, days):
    with pytest.raises(Malformed, match="within a year"):
        services.pause(
            profile_id=pat.id, category="patient_surveys", until=clock.now() + days * DAY, said=on_page()
        )


# --- orders ---


NEW = "+12025550777"


def only(pat, *allowed, said=None):
    return services.order(profile_id=pat.id, allowed=allowed, said=said or by_staff())


def test_an_order_allows_only_what_it_names(pat):
    only(pat, Allowed("sms", named("phone", NEW)))

    assert reason(pat, to=named("phone", NEW)) is True
    assert reason(pat, to=named("phone", pat.phone)) == Reason.ORDER
    assert reason(pat) == Reason.ORDER
    assert reason(pat, channel="email") == Reason.ORDER
    assert Holding.objects.get(profile=pat.id, confidential=True)
    assert nothing_is_wrong()


def test_the_latest_order_stands_until_staff_end_it(pat):
    only(pat, Allowed("sms", named("phone", NEW)))
    only(pat, Allowed("email", named("email", pat.email)))
    assert reason(pat, to=named("phone", NEW)) == Reason.ORDER
    assert reason(pat, channel="email") is True

    with pytest.raises(Forbidden):
        services.end_order(profile_id=pat.id, said=on_page())
    services.end_order(profile_id=pat.id, said=by_staff())

    assert reason(pat, to=named("phone", pat.phone)) is True
    assert not Holding.objects.filter(profile=pat.id, confidential=True, until__isnull=True).exists()
    assert nothing_is_wrong()


def test_what_an_order_names_they_hold_until_it_ends_whatever_systems_say_of_it(pat):
    only(pat, Allowed("sms", named("phone", pat.phone)), said=by_system(by=Actor.STAFF))
    tells(external_id=pat.external_id, phone=NEW)
    assert reason(pat, to=named("phone", pat.phone)) is True
    assert find_people(named("phone", pat.phone)) == find_people(named("phone", NEW)) == [pat.id]
    assert reason(pat) == Reason.ORDER
    assert nothing_is_wrong()

    services.end_order(profile_id=pat.id, said=by_staff())

    assert find_people(named("phone", pat.phone)) == []
    assert reason(pat) is True
    assert nothing_is_wrong()


@pytest.mark.parametrize("has_ended", [False, True])
def test_what_an_older_order_names_is_held_by_whom_it_is_for_now_or_was(pat, has_ended):
    sam = PatientFactory.create()
    only(sam, Allowed("sms", named("phone", sam.phone)))
    services.merge(survivor_id=pat.id, other_id=sam.id, said=by_staff(), reason="same birthday")
    if has_ended:
        services.end_order(profile_id=pat.id, said=by_staff())
    Holding.objects.filter(confidential=True).delete()  # as it was before

    held_by_orders.hold_what_orders_name(apps, None)

    assert find_people(named("phone", sam.phone)) == [pat.id]
    assert nothing_is_wrong()


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        ([], "names 1 to"),
        ([Allowed("fax")], "no channel"),
        ([Allowed("sms")], "needs an address"),
        ([Allowed("mail")], "needs the address"),
        (
            [Allowed("email")],
            "needs an address",
        ),
    ],
)
def test_an_order_that_says_nothing_is_refused(pat, allowed, words):
    with pytest.raises(Malformed, match=words):
        only(pat, *allowed)


def test_a_system_sets_no_order(pat):
    with pytest.raises(Forbidden, match="by staff"):
        only(pat, Allowed("mail", text="1 Elm St"), said=by_system())


def test_after_a_merge_only_what_both_orders_allow_is_allowed(pat):
    other = PatientFactory.create(email=pat.email)
    only(pat, Allowed("sms", named("phone", NEW)), Allowed("email", named("email", pat.email)))
    only(other, Allowed("email", named("email", pat.email)))

    services.merge(survivor_id=pat.id, other_id=other.id, said=by_staff(), reason="one person")

    assert reason(pat, channel="email") is True
    assert reason(pat, to=named("phone", NEW)) == Reason.ORDER
    assert Review.objects.get(kind="two_orders").profile_id == pat.id
    only(pat, Allowed("sms", named("phone", NEW)))
    assert reason(pat, to=named("phone", NEW)) is True
    assert nothing_is_wrong()


# --- deceased ---


def test_nobody_writes_to_the_dead_until_the_report_is_corrected(pat):
    services.set_deceased(profile_id=pat.id, deceased=True, said=by_system())
    assert reason(pat) == Reason.DECEASED
    with pytest.raises(Forbidden):
        services.set_deceased(profile_id=pat.id, deceased=False, said=by_system("crm"))

    services.set_deceased(profile_id=pat.id, deceased=False, said=by_system())

    assert reason(pat) is True
    assert nothing_is_wrong()


# --- proxies ---


def grant(child, parent, categories=("*",), relation=Relation.CAREGIVER, days=(0, 30), **more):
    now = clock.now()
    return services.grant_proxy(
        profile_id=child.id,
        proxy_id=parent.id,
        relation=relation,
        starts=now + days[0] * DAY,
        ends=now + days[1] * DAY,
        categories=categories,
        said=by_staff(),
        **more,
    )


def says_for(child, parent, *choices):
    return services.record_by_proxy(profile_id=child.id, proxy_id=parent.id, choices=choices, said=on_page())


def test_what_a_proxy_says_counts_within_the_grant(pat):
    parent = PatientFactory.create()
    grant(pat, parent)

    says_for(pat, parent, out("marketing_emails"))
    assert reason(pat, "marketing_emails", "email") == Reason.CHOICE
    says_for(pat, parent, into("marketing_emails"))
    assert reason(pat, "marketing_emails", "email") is True

    with clock.at(clock.now() + 31 * DAY):
        late = says_for(pat, parent, into("phone_outreach", "sms"))
    assert [each.why for each in late.not_counted] == ["no_grant"]


def test_without_a_grant_a_no_is_held_on_the_addresses_and_put_before_staff(pat):
    stranger = PatientFactory.create()

    says_for(pat, stranger, out("marketing_emails"))

    assert reason(pat, "marketing_emails", "email") == Reason.RESTRICTION
    assert Review.objects.get(kind="opt_out_unplaced").profile_id == pat.id


def test_a_no_without_a_grant_leaves_those_who_share_the_phone_their_emails(pat):
    sister, stranger = PatientFactory.create(phone=pat.phone), PatientFactory.create()

    says_for(pat, stranger, out("marketing_emails"), out("patient_surveys"))

    assert reason(pat, "marketing_emails", "email") == Reason.RESTRICTION
    assert reason(sister, "marketing_emails", "email") is True
    assert reason(sister, "patient_surveys", "email") is True
    assert reason(sister, "patient_surveys", "sms") == Reason.RESTRICTION


def test_a_yes_to_everything_lifts_no_narrower_no_and_reaches_as_far_as_the_grant(pat):
    parent = PatientFactory.create()
    grant(pat, parent, categories=["patient_surveys", "care_follow_ups"])
    chooses(pat, out("patient_surveys"), out("marketing_emails"), out())

    said = says_for(pat, parent, into())

    assert reason(pat, "patient_surveys", "email") == Reason.CHOICE
    assert reason(pat, "care_follow_ups", "email") is True
    assert reason(pat, "marketing_emails", "email") == Reason.CHOICE
    assert {each.category for each in said.not_counted} == {
        "marketing_emails",
        "appointment_reminders",
        "phone_outreach",
    }
    assert nothing_is_wrong()


def test_of_what_a_proxy_says_at_once_the_more_specific_wins(pat):
    parent = PatientFactory.create()
    grant(pat, parent)

    says_for(pat, parent, out(), into("appointment_reminders", "email"))

    assert reason(pat, channel="email") is True
    assert reason(pat) == Reason.CHOICE
    assert nothing_is_wrong()


def test_every_no_without_a_grant_is_put_before_staff_where_no_address_keeps_it():
    pat, stranger = PatientFactory.create(email="", phone=""), PatientFactory.create()

    for _ in range(2):
        says_for(pat, stranger, out("marketing_emails"), out("patient_surveys"))

    said = [review.details["choices"] for review in Review.objects.order_by("id")]
    assert said == [[["marketing_emails", "*", "no_grant"]], [["patient_surveys", "*", "no_grant"]]]


def test_sensitive_categories_only_if_named(pat):
    parent = PatientFactory.create()
    grant(pat, parent)
    assert says_for(pat, parent, into("sensitive_data")).not_counted

    grant(pat, parent, categories=["sensitive_data"])
    said = says_for(pat, parent, into("sensitive_data"))

    assert [each.why for each in said.not_counted] == ["no_second_step"]


def test_a_parents_grant_ends_when_the_child_comes_of_age(pat):
    parent = PatientFactory.create()
    born = clock.now().date().replace(day=1) - timedelta(days=17 * 365)

    with pytest.raises(Malformed, match="day of birth"):
        grant(pat, parent, relation=Relation.PARENT, days=(0, 3000))
    grant(pat, parent, relation=Relation.PARENT, days=(0, 3000), born=born)

    assert ProxyGrant.objects.get().ends.date().year == born.year + 18


def test_a_voided_grant_takes_its_yeses_along(pat):
    parent = PatientFactory.create()
    chooses(pat, out("marketing_emails"))
    granted = grant(pat, parent)
    says_for(pat, parent, into("marketing_emails"))

    services.void(change_id=granted, said=by_staff(), reason="wrong parent")

    assert reason(pat, "marketing_emails", "email") == Reason.CHOICE
    assert nothing_is_wrong()


def test_a_revoked_proxy_chooses_no_more(pat):
    parent = PatientFactory.create()
    grant(pat, parent)
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=by_staff())

    assert says_for(pat, parent, into("marketing_emails")).not_counted
    assert nothing_is_wrong()


@pytest.mark.parametrize("survives", ["the person", "the proxy"])
def test_a_proxy_who_turns_out_to_be_the_person_speaks_for_themselves(pat, survives):
    parent = PatientFactory.create()
    grant(pat, parent)
    survivor, other = (pat, parent) if survives == "the person" else (parent, pat)
    services.merge(survivor_id=survivor.id, other_id=other.id, said=by_staff(), reason="same birthday")

    says_for(pat, parent, out("marketing_emails"))

    assert not ProxyGrant.objects.exists()
    assert reason(pat, "marketing_emails", "email") == Reason.CHOICE
    services.part(profile_id=other.id, said=by_staff(), reason="two people")
    assert ProxyGrant.objects.filter(profile=pat.id, proxy=parent.id).exists()
    assert nothing_is_wrong()


def test_who_was_granted_what_for_whom_stays_so_when_two_part(pat):
    twin, parent, uncle = (PatientFactory.create() for _ in range(3))
    grant(twin, uncle)
    services.merge(survivor_id=pat.id, other_id=twin.id, said=by_staff(), reason="same birthday")
    services.revoke_proxy(grant_id=ProxyGrant.objects.get(proxy=uncle.id).pk, said=by_staff())
    grant(twin, parent)
    says_for(twin, parent, into("patient_surveys"))

    services.part(profile_id=twin.id, said=by_staff(), reason="twins")

    assert says_for(twin, uncle, into("care_follow_ups")).not_counted
    assert not says_for(twin, parent, into("care_follow_ups")).not_counted
    assert says_for(pat, parent, into("care_follow_ups")).not_counted
    assert decide(twin.id, "patient_surveys", "email").reason == Reason.CHOICE
    assert decide(pat.id, "patient_surveys", "email").reason == Reason.DEFAULT
    assert nothing_is_wrong()


# --- privacy signals ---


def sells(pat):
    return decide(pat.id, "sale_or_sharing", NO_CHANNEL).allowed


def signals(pat, kind="gpc"):
    return services.signal(profile_id=pat.id, kind=kind, said=on_page())


def test_a_signal_opts_out_once(pat):
    assert signals(pat).change
    assert not sells(pat)
    assert signals(pat).change is None


def test_only_the_person_takes_a_signal_back_in_a_second_step(pat):
    signals(pat)
    by_hand = by_staff(attached=True, second_step=True)
    assert chooses(pat, into("sale_or_sharing"), said=by_hand).not_counted
    assert chooses(pat, into("sale_or_sharing"), said=on_page()).not_counted

    chooses(pat, into("sale_or_sharing"), said=on_page(second_step=True))

    assert sells(pat)


def test_a_new_signal_opts_out_again_unless_the_person_knew_of_it(pat):
    signals(pat)
    chooses(pat, into("sale_or_sharing"), said=on_page(second_step=True))
    signals(pat)
    assert not sells(pat)

    chooses(pat, into("sale_or_sharing"), said=on_page(second_step=True, despite="gpc"))
    signals(pat)

    assert sells(pat)
    assert nothing_is_wrong()


def test_an_agents_request_is_a_signal_too(pat):
    agent = SaidFactory.create(source=SourceFactory.create(slug="agent"), by=Actor.PARTNER)

    services.signal(profile_id=pat.id, kind="agent", said=agent)

    assert not sells(pat)


# --- visitors ---


def pauses(visitor):
    until = clock.now() + DAY
    services.pause(profile_id=visitor, category="patient_surveys", until=until, said=on_page())


def dies(visitor):
    services.set_deceased(profile_id=visitor, deceased=True, said=by_staff())


def is_reached_by_letter(visitor):
    services.order(profile_id=visitor, allowed=[Allowed("mail", text="1 Elm St")], said=by_staff())


@pytest.mark.parametrize("denied", [pauses, dies, is_reached_by_letter])
def test_what_protects_a_visitor_protects_the_patient_that_they_turn_out_to_be(pat, denied):
    visitor = tells(anonymous_id="b1").profile_id
    denied(visitor)

    tells(anonymous_id="b1", external_id=pat.external_id)

    assert reason(pat, "patient_surveys", "email") is not True
    assert nothing_is_wrong()
