"""What somebody chose before, on their own page: all of it, in plain words, for their eyes only."""

import re
from dataclasses import replace

from destinations.models import Destination
from portal import past
from portal.links import link_for
from preferences import identity, services
from preferences.models import Change, Profile, Source
from preferences.services import Allowed, Choice
from preferences.terms import Actor, IdentifierKind, RestrictionKind, State
from tests.portal import codes, people
from tests.portal.forms import open_form, save, words
from tests.portal.test_telling import destination


def history(client, page=1):
    """What it says, from its heading on."""
    text = words(client.get(f"/p/history?page={page}").text)
    return text[text.index("What you chose") :]


def by_code(client, who, email):
    """Their page, opened by the link that was mailed to them and a code that went there."""
    client.get(link_for(who, address_id=people.address("email", email)))
    codes.step_up(client)
    return client


def test_somebody_with_a_link_alone_is_asked_for_a_code_first(visit):
    assert visit.get("/p/history").headers["Location"] == "/p/code"


def test_nobody_without_a_visit_reads_it(client, db):
    assert client.get("/p/history").status_code == 403


def test_who_was_never_asked_reads_that_there_is_nothing(visit_by_code):
    assert "There is nothing yet." in history(visit_by_code)


def test_it_says_what_was_chosen_and_that_it_was_here(visit_by_code):
    save(visit_by_code, appointment_reminders__sms="no")

    assert "Appointment reminders: Text message No You, on this page Receipt" in history(visit_by_code)


def test_the_newest_is_first(visit_by_code):
    save(visit_by_code, appointment_reminders__sms="no")
    save(visit_by_code, appointment_reminders__sms="yes")

    text = history(visit_by_code)
    assert text.index("Text message Yes") < text.index("Text message No")


def test_a_stop_is_told_with_the_phone_it_came_from_masked(visit_by_code, joan):
    people.texted_stop()

    text = history(visit_by_code)
    assert "Texts to ••• ••• 0143 STOP A text from ••• ••• 0143" in text
    assert "2025550143" not in text


def test_a_system_is_told_by_the_name_that_patients_read(visit_by_code, joan):
    source = people.clinic()
    Destination.objects.filter(pk=destination("mail", "Our email service").pk).update(source=source)
    services.record(
        profile_id=joan, choices=[Choice("marketing_emails", "email", State.OUT)], said=people.said()
    )

    assert "Marketing emails: Email No Our email service" in history(visit_by_code)


def test_what_staff_recorded_is_the_care_teams(visit_by_code, joan):
    services.record(
        profile_id=joan, choices=[Choice("patient_surveys", "sms", State.OUT)], said=people.by_staff()
    )

    text = history(visit_by_code)
    assert "Patient surveys: Text message No Your care team" in text
    assert "ruth" not in text


def test_a_browsers_signal_is_told_as_such(visit_by_code):
    visit_by_code.get("/p", headers={"Sec-GPC": "1"})

    assert "No Your browser’s privacy signal" in history(visit_by_code)


def test_a_pause_and_its_end_are_told(visit_by_code):
    visit_by_code.post("/p/pause", {**open_form(visit_by_code), "pause": "patient_surveys.30"})

    assert "Patient surveys Paused until " in history(visit_by_code)


def test_a_yes_that_does_not_count_says_why(visit_by_code, joan):
    services.record(profile_id=joan, choices=[Choice("phone_outreach", "sms", State.IN)], said=people.said())

    assert "This yes does not count. We need to hear it from you." in history(visit_by_code)


def test_what_was_taken_back_stays_and_says_so(visit_by_code):
    save(visit_by_code, appointment_reminders__sms="no")
    visit_by_code.post("/p/undo", {"act": "undo"})

    text = history(visit_by_code)
    assert "Appointment reminders: Text message No Taken back on " in text
    assert ": You, on this page. It does not count any more." in text


def test_who_acted_for_them_is_named_by_relation_and_masked_address_but_under_no_order(visit_by_code, joan):
    carer = people.person(email="ann@example.net", phone="")
    people.looks_after(carer, joan)
    page = Source.objects.get(slug="preference_page")
    services.record_by_proxy(
        profile_id=joan,
        proxy_id=carer,
        choices=[Choice("patient_surveys", "email", State.OUT)],
        said=people.said(page, Actor.PERSON),
    )

    text = history(visit_by_code)
    assert "Patient surveys: Email No Your caregiver (a•••@e•••.net), for you" in text
    assert "Someone else may choose for you Yes, until " in text

    safe = Allowed("email", identity.named(IdentifierKind.EMAIL, "safe@shelter.example"))
    services.order(profile_id=carer, allowed=[safe], said=people.by_staff())
    assert "Patient surveys: Email No Your caregiver, for you" in history(visit_by_code)


