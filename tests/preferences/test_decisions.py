"""R13 and R14: may this be sent, and why not; defaults, unknown people, and what is asked first."""

import pytest

from preferences import selectors
from preferences.errors import UnknownCategory, UnknownChannel
from preferences.mission import MISSION
from preferences.selectors import Question
from preferences.terms import Reason
from tests.factories import PatientFactory
from tests.preferences.saying import (
    address,
    allowed,
    asked,
    by_system,
    chooses,
    decided,
    into,
    named,
    out,
    publish,
    tells,
    with_channel,
)
from tests.preferences.test_choices import required_texts
from tests.preferences.test_restrictions import texts_stop

pytestmark = pytest.mark.django_db
SURVEYS = ("patient_surveys", "email")

# --- R13: defaults ---


@pytest.mark.parametrize(
    ("category", "channel", "jurisdiction", "default"),
    [
        ("marketing_emails", "email", "", True),
        ("marketing_emails", "email", "US-CA", True),
        ("marketing_emails", "email", "CA-ON", False),
        ("marketing_emails", "email", "CA-QC", False),
        *[("appointment_reminders", channel, "CA-ON", True) for channel in ("sms", "email", "phone")],
        *[("patient_surveys", channel, "", True) for channel in ("email", "sms")],
        *[("care_follow_ups", channel, "", True) for channel in ("sms", "email", "phone", "mail")],
        ("phone_outreach", "phone", "US-CA", False),
        ("phone_outreach", "sms", "US-CA", False),
        ("sale_or_sharing", "", "US-CA", True),
        ("sale_or_sharing", "", "US-WA", False),
        ("sale_or_sharing", "", "US-NV", False),
        ("sale_or_sharing", "", "", False),
        ("sensitive_data", "", "US-CA", True),
        *[("sensitive_data", "", f"US-{state}", False) for state in ("CO", "CT", "NV", "TX", "VA", "WA")],
        ("sensitive_data", "", "", False),
    ],
)
def test_what_holds_when_nobody_has_asked(category, channel, jurisdiction, default):
    pat = PatientFactory.create(jurisdiction=jurisdiction)

    decision = decided(pat, category, channel)

    assert (decision.allowed, decision.reason) == (default, Reason.DEFAULT)


def test_where_a_person_lives_is_unknown_the_organisations_law_holds_for_messages(settings):
    settings.HEED_JURISDICTION = ["CA-ON"]

    assert not allowed(PatientFactory.create(), "marketing_emails", "email")
    assert allowed(PatientFactory.create(jurisdiction="US-CA"), "marketing_emails", "email")


def test_and_the_strictest_law_for_uses_of_data(settings):
    settings.HEED_JURISDICTION = ["US-CA"]

    assert not allowed(PatientFactory.create(), "sale_or_sharing")


def test_marketing_by_sms_and_phone_is_never_in_by_default():
    offers = [offer for body in MISSION if body["marketing"] for offer in body["offers"]]

    assert not any(offer["default"] for offer in offers if offer["channel"] in ("sms", "phone"))


def test_moving_house_changes_the_default():
    pat = PatientFactory.create(jurisdiction="US-CA")
    tells(external_id=pat.external_id, jurisdiction="CA-ON")

    assert not allowed(pat, "marketing_emails", "email")


@pytest.mark.parametrize(("category", "may"), [("appointment_reminders", True), ("patient_surveys", False)])
def test_somebody_unknown_is_sent_only_what_may_go_to_anyone(category, may):
    decision = asked(category, "email", email="nobody@example.org")

    assert (decision.allowed, decision.reason) == (may, Reason.UNKNOWN_PERSON)


def test_for_somebody_unknown_the_address_is_asked_first():
    texts_stop("+12025550100")

    assert asked("appointment_reminders", "sms", phone="+12025550100").reason == Reason.RESTRICTION


# --- R14: what is asked first ---


@pytest.mark.parametrize("category", ["surveys", "", "*"])
def test_an_unknown_category_is_an_error_and_never_a_yes(category):
    with pytest.raises(UnknownCategory):
        decided(PatientFactory.create(), category, "email")


@pytest.mark.parametrize(
    ("category", "channel"),
    [
        ("patient_surveys", "fax"),
        ("patient_surveys", "*"),
        ("patient_surveys", ""),
        ("sale_or_sharing", "email"),
    ],
)
def test_an_unknown_channel_is_an_error_and_never_a_yes(category, channel):
    with pytest.raises(UnknownChannel):
        decided(PatientFactory.create(), category, channel)


def test_a_retired_category_is_denied_whatever_was_chosen():
    pat = PatientFactory.create()
    chooses(pat, into(*SURVEYS))
    publish("patient_surveys", retired=True)

    assert decided(pat, *SURVEYS).reason == Reason.RETIRED
    assert asked(*SURVEYS, email=pat.email).reason == Reason.RETIRED


def test_a_category_that_comes_back_finds_its_choices():
    pat = PatientFactory.create()
    chooses(pat, out(*SURVEYS))
    publish("patient_surveys", retired=True)
    publish("patient_surveys", retired=False)

    assert decided(pat, *SURVEYS).reason == Reason.CHOICE


def test_a_channel_that_is_not_offered_or_was_removed_is_denied():
    pat = PatientFactory.create()
    offers = with_channel("patient_surveys", channel="push", removed=True)
    publish("patient_surveys", offers=offers)

    assert decided(pat, "patient_surveys", "push").reason == Reason.NOT_OFFERED
    assert decided(pat, "patient_surveys", "phone").reason == Reason.NOT_OFFERED


