"""What may become of a category (R17): nobody who ever said no is turned on by a publication."""

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from preferences import catalogue, clock, services
from preferences.errors import Forbidden, Malformed
from preferences.models import Change, Draft, Profile
from preferences.projection import load
from preferences.services import ask_second_person, publish_draft
from preferences.services.gaining import WHO, gain
from preferences.terms import Actor, Reason, RevisionKind
from preferences.weighing import weigh
from tests.factories import PatientFactory
from tests.preferences.saying import (
    allowed,
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
from tests.preferences.test_choices import required_texts
from tests.preferences.test_drafts import drafted, stands
from tests.preferences.test_laws import RECORDED, rolled_back

pytestmark = pytest.mark.django_db
SURVEYS = "patient_surveys"
OUTREACH = "phone_outreach"


def offers(slug=SURVEYS, **channels):
    """The category's offers, some of them changed: `sms={"removed": True}`."""
    return [{**each, **channels.get(each["channel"], {})} for each in stands(slug).body["offers"]]


def required(slug=SURVEYS):
    return publish(slug, required=True, texts=required_texts())


# --- a channel comes ---


def test_who_is_out_of_all_other_channels_is_out_of_one_that_comes():
    pat, joe = PatientFactory.create(), PatientFactory.create()
    chooses(pat, out(SURVEYS, "email"), out(SURVEYS, "sms"))
    chooses(joe, out(SURVEYS, "email"))

    publish(SURVEYS, offers=with_channel(SURVEYS, channel="phone"))

    assert decided(pat, SURVEYS, "phone").reason == Reason.CHOICE
    assert not allowed(pat, SURVEYS, "phone")
    assert allowed(joe, SURVEYS, "phone")
    last = Change.objects.filter(subject_id=pat.id).latest("seq")
    assert WHO in last.entries
    assert Actor.SYSTEM.value in last.entries
    call_command("verify_ledger", verbosity=0)


def test_what_covers_the_new_channel_already_is_not_said_again():
    pat = PatientFactory.create()
    chooses(pat, out(SURVEYS))

    publish(SURVEYS, offers=with_channel(SURVEYS, channel="phone"))

    assert not allowed(pat, SURVEYS, "phone")
    assert not Change.objects.filter(entries__contains=WHO).exists()


def test_opt_outs_of_every_channel_by_wildcards_of_its_own_count_too():
    pat = PatientFactory.create()
    chooses(pat, out("*", "email"), out(SURVEYS, "sms"))

    publish(SURVEYS, offers=with_channel(SURVEYS, channel="phone"))

    assert not allowed(pat, SURVEYS, "phone")


def test_a_channel_that_comes_back_is_like_one_that_comes():
    pat = PatientFactory.create()
    publish(SURVEYS, offers=offers(sms={"removed": True}))
    chooses(pat, out(SURVEYS, "email"))

    publish(SURVEYS, offers=offers(sms={"removed": False}))

    assert not allowed(pat, SURVEYS, "sms")


def test_a_channel_that_comes_back_finds_what_was_chosen_about_it():
    pat = PatientFactory.create()
    chooses(pat, out(SURVEYS, "email"), into(SURVEYS, "sms"))
    publish(SURVEYS, offers=offers(sms={"removed": True}))

    publish(SURVEYS, offers=offers(sms={"removed": False}))

    assert allowed(pat, SURVEYS, "sms")


def test_a_yes_that_ran_out_is_none_when_its_channel_comes_back():
    pat = PatientFactory.create()
    publish(SURVEYS, opt_in_expires_days=1)
    chooses(pat, out(SURVEYS, "email"), into(SURVEYS, "sms"), at=t(0))
    publish(SURVEYS, offers=offers(sms={"removed": True}))

    publish(SURVEYS, offers=offers(sms={"removed": False}))

    assert not allowed(pat, SURVEYS, "sms")


def test_one_channel_taken_away_and_another_in_its_place_keeps_a_no():
    pat = PatientFactory.create()
    chooses(pat, out("marketing_emails", "email"))
    gone = [{**each, "removed": True} for each in stands("marketing_emails").body["offers"]]
    publish("marketing_emails", offers=gone)

    publish("marketing_emails", offers=with_channel("marketing_emails", channel="mail"))

    assert not allowed(pat, "marketing_emails", "mail")


def test_keeping_people_out_is_harmless_before_anything_is_published_and_when_repeated():
    pat = PatientFactory.create()
    chooses(pat, out(SURVEYS, "email"), out(SURVEYS, "sms"))
    before = stands().body
    after = {**before, "offers": with_channel(SURVEYS, channel="phone")}

    for _ in range(2):
        gained = gain(after, before)
        assert gained
        gained.keep_out()

    assert Change.objects.filter(entries__contains=WHO).count() == 1
    assert decided(pat, SURVEYS, "phone").reason == Reason.NOT_OFFERED


def test_a_channel_left_out_of_a_body_is_removed_and_never_forgotten():
    publish(SURVEYS, offers=[each for each in stands().body["offers"] if each["channel"] == "email"])

    [sms] = [each for each in stands().body["offers"] if each["channel"] == "sms"]
    assert sms["removed"] is True


# --- required ---


def test_a_no_from_before_it_was_required_still_holds():
    pat, joe, ada = (PatientFactory.create() for _ in range(3))
    chooses(pat, out(SURVEYS, "sms"))
    chooses(ada, out())

    required()

    assert (decided(pat, SURVEYS, "sms").allowed, decided(pat, SURVEYS, "sms").reason) == (False, "choice")
    assert not allowed(ada, SURVEYS, "email")
    assert decided(joe, SURVEYS, "sms").reason == Reason.REQUIRED
    assert decided(pat, SURVEYS, "email").reason == Reason.REQUIRED


def test_who_was_never_asked_gets_what_is_required_though_the_default_was_no():
    pat, joe = PatientFactory.create(), PatientFactory.create()
    publish(SURVEYS, offers=offers(SURVEYS, sms={"default": False}))
    chooses(joe, out(SURVEYS, "sms"))
    assert decided(pat, SURVEYS, "sms").reason == Reason.DEFAULT
    assert not allowed(pat, SURVEYS, "sms")

    required()

    assert decided(pat, SURVEYS, "sms").reason == Reason.REQUIRED
    assert decided(joe, SURVEYS, "sms").reason == Reason.CHOICE


def test_a_no_from_after_changes_nothing():
    pat = PatientFactory.create()
    required()

    chooses(pat, out(SURVEYS, "sms"), out())

    assert decided(pat, SURVEYS, "sms").reason == Reason.REQUIRED


@pytest.mark.parametrize("first", [(SURVEYS, "sms"), (SURVEYS, "*"), ("*", "*")])
@pytest.mark.parametrize("again", [(SURVEYS, "sms"), ("*", "*")])
def test_who_says_no_again_is_not_turned_on_by_it(first, again):
    pat = PatientFactory.create()
    chooses(pat, out(*first))
    required()

    chooses(pat, out(*again))

    assert not allowed(pat, SURVEYS, "sms")
    call_command("verify_ledger", verbosity=0)


def test_a_yes_said_later_ends_it():
    pat = PatientFactory.create()
    chooses(pat, out(SURVEYS, "sms"))
    required()

    chooses(pat, into(SURVEYS, "sms"))

    assert decided(pat, SURVEYS, "sms").reason == Reason.REQUIRED


def test_required_from_the_first_revision_bears_no_date():
    body = {**stands().body, "slug": "bills", "required": True, "texts": required_texts()}
    services.publish(kind=RevisionKind.CATEGORY, key="bills", body=body, author="ann", reason="Bills")

    assert "required_since" not in stands("bills").body


def test_since_when_it_is_required_is_kept_and_nobody_can_write_it():
    required()
    since = stands().body["required_since"]

    publish(SURVEYS, order=31, required_since=1)
    assert stands().body["required_since"] == since

    publish(SURVEYS, required=False)
    assert "required_since" not in stands().body


# --- a default is turned on ---


def test_a_default_that_is_turned_on_reaches_only_those_who_never_chose():
    pat, joe = PatientFactory.create(), PatientFactory.create()
    publish(SURVEYS, offers=offers(sms={"default": False}))
    chooses(pat, into(SURVEYS, "email"))

    publish(SURVEYS, offers=offers(sms={"default": True}))

    assert not allowed(pat, SURVEYS, "sms")
    assert allowed(joe, SURVEYS, "sms")


def test_whoever_chooses_later_is_out_there_too():
    joe = PatientFactory.create()
    publish(SURVEYS, offers=offers(sms={"default": False}))
    publish(SURVEYS, offers=offers(sms={"default": True}))

    chooses(joe, out("*", "phone"))

    assert not allowed(joe, SURVEYS, "sms")


def test_a_yes_that_ran_out_does_not_become_a_default_that_was_turned_on():
    pat = PatientFactory.create()
    publish(SURVEYS, opt_in_expires_days=1, offers=offers(sms={"default": False}))
    chooses(pat, into(SURVEYS, "sms"), at=t(0))

    publish(SURVEYS, offers=offers(sms={"default": True}))

    assert not allowed(pat, SURVEYS, "sms")


def test_turned_on_in_one_jurisdiction_it_holds_elsewhere_as_before():
    quebec, maine = (PatientFactory.create(jurisdiction=each) for each in ("CA-QC", "US-ME"))
    for pat in (quebec, maine):
        chooses(pat, out("marketing_emails", "sms"))

    publish("marketing_emails", offers=offers("marketing_emails", email={"elsewhere": {"CA-ON": False}}))

    assert not allowed(quebec, "marketing_emails", "email")
    assert allowed(maine, "marketing_emails", "email")
    assert allowed(PatientFactory.create(jurisdiction="CA-QC"), "marketing_emails", "email")


def test_a_use_of_data_that_is_turned_on_somewhere_stays_off_where_nobody_knows_the_law():
    pat = PatientFactory.create()
    chooses(pat, into("sale_or_sharing"), said=on_page(t(0), second_step=True))
    publish("sale_or_sharing", opt_in_expires_days=1)
    joe = PatientFactory.create()
    chooses(joe, into("sale_or_sharing"), said=on_page(t(1), second_step=True))  # it ran out long ago
    publish("sale_or_sharing", offers=[{**stands("sale_or_sharing").body["offers"][0], "elsewhere": {}}])

    assert not allowed(joe, "sale_or_sharing")
    assert allowed(PatientFactory.create(), "sale_or_sharing")


# --- the second person ---


def test_making_messages_required_needs_a_second_person():
    draft = drafted(required=True, texts=required_texts())

    with pytest.raises(Forbidden, match="second person: people could no longer turn these messages off"):
        publish_draft(draft=draft, by="ann")
    assert Draft.objects.get().asked_at is None
    ask_second_person(draft=draft, by="ann")

    revision = publish_draft(draft=Draft.objects.get(), by="ben")
    assert revision.approved_by == "ben"


def test_so_does_a_default_that_is_turned_on():
    draft = drafted(key=OUTREACH, marketing=False, offers=offers(OUTREACH, phone={"default": True}))

    with pytest.raises(Forbidden, match="people who were never asked would be in by phone call"):
        publish_draft(draft=draft, by="ann")


def test_a_place_that_is_turned_on_is_named():
    mail = offers("marketing_emails", email={"elsewhere": {"CA-ON": False}})

    with pytest.raises(Forbidden, match="in by email in CA-QC"):
        publish_draft(draft=drafted(key="marketing_emails", offers=mail), by="ann")


def test_so_does_what_turns_something_on_for_many(settings):
    settings.HEED_BLAST_RADIUS = 0.5
    pat, joe = PatientFactory.create(), PatientFactory.create()
    more = {"offers": with_channel(SURVEYS, channel="phone")}
    with pytest.raises(Forbidden, match="something on for 2 of 2 people"):
        publish_draft(draft=drafted(**more), by="ann")

    chooses(pat, out())

    assert publish_draft(draft=drafted(**more), by="ann").approved_by == ""
    assert allowed(joe, SURVEYS, "phone")


def test_the_author_alone_is_no_second_person():
    with pytest.raises(Forbidden):
        services.publish(
            kind=RevisionKind.CATEGORY,
            key=SURVEYS,
            body={**stands().body, "required": True, "texts": required_texts()},
            author="ann",
            reason="Because",
            approved_by="ann",
        )


def test_whoever_is_kept_out_of_a_new_channel_is_not_counted():
    pat = PatientFactory.create()
    PatientFactory.create()
    chooses(pat, out(SURVEYS, "email"), out(SURVEYS, "sms"))

    found = weigh({**stands().body, "offers": with_channel(SURVEYS, channel="phone")}, stands().body)

    assert (found.turned_on, found.everybody) == (1, 2)
    assert found.reach == "This turns something on for 1 of 2 people (50.0 %)."


def test_words_turn_nothing_on_and_nobody_is_counted(django_assert_num_queries):
    before = stands().body
    with django_assert_num_queries(1):  # how many people there are
        found = weigh({**before, "order": 99}, before)

    assert found.turned_on == 0
    assert found.why == ""
    assert found.reach == "This turns nothing on for anybody."


def test_counting_takes_the_same_queries_however_many_there_are(django_assert_num_queries):
    before = stands().body
    for _ in range(5):
        PatientFactory.create()

    with django_assert_num_queries(6):
        weigh({**before, "offers": with_channel(SURVEYS, channel="phone")}, before)


# --- the law ---

CHANNELS = ("email", "sms", "phone")
acts = st.one_of(
    st.tuples(st.just("remove"), st.sampled_from(CHANNELS), st.booleans()),
    st.tuples(st.just("default"), st.sampled_from(CHANNELS), st.booleans()),
    st.tuples(st.just("elsewhere"), st.sampled_from(CHANNELS), st.sampled_from([{}, {"US-ME": False}])),
    st.tuples(st.just("required"), st.none(), st.booleans()),
    st.tuples(st.just("retired"), st.none(), st.booleans()),
)
saying = st.lists(
    st.tuples(st.sampled_from([SURVEYS, "*"]), st.sampled_from([*CHANNELS, "*"]), st.booleans()),
    min_size=1,
    max_size=3,
)


def carried_out(act, channel, value):
    """One publication."""
    body = stands().body
    if act in ("required", "retired"):
        return publish(SURVEYS, **{act: value}, texts=required_texts())
    if channel not in {each["channel"] for each in body["offers"]}:
        return publish(SURVEYS, offers=with_channel(SURVEYS, channel=channel, default=bool(value)))
    name = {"remove": "removed"}.get(act, act)
    return publish(SURVEYS, offers=offers(**{channel: {name: value}}))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=st.lists(saying, min_size=1, max_size=3), place=st.sampled_from(["", "US-ME"]), data=st.data())
