"""R7: a restriction on an address denies for everyone who holds it, and only the right one lifts it."""

from uuid import uuid4

import pytest

from preferences.errors import Forbidden, Malformed, NotFound, UnknownCategory, UnknownChannel
from preferences.services import lift, restrict
from preferences.terms import Actor, Reason, RestrictionKind, Verified
from tests.factories import PatientFactory
from tests.preferences.saying import (
    address,
    allowed,
    asked,
    by_system,
    chooses,
    decided,
    into,
    on_page,
    out,
    publish,
    t,
    tells,
)
from tests.preferences.test_choices import required_texts

pytestmark = pytest.mark.django_db
STOP, DNC, SUPPRESSED = (
    RestrictionKind.STOP,
    RestrictionKind.DO_NOT_CALL,
    RestrictionKind.SUPPRESSED,
)
NUMBER, EMAIL = "+12025550199", "family@example.org"


def texts_stop(number=NUMBER, at=None):
    restrict(identifier_id=address("phone", number), kind=STOP, said=by_system(occurred=at or t(0)))


def texts_start(number=NUMBER, at=None):
    said = by_system(by=Actor.PERSON, occurred=at or t(1))
    lift(identifier_id=address("phone", number), kind=STOP, said=said, from_handset=True)


@pytest.fixture
def family():
    return [PatientFactory.create(phone=NUMBER, email=EMAIL) for _ in range(2)]


def test_a_stop_text_silences_sms_for_everyone_who_shares_the_number(family):
    texts_stop()

    for person in family:
        assert decided(person, "appointment_reminders", "sms").reason == Reason.RESTRICTION
        assert allowed(person, "appointment_reminders", "phone")
        assert allowed(person, "appointment_reminders", "email")


def test_a_stop_beats_every_choice(family):
    texts_stop(at=t(0))
    chooses(family[0], into("patient_surveys", "sms"), at=t(5))

    assert decided(family[0], "patient_surveys", "sms").reason == Reason.RESTRICTION


def test_a_stop_beats_required_messages_too(family):
    publish("appointment_reminders", required=True, texts=required_texts())
    texts_stop()

    assert decided(family[0], "appointment_reminders", "sms").reason == Reason.RESTRICTION
    assert decided(family[0], "appointment_reminders", "email").reason == Reason.REQUIRED


def test_a_stop_reaches_whoever_holds_the_number_next():
    texts_stop()
    newcomer = PatientFactory.create(phone=NUMBER)

    assert not allowed(newcomer, "appointment_reminders", "sms")


def test_a_stop_from_a_number_that_nobody_holds_is_kept():
    texts_stop()

    assert asked("appointment_reminders", "sms", phone=NUMBER).reason == Reason.RESTRICTION


def test_an_opt_out_of_one_category_never_denies_a_required_one():
    publish("appointment_reminders", required=True, texts=required_texts())
    tells(out("appointment_reminders"), email=EMAIL)

    assert asked("appointment_reminders", "email", email=EMAIL).reason == Reason.REQUIRED


def test_start_lifts_a_stop_and_turns_on_nothing_that_was_off(family):
    chooses(family[0], out("patient_surveys", "sms"), at=t(0))
    texts_stop(at=t(1))
    texts_start(at=t(2))

    assert allowed(family[0], "appointment_reminders", "sms")
    assert not allowed(family[0], "patient_surveys", "sms")


@pytest.mark.parametrize(("stop", "start", "silent"), [(0, 1, False), (1, 0, True), (1, 1, True)])
@pytest.mark.parametrize("order", [1, -1])
def test_stop_and_start_are_placed_by_time_and_ties_go_to_stop(family, stop, start, silent, order):
    said = [lambda: texts_stop(at=t(stop)), lambda: texts_start(at=t(start))]

    for say in said[::order]:
        say()

    assert allowed(family[0], "appointment_reminders", "sms") is not silent


def test_start_from_one_number_leaves_the_stop_of_another():
    person = PatientFactory.create(phone=NUMBER)
    tells(phone="+12025550177", email=person.email, said=by_system("crm"))
    texts_stop(NUMBER)
    texts_start("+12025550177")

    assert not allowed(person, "appointment_reminders", "sms")


def test_what_a_stop_covers_is_a_setting(family, settings):
    texts_stop()
    settings.HEED_STOP_CHANNELS = ["sms", "phone"]

    assert not allowed(family[0], "appointment_reminders", "phone")