def test_a_restriction_is_asked_before_required_and_required_before_the_choice():
    pat = PatientFactory.create()
    publish("appointment_reminders", required=True, texts=required_texts())
    chooses(pat, out("appointment_reminders"))
    assert decided(pat, "appointment_reminders", "sms").reason == Reason.REQUIRED

    texts_stop(pat.phone)
    assert decided(pat, "appointment_reminders", "sms").reason == Reason.RESTRICTION


def test_a_choice_is_asked_before_the_default():
    pat = PatientFactory.create(jurisdiction="CA-ON")
    chooses(pat, into("marketing_emails", "email"))

    decision = decided(pat, "marketing_emails", "email")
    assert (decision.allowed, decision.reason) == (True, Reason.CHOICE)


# --- which address ---


@pytest.fixture
def two_phones():
    pat = PatientFactory.create(phone="+12025550101")
    tells(phone="+12025550102", email=pat.email, said=by_system("crm"))
    texts_stop("+12025550101")
    return pat


def test_without_an_address_every_current_one_must_pass(two_phones):
    assert decided(two_phones, "appointment_reminders", "sms").reason == Reason.RESTRICTION


def test_with_an_address_that_one_is_judged(two_phones):
    assert not allowed(two_phones, "appointment_reminders", "sms", to=named("phone", "+12025550101"))
    assert allowed(two_phones, "appointment_reminders", "sms", to=named("phone", "+12025550102"))


def test_a_former_address_is_not_judged():
    pat = PatientFactory.create(phone="+12025550101")
    texts_stop("+12025550101")
    tells(phone="+12025550102", external_id=pat.external_id)

    assert allowed(pat, "appointment_reminders", "sms")


def test_an_address_that_nobody_has_named_yet_has_no_restriction(two_phones):
    assert allowed(two_phones, "appointment_reminders", "sms", to=named("phone", "+12025550109"))


def test_an_address_of_another_kind_is_no_recipient():
    decision = decided(
        PatientFactory.create(), "appointment_reminders", "sms", to=named("email", "a@example.org")
    )

    assert decision.reason == Reason.INVALID_RECIPIENT


def test_somebody_without_an_address_is_judged_by_the_rest():
    pat = PatientFactory.create(phone="", email="")
    assert allowed(pat, "appointment_reminders", "sms")

    chooses(pat, out())
    assert decided(pat, "appointment_reminders", "sms").reason == Reason.CHOICE


def test_asked_with_an_address_alone_the_strictest_of_its_holders_answers():
    family = [PatientFactory.create(email="family@example.org") for _ in range(3)]
    assert asked(*SURVEYS, email="family@example.org").allowed

    chooses(family[1], out(*SURVEYS))

    assert asked(*SURVEYS, email="family@example.org").reason == Reason.CHOICE


def test_named_by_one_address_and_written_to_at_another_both_are_asked():
    pat = PatientFactory.create()
    chooses(pat, out("appointment_reminders"))

    decision = asked("appointment_reminders", "email", to=named("email", "new@example.org"), email=pat.email)

    assert decision.reason == Reason.CHOICE


def test_named_by_their_number_somebody_is_judged_as_themselves():
    pat = PatientFactory.create()
    chooses(pat, out(*SURVEYS))

    assert asked(*SURVEYS, external_id=pat.external_id).reason == Reason.CHOICE
    assert asked(*SURVEYS, external_id="nobody").reason == Reason.UNKNOWN_PERSON


# --- what the answer carries ---


def test_the_answer_names_the_channels_that_are_allowed():
    pat = PatientFactory.create()
    chooses(pat, out("care_follow_ups", "sms"))
    texts = decided(pat, "care_follow_ups", "sms")

    assert not texts.allowed
    assert texts.allowed_channels == ("email", "phone", "mail")


@pytest.mark.parametrize("about", ["profile", "address"])
def test_the_version_moves_with_everything_recorded(about):
    pat = PatientFactory.create()

    def version():
        if about == "profile":
            return decided(pat, *SURVEYS).version
        return asked("appointment_reminders", "sms", phone=pat.phone).version

    before = version()
    assert version() == before
    chooses(pat, out(*SURVEYS))
    between = version()
    texts_stop(pat.phone)

    assert len({before, between, version()}) == 3


def test_answers_come_in_the_order_of_the_questions():
    people = [PatientFactory.create() for _ in range(4)]
    chooses(people[2], out(*SURVEYS))
    questions = [Question(person.id) for person in people]
    questions.insert(1, Question(problem=True))

    answers = selectors.decide_many(*SURVEYS, questions)

    assert [answer.allowed for answer in answers] == [True, False, True, False, True]
    assert answers[1].reason == Reason.INVALID_RECIPIENT


# --- how many queries ---


@pytest.mark.parametrize("count", [1, 1000])
def test_a_thousand_are_asked_with_the_queries_of_one(django_assert_num_queries, count):
    pat = PatientFactory.create()
    known = [Question(pat.id), Question(named=named("email", pat.email))]
    questions = known + [Question(named=named("email", f"u{n}@example.org")) for n in range(count - 1)]
    selectors.decide(pat.id, *SURVEYS)  # the catalogue is read

    with django_assert_num_queries(7):
        selectors.decide_many(*SURVEYS, questions)


def test_one_person_is_asked_with_four_queries(django_assert_num_queries):
    pat = PatientFactory.create()
    selectors.decide(pat.id, *SURVEYS)

    with django_assert_num_queries(4):
        selectors.decide(pat.id, *SURVEYS)


def test_restrictions_are_read_at_the_address_and_never_copied():
    pat = PatientFactory.create()
    address("phone", pat.phone)
    before = selectors.people([pat.id])[pat.id]
    texts_stop(pat.phone)
    after = selectors.people([pat.id])[pat.id]

    assert before.version == after.version
    assert before.choices == after.choices