def test_whoever_looks_after_somebody_does_not_read_their_past(visit_by_code, joan):
    sam = people.person(email="sam@example.net", phone="")
    people.looks_after(joan, sam)
    visit_by_code.post("/p/for", {"person": str(sam)})

    assert visit_by_code.get("/p/history").headers["Location"] == "/p"
    assert "See what you chose before" not in visit_by_code.get("/p").text


def test_under_an_order_only_what_it_allows_is_named(visit_by_code, joan):
    people.texted_stop()
    email = identity.named(IdentifierKind.EMAIL, people.EMAIL)
    services.order(profile_id=joan, allowed=[Allowed("email", email)], said=people.by_staff())

    text = history(visit_by_code)
    assert "Texts to an email or phone of yours STOP A text from a phone of yours" in text
    assert "Reach me in this way only Email j•••@e•••.org" in text


def test_who_turned_out_to_be_the_same_person_is_part_of_it(visit_by_code, joan):
    other = people.person(email="joan@work.example", phone="")
    people.chose(other, ("patient_surveys", "sms", State.OUT))
    services.merge(survivor_id=joan, other_id=other, said=people.by_staff(), reason="Same person")

    assert "Patient surveys: Text message No" in history(visit_by_code)


def test_times_are_those_of_where_the_person_is(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")

    assert re.search(r"\d [ap]\.m\. E[SD]T", history(visit_by_code))
    Profile.objects.filter(pk=joan).update(time_zone="Asia/Tokyo")
    assert " JST" in history(visit_by_code)


def test_a_long_past_has_pages(visit_by_code, joan, monkeypatch):
    monkeypatch.setattr(past, "PER_PAGE", 2)
    for answer in ("no", "yes", "no"):
        save(visit_by_code, appointment_reminders__sms=answer)

    assert "Older" in history(visit_by_code)
    assert "Newer" not in history(visit_by_code)
    assert history(visit_by_code, 2).count("You, on this page") == 1
    assert "Newer" in history(visit_by_code, 2)


def test_it_takes_a_fixed_number_of_queries(visit_by_code, joan, django_assert_num_queries):
    for answer in ("no", "yes", "no", "yes"):
        save(visit_by_code, appointment_reminders__sms=answer, patient_surveys__email=answer)

    with django_assert_num_queries(14):
        visit_by_code.get("/p/history")


# --- an address that somebody else had before, or has too ---


def test_what_an_earlier_holder_asked_and_took_back_is_not_theirs_to_read(client, db):
    people.person(email="ann@example.net")
    people.texted_stop()
    phone = people.address("phone", people.PHONE)
    services.lift(identifier_id=phone, kind=RestrictionKind.STOP, said=people.said(), from_handset=True)
    ana = people.person(email="ana@example.net")

    assert "There is nothing yet." in history(by_code(client, ana, "ana@example.net"))


def test_a_stop_that_still_stands_there_is_told_since_it_holds_for_them(client, db):
    people.person(email="ann@example.net")
    people.texted_stop()
    ana = people.person(email="ana@example.net")

    assert "Texts to ••• ••• 0143 STOP A text from ••• ••• 0143" in history(
        by_code(client, ana, "ana@example.net")
    )


def test_who_acted_for_somebody_else_at_an_address_that_they_share_is_not_named(visit_by_code, joan):
    people.person(email="sam@example.net")  # with the same phone
    carer = people.person(email="carer@example.net", phone="")
    page = Source.objects.get(slug="preference_page")
    for by, who in ((Actor.PROXY, str(carer)), (Actor.PERSON, "")):
        services.restrict(
            identifier_id=people.address("phone", people.PHONE),
            kind=RestrictionKind.SUPPRESSED,
            said=replace(people.said(page, by), who=who),
            category="patient_surveys" if who else "care_follow_ups",
        )

    text = history(visit_by_code)
    assert text.count("No Someone who uses this email or phone") == 2
    assert "c•••@e•••.net" not in text
    receipt = visit_by_code.get(f"/p/receipt.json?of={Change.objects.latest('id').pk}").json()
    assert receipt["changes"][0]["from"] == "Someone who uses this email or phone"


def test_what_others_did_is_not_in_it(visit_by_code, joan):
    other = people.person(email="kim@example.org", phone="")
    people.chose(other, ("patient_surveys", "sms", State.OUT))

    assert "There is nothing yet." in history(visit_by_code)
    assert Change.objects.filter(subject_id=other).exists()
