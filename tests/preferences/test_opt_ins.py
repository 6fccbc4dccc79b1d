"""R6: opt-outs count from anyone; an opt-in counts where it meets what the category asks for."""

from datetime import timedelta

import pytest

from preferences import clock
from preferences.models import Review
from preferences.services import notice_shown
from preferences.terms import Actor, Reason, SourceKind
from tests.factories import PatientFactory, SaidFactory, SourceFactory
from tests.preferences.saying import (
    allowed,
    by_portal,
    by_system,
    chooses,
    decided,
    into,
    on_page,
    out,
    publish,
    t,
    with_channel,
)

pytestmark = pytest.mark.django_db
UNCOUNTED = Review.Kind.OPT_IN_NOT_COUNTED


@pytest.fixture
def pat():
    return PatientFactory.create()


def whys(recorded):
    return [(each.category, each.channel, each.why) for each in recorded.not_counted]


@pytest.mark.parametrize("cell", [("marketing_emails", "email"), ("sale_or_sharing", "")])
def test_an_opt_out_counts_from_anyone(pat, cell):
    chooses(pat, out(*cell), said=by_system())

    assert decided(pat, *cell).reason == Reason.CHOICE
    assert not allowed(pat, *cell)


def test_any_source_may_opt_in_where_any_will_do(pat):
    chooses(pat, out("patient_surveys", "sms"), at=t(0))
    chooses(pat, into("patient_surveys", "sms"), said=by_system())

    assert allowed(pat, "patient_surveys", "sms")


def test_a_system_that_does_not_speak_for_the_person_cannot_opt_in_to_marketing(pat):
    chooses(pat, out("marketing_emails", "email"), at=t(0))

    recorded = chooses(pat, into("marketing_emails", "email"), said=by_system())

    assert whys(recorded) == [("marketing_emails", "email", "not_the_person")]
    assert not allowed(pat, "marketing_emails", "email")


def banner():
    return SourceFactory.create(slug="banner", kind=SourceKind.BANNER)


@pytest.mark.parametrize(
    "said",
    [
        on_page,
        lambda: on_page(by=Actor.PROXY, grant=1),
        lambda: SaidFactory.create(source=banner(), by=Actor.PERSON),
        by_portal,
        lambda: by_system(attached=True, evidence={"form": "signed"}),
    ],
    ids=["page", "proxy on the page", "banner", "speaks for the person", "evidence attached"],
)
def test_the_persons_own_word_counts(pat, said):
    chooses(pat, out("marketing_emails", "email"), at=t(0))
    chooses(pat, into("marketing_emails", "email"), said=said())

    assert allowed(pat, "marketing_emails", "email")


def test_staff_at_the_preference_page_are_not_the_person(pat):
    recorded = chooses(pat, into("marketing_emails", "email"), said=on_page(by=Actor.STAFF))

    assert whys(recorded) == [("marketing_emails", "email", "not_the_person")]


def test_calls_for_marketing_need_the_wording_that_was_shown(pat):
    assert whys(chooses(pat, into("phone_outreach", "sms"))) == [("phone_outreach", "sms", "no_notice")]
    assert not allowed(pat, "phone_outreach", "sms")

    wording = notice_shown(key="phone_outreach", body={"text": "We may call you."})
    chooses(pat, into("phone_outreach", "sms"), said=on_page(notice_id=wording.pk))

    assert allowed(pat, "phone_outreach", "sms")


def test_a_use_of_data_needs_a_second_step(pat):
    chooses(pat, out("sale_or_sharing"), at=t(0))

    assert whys(chooses(pat, into("sale_or_sharing"))) == [("sale_or_sharing", "", "no_second_step")]
    assert not allowed(pat, "sale_or_sharing")

    chooses(pat, into("sale_or_sharing"), said=on_page(second_step=True))

    assert allowed(pat, "sale_or_sharing")


def test_what_a_category_is_not_sent_on_cannot_be_opted_in_to(pat):
    recorded = chooses(pat, into("marketing_emails", "sms"))

    assert whys(recorded) == [("marketing_emails", "sms", "not_offered")]


def test_a_channel_that_was_removed_cannot_be_opted_in_to(pat):
    publish("patient_surveys", offers=with_channel("patient_surveys", channel="push", removed=True))

    recorded = chooses(pat, into("patient_surveys", "push"))

    assert whys(recorded) == [("patient_surveys", "push", "not_offered")]


def test_an_opt_in_to_everything_counts_where_it_may_and_says_where_not(pat):
    chooses(pat, out(), at=t(0))
    recorded = chooses(pat, into(), said=by_system())

    assert whys(recorded) == [
        ("marketing_emails", "email", "not_the_person"),
        ("phone_outreach", "phone", "not_the_person"),
        ("phone_outreach", "sms", "not_the_person"),
    ]
    assert allowed(pat, "patient_surveys", "sms")
    assert not allowed(pat, "marketing_emails", "email")


def test_staff_see_what_does_not_count_and_once_is_enough(pat):
    chooses(pat, into("marketing_emails", "email"), said=by_system())
    chooses(pat, into("marketing_emails", "email"), said=by_system())

    matter = Review.objects.get(kind=UNCOUNTED)
    assert matter.profile_id == pat.id
    assert matter.details["choices"] == [["marketing_emails", "email", "not_the_person"]]


def test_an_opt_in_that_has_run_out_is_as_if_nobody_had_asked(pat):
    publish("patient_surveys", opt_in_expires_days=30)
    said_at = clock.now()
    with clock.at(said_at):
        chooses(pat, out("patient_surveys", "sms"), at=t(0))
        chooses(pat, into("patient_surveys", "sms"), at=said_at)

    with clock.at(said_at + timedelta(days=29)):
        assert decided(pat, "patient_surveys", "sms").reason == Reason.CHOICE
    with clock.at(said_at + timedelta(days=30)):
        assert decided(pat, "patient_surveys", "sms").reason == Reason.DEFAULT


def test_an_opt_out_never_runs_out(pat):
    publish("patient_surveys", opt_in_expires_days=30)
    chooses(pat, out("patient_surveys", "sms"), at=t(0))

    with clock.at(clock.now() + timedelta(days=36_500)):
        assert not allowed(pat, "patient_surveys", "sms")