def test_do_not_call_denies_calls_and_nothing_else(family):
    restrict(identifier_id=address("phone", NUMBER), kind=DNC, said=by_system())

    assert not allowed(family[1], "appointment_reminders", "phone")
    assert allowed(family[1], "appointment_reminders", "sms")


def test_a_suppressed_address_gets_nothing(family):
    restrict(identifier_id=address("phone", NUMBER), kind=SUPPRESSED, said=by_system())

    assert not allowed(family[0], "appointment_reminders", "phone")
    assert not allowed(family[0], "appointment_reminders", "sms")
    assert allowed(family[0], "appointment_reminders", "email")


def test_a_suppression_may_name_a_channel_and_a_category(family):
    phone = address("phone", NUMBER)
    named = {"category": "patient_surveys", "channel": "sms"}
    restrict(identifier_id=phone, kind=SUPPRESSED, said=by_system(), **named)

    assert not allowed(family[0], "patient_surveys", "sms")
    assert allowed(family[0], "appointment_reminders", "sms")


def test_no_restriction_on_an_address_touches_a_use_of_data_unless_it_names_it(family):
    email = address("email", EMAIL)
    restrict(identifier_id=email, kind=SUPPRESSED, said=by_system())
    assert decided(family[0], "sale_or_sharing").reason == Reason.DEFAULT

    restrict(identifier_id=email, kind=SUPPRESSED, said=by_system(), category="sale_or_sharing")
    assert decided(family[0], "sale_or_sharing").reason == Reason.RESTRICTION


@pytest.mark.parametrize(
    ("named", "refusal"),
    [
        ({"category": "surveys"}, UnknownCategory),
        ({"category": "a:b"}, UnknownCategory),
        ({"channel": "fax"}, UnknownChannel),
        ({"kind": RestrictionKind.ORDER}, Malformed),
        ({"kind": RestrictionKind.DECEASED}, Malformed),
        ({"kind": STOP}, Malformed),
        ({"kind": DNC}, Malformed),
    ],
)
def test_a_restriction_that_would_deny_nothing_is_refused(family, named, refusal):
    with pytest.raises(refusal):
        restrict(
            **{"identifier_id": address("email", EMAIL), "kind": SUPPRESSED, "said": by_system()} | named
        )

    assert allowed(family[0], "patient_surveys", "email")


@pytest.mark.parametrize("pk", [uuid4, lambda: PatientFactory.create().id])
def test_only_an_address_can_be_restricted(pk):
    with pytest.raises(NotFound):
        restrict(identifier_id=pk(), kind=SUPPRESSED, said=by_system())


# --- who may lift what ---


def lifting(kind, **how):
    kind_of_address, value = ("email", EMAIL) if kind == SUPPRESSED else ("phone", NUMBER)
    lift(identifier_id=address(kind_of_address, value), kind=kind, **how)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        (STOP, lambda: {"said": on_page()}),
        (STOP, lambda: {"said": by_system(by=Actor.STAFF)}),
        (DNC, lambda: {"said": by_system(evidence={"call": "1"})}),
        (DNC, lambda: {"said": on_page()}),
        (SUPPRESSED, lambda: {"said": on_page()}),
        (SUPPRESSED, lambda: {"said": by_system(), "verified": Verified.LINK}),
        (RestrictionKind.ORDER, lambda: {"said": on_page()}),
        (RestrictionKind.DECEASED, lambda: {"said": on_page()}),
    ],
    ids=[
        "STOP, from the page",
        "STOP, by staff",
        "do not call, by a system",
        "do not call, without evidence",
        "suppressed, not verified there",
        "suppressed, by a system",
        "an order",
        "deceased",
    ],
)
def test_who_may_not_lift_is_told_who_may(kind, how):
    with pytest.raises(Forbidden, match="lifted only by"):
        lifting(kind, **how())


@pytest.mark.parametrize(
    ("kind", "channel", "how"),
    [
        (STOP, "sms", lambda: {"said": by_system(by=Actor.PERSON), "from_handset": True}),
        (DNC, "phone", lambda: {"said": on_page(evidence={"form": "signed"})}),
        (SUPPRESSED, "email", lambda: {"said": on_page(), "verified": Verified.LINK}),
    ],
)
def test_the_right_one_lifts_it(family, kind, channel, how):
    kind_of_address, value = ("email", EMAIL) if kind == SUPPRESSED else ("phone", NUMBER)
    restrict(identifier_id=address(kind_of_address, value), kind=kind, said=by_system(occurred=t(0)))
    assert not allowed(family[0], "appointment_reminders", channel)

    lifting(kind, **how())

    assert allowed(family[0], "appointment_reminders", channel)