def test_no_sequence_of_publications_turns_anybody_on_who_said_no(said, place, data):
    with rolled_back(), clock.at(RECORDED):
        catalogue.catalogue_at.cache_clear()  # the example before had its own revisions under these numbers
        pat = PatientFactory.create(jurisdiction=place)
        for minute, choices in enumerate(said):
            chooses(
                pat,
                *(into(c, ch) if yes else out(c, ch) for c, ch, yes in choices),
                said=by_system(occurred=t(minute)),
            )
        choices = load(Profile.objects.get(pk=pat.id).choices)
        denied = {each for each in CHANNELS if (SURVEYS, each) in said_no(pat)}
        everything = all(each in denied for each in ("email", "sms"))
        for act in data.draw(st.lists(acts, min_size=1, max_size=6)):
            note(f"{act} {choices}")
            defaults = by_default(pat)
            carried_out(*act)
            catalogue.catalogue_at.cache_clear()
            on = {each for each in CHANNELS if allowed(pat, SURVEYS, each)}
            assert not on & denied
            if not stands().body["required"]:  # which turns on all that nobody said no to
                assert not on & defaults, "whoever chose anything gets nothing that was off by default"
            assert not (everything and on)
        call_command("verify_ledger", verbosity=0)


def said_no(pat):
    """Where a no of the person's own holds now."""
    answers = {(SURVEYS, each): decided(pat, SURVEYS, each) for each in ("email", "sms")}
    return {cell for cell, answer in answers.items() if answer.reason == "choice" and not answer.allowed}


def by_default(pat):
    """Where nobody asked them and the answer is no."""
    answers = {each: decided(pat, SURVEYS, each) for each in CHANNELS}
    return {each for each, answer in answers.items() if answer.reason == "default" and not answer.allowed}


def test_a_draft_that_breaks_a_rule_is_refused_before_anybody_is_counted():
    with pytest.raises(Malformed, match="never on by default"):
        publish_draft(draft=drafted(key=OUTREACH, offers=offers(OUTREACH, phone={"default": True})), by="ann")
