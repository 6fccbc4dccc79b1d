"""A person corrects how they are reached: the new address is theirs once a code has come there (R16, R21)."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from destinations.models import OutgoingText
from portal import sending
from portal.links import link_for
from portal.models import Code
from portal.tasks import sweep
from preferences import identity, services
from preferences.models import Change, DataKey, Holding, Identifier, Outbox, Source
from preferences.selectors import Question, decide, decide_many
from preferences.services import Allowed, Call
from preferences.terms import Actor, IdentifierKind, Relation, RestrictionKind
from preferences.verify import verify
from tests.destinations.twilios import connection, sandbox
from tests.portal import codes, people
from tests.portal.forms import open_form, save, words
from tests.portal.test_telling import destination, row

__all__ = ["connection", "sandbox"]  # fixtures
pytestmark = pytest.mark.django_db
NEW = "joan.new@example.net"


def ledger_holds():
    return not [finding for part in verify() for finding in part.findings]


def the(value):
    return people.address("email" if "@" in value else "phone", value)


def send_to(client, new, *, old="", act="send"):
    """Which address is wrong, and which is right."""
    pk = str(the(old)) if old else ""
    return client.post("/p/addresses", {"old": pk, "address": new, "act": act})


def correct(client, new, *, old=""):
    """The whole way."""
    send_to(client, new, old=old)
    return client.post("/p/addresses/code", {"act": "enter", "code": codes.arrived()})


def held(who):
    """What they hold now, clear."""
    now = Holding.objects.filter(profile=who, until__isnull=True, identifier__kind__in=["email", "phone"])
    ids = {*now.values_list("identifier_id", flat=True)}
    return {value for value in (people.EMAIL, people.PHONE, NEW) if knows(value) and the(value) in ids}


def knows(value):
    kind = "email" if "@" in value else "phone"
    return bool(identity.find([identity.named(kind, value)]))


def test_a_new_email_takes_the_place_of_the_old_one_once_its_code_was_entered(visit_by_code, joan):
    assert send_to(visit_by_code, " Joan.New@Example.net ", old=people.EMAIL).headers["Location"] == (
        "/p/addresses/code"
    )
    assert held(joan) == {people.EMAIL, people.PHONE}
    answer = visit_by_code.post("/p/addresses/code", {"act": "enter", "code": codes.arrived()})

    assert answer.headers["Location"] == "/p/saved"
    assert mail.outbox[-1].to == [NEW]
    assert held(joan) == {NEW, people.PHONE}
    [holding] = Holding.objects.filter(identifier=the(NEW))
    assert (holding.verified_how, holding.source.slug) == ("code", "preference_page")
    page = words(visit_by_code.get("/p/saved").text)
    assert "j•••@e•••.net Yours, confirmed by a code j•••@e•••.org No longer yours" in page
    assert "This page is for j•••@e•••.net" in words(visit_by_code.get("/p").text)
    assert ledger_holds()


def test_every_system_hears_of_it(visit_by_code, joan):
    Outbox.objects.all().delete()

    correct(visit_by_code, NEW, old=people.EMAIL)

    told = {*Outbox.objects.values_list("subject", flat=True)}
    assert {str(joan), str(the(NEW)), str(the(people.EMAIL))} <= told


def test_the_next_page_says_which_systems_have_been_told_and_follows_them(visit_by_code, joan):
    system = row(destination("mail", "Our email service"), joan)
    correct(visit_by_code, NEW, old=people.EMAIL)

    page = visit_by_code.get("/p/saved").text
    assert "Our email service Being told…" in words(page)
    assert 'data-status="/p/status" data-done="no"' in page
    Outbox.objects.all().delete()
    assert system.acknowledged == system.wanted
    assert "Our email service Told" in words(visit_by_code.get("/p/saved").text)


def test_it_is_not_undone_here_and_nothing_that_is_saved_later_is_mixed_with_it(visit_by_code, joan):
    correct(visit_by_code, NEW, old=people.EMAIL)

    assert "Undo" not in words(visit_by_code.get("/p/saved").text)
    visit_by_code.post("/p/undo", {"act": "undo"})
    assert held(joan) == {NEW, people.PHONE}
    visit_by_code.post("/p/pause", {**open_form(visit_by_code), "pause": "patient_surveys.30"})
    assert "confirmed by a code" not in words(visit_by_code.get("/p/saved").text)


def test_a_receipt_and_their_history_tell_of_it(visit_by_code, joan):
    correct(visit_by_code, NEW, old=people.EMAIL)

    told = "j•••@e•••.net Yours, confirmed by a code j•••@e•••.org No longer yours You, on this page"
    assert told in words(visit_by_code.get("/p/receipt").text)
    assert told in words(visit_by_code.get("/p/history").text)
    [change] = visit_by_code.get("/p/receipt.json").json()["changes"]
    assert change["in_words"] == [
        "j•••@e•••.net: Yours, confirmed by a code",
        "j•••@e•••.org: No longer yours",
    ]


def test_what_a_list_says_of_an_address_is_no_word_of_theirs(visit_by_code):
    assert "There is nothing yet." in words(visit_by_code.get("/p/history").text)


def test_what_they_chose_stays_and_a_no_counts_at_both_addresses(visit_by_code, joan):
    save(visit_by_code, marketing_emails__email="no")

    correct(visit_by_code, NEW, old=people.EMAIL)

    for address in (NEW, people.EMAIL):
        [answer] = decide_many(
            "marketing_emails", "email", [Question(named=identity.named("email", address))]
        )
        assert not answer.allowed


def test_a_yes_does_not_go_along_with_the_old_address_to_whoever_has_it_next(visit_by_code, joan):
    save(visit_by_code, phone_outreach__sms="yes")
    visit_by_code.post("/p/addresses", {"old": str(the(people.PHONE)), "act": "gone"})
    mary = people.person(email="mary@example.net", phone=people.PHONE)

    assert not decide(mary, "phone_outreach", "sms").allowed


def test_a_link_alone_asks_for_a_code_first_and_goes_on_with_what_was_filled_in(visit, joan):
    assert send_to(visit, NEW, old=people.EMAIL).headers["Location"] == "/p/code"
    assert NEW not in str(dict(visit.session))

    assert codes.step_up(visit).headers["Location"] == "/p/addresses/code"
    visit.post("/p/addresses/code", {"act": "enter", "code": codes.arrived()})

    assert held(joan) == {NEW, people.PHONE}


def test_the_page_shows_masked_addresses_only(visit):
    page = visit.get("/p/addresses").text

    assert "j•••@e•••.org" in page
    assert people.EMAIL not in page
    assert people.PHONE not in page


def test_one_may_be_added_and_one_given_up_without_another(visit_by_code, joan):
    correct(visit_by_code, NEW)
    assert held(joan) == {people.EMAIL, people.PHONE, NEW}

    visit_by_code.post("/p/addresses", {"old": str(the(people.EMAIL)), "act": "gone"})
    assert held(joan) == {people.PHONE, NEW}


def test_whoever_has_none_adds_one(client, db):
    ana = people.person(email="", phone=people.PHONE)
    client.get(link_for(ana, address_id=the(people.PHONE)))
    session = client.session
    session["portal.visit"] = session["portal.visit"] | {"strength": "code"}
    session.save()

    correct(client, NEW)

    assert held(ana) == {people.PHONE, NEW}


def test_the_answer_is_the_same_whether_or_not_somebody_else_has_the_address(visit_by_code, joan):
    people.person(email="mary@example.net", phone="")
    seen = []
    for address in ("mary@example.net", "maxi@example.net"):
        send_to(visit_by_code, address)
        page = words(visit_by_code.get("/p/addresses/code").text).replace(address, "…")
        wrong = words(visit_by_code.post("/p/addresses/code", {"code": codes.wrong()}).text)
        wrong = wrong.replace(address, "…")
        visit_by_code.post("/p/addresses/code", {"code": codes.arrived()})
        seen.append((page, wrong, words(visit_by_code.get("/p/saved").text).count("confirmed by a code")))

    assert seen[0] == seen[1]
    assert "If we may write to …" in seen[0][0]


def test_what_was_just_typed_stands_there_whole_so_that_a_slip_is_seen_and_can_be_mended(visit_by_code):
    send_to(visit_by_code, "joan.nwe@example.net", old=people.EMAIL)
    page = visit_by_code.get("/p/addresses/code").text

    assert "If we may write to joan.nwe@example.net" in words(page)
    assert 'href="/p/addresses?change=1"' in page
    assert 'value="joan.nwe@example.net"' in visit_by_code.get("/p/addresses?change=1").text
    assert "joan.nwe@example.net" not in visit_by_code.get("/p/addresses").text
    assert "joan.nwe" not in str(dict(visit_by_code.session))
    assert people.EMAIL not in page


def test_a_code_to_an_address_that_we_know_shows_it_masked(visit):
    codes.send_here(visit)

    page = visit.get("/p/code").text
    assert "We have sent a 6-digit code to j•••@e•••.org" in words(page)
    assert people.EMAIL not in page


def test_asking_makes_no_row_for_the_address_before_the_background_work(visit_by_code):
    before = Identifier.objects.count()

    send_to(visit_by_code, NEW)

    assert Identifier.objects.count() == before
    assert Code.objects.latest("pk").identifier_id is None
    assert NEW.encode() not in bytes(Code.objects.latest("pk").sealed)


def days_later(days=3):
    """What the sweep finds then."""
    Code.objects.update(created_at=timezone.now() - timedelta(days=days))
    sweep()


def test_a_mistyped_address_whose_code_never_came_back_is_known_no_longer(visit_by_code):
    send_to(visit_by_code, NEW)
    sending.send_due()
    pk = the(NEW)

    days_later(1)
    assert knows(NEW)
    days_later()

    assert not knows(NEW)
    assert not DataKey.objects.filter(owner=pk).exists()
    assert ledger_holds()


def test_a_mistyped_address_stays_while_a_newer_code_points_to_it(visit_by_code):
    for _ in range(2):
        send_to(visit_by_code, NEW)
        sending.send_due()
    first, second = Code.objects.exclude(sealed=b"").order_by("pk")
    Code.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=3))

    sweep()
    assert knows(NEW)
    assert Code.objects.exclude(sealed=b"").get() == second

    days_later()
    assert not knows(NEW)


def test_a_number_to_which_a_text_of_ours_went_stays_while_that_is_kept(visit_by_code, connection):
    send_to(visit_by_code, "+1 202 555 0177")
    sending.send_due()
    assert OutgoingText.objects.filter(identifier=the("+12025550177")).count() == 1

    days_later()

    assert knows("+12025550177")
    assert not Code.objects.exists()


def test_what_stands_on_an_address_stays_and_so_does_whoever_holds_it(visit_by_code, joan):
    for address in (NEW, "mary@example.net"):
        send_to(visit_by_code, address)
        sending.send_due()
    services.restrict(identifier_id=the(NEW), kind=RestrictionKind.SUPPRESSED, said=people.said())
    people.person(email="mary@example.net", phone="")
    correct(visit_by_code, "j2@example.net")

    days_later()

    assert all(map(knows, (NEW, "mary@example.net", "j2@example.net", people.EMAIL)))
    assert ledger_holds()


def test_no_code_goes_to_the_living_that_would_make_their_mailbox_that_of_somebody_who_died(
    visit_by_code, joan
):
    people.person(email=NEW, phone="")
    services.set_deceased(profile_id=joan, deceased=True, said=people.by_staff())

    send_to(visit_by_code, NEW)

    assert sending.send_due() == 0


def test_a_wrong_code_changes_nothing_and_five_are_all(visit_by_code, joan):
    send_to(visit_by_code, NEW, old=people.EMAIL)
    wrong, right = codes.wrong(), codes.arrived()

    for _ in range(5):
        assert visit_by_code.post("/p/addresses/code", {"code": wrong}).status_code == 422
    answer = visit_by_code.post("/p/addresses/code", {"code": right})

    assert answer.status_code == 422
    assert held(joan) == {people.EMAIL, people.PHONE}


def test_the_code_counts_once(visit_by_code, joan):
    send_to(visit_by_code, NEW, old=people.EMAIL)
    code, thief = codes.arrived(), Client()
    thief.cookies = visit_by_code.cookies.copy()
    visit_by_code.post("/p/addresses/code", {"code": code})
    before = Change.objects.count()

    thief.post("/p/addresses/code", {"code": code})
    visit_by_code.post("/p/addresses/code", {"code": code})

    assert Change.objects.count() == before


def test_two_corrections_at_once_both_stand_and_the_old_one_is_given_up_once(visit_by_code, joan):
    ids = identity.find_or_make([identity.named("email", each) for each in (NEW, "j2@example.net")])
    said = people.said(Source.objects.get(slug="preference_page"), Actor.PERSON)
    for new in ids.values():
        services.correct_address(profile_id=joan, new=new, old=the(people.EMAIL), said=said)

    now = Holding.objects.filter(profile=joan, until__isnull=True, identifier__kind="email")
    assert {*now.values_list("identifier_id", flat=True)} == {*ids.values()}
    assert ledger_holds()


def test_a_new_address_gets_five_codes_an_hour(visit_by_code):
    answers = [send_to(visit_by_code, NEW).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]


def test_a_suppressed_address_is_sent_nothing_and_the_page_says_what_that_may_mean(visit_by_code, joan):
    people.person(email="mary@example.net", phone="")
    services.restrict(
        identifier_id=the("mary@example.net"), kind=RestrictionKind.SUPPRESSED, said=people.said()
    )
    before = len(mail.outbox)

    send_to(visit_by_code, "mary@example.net")
    sending.send_due()

    assert len(mail.outbox) == before
    page = words(visit_by_code.get("/p/addresses/code").text)
    assert "Were we asked not to use it? Then we cannot send a code there." in page
    assert "Text START from it first." not in page  # nobody texts from an email


def by_text_only(who):
    """They are reached at another phone, and in no other way."""
    phone = identity.named("phone", "+12025550777")
    services.order(profile_id=who, allowed=[Allowed("sms", phone)], said=people.by_staff())


def test_an_address_of_somebody_under_an_order_that_does_not_allow_it_is_sent_nothing(visit_by_code):
    by_text_only(people.person(email="mary@example.net", phone=""))
    before = len(mail.outbox)

    send_to(visit_by_code, "mary@example.net")
    sending.send_due()

    assert len(mail.outbox) == before


def test_it_is_sent_a_code_where_somebody_else_may_be_reached_there(visit_by_code):
    by_text_only(people.person(email="mary@example.net", phone=""))
    people.person(email="mary@example.net", phone="+12025550155")
    before = len(mail.outbox)

    send_to(visit_by_code, "mary@example.net")
    sending.send_due()

    assert len(mail.outbox) == before + 1


def test_under_an_order_nothing_is_corrected_here(visit_by_code, joan):
    send_to(visit_by_code, NEW, old=people.EMAIL)
    code = codes.arrived()
    services.order(
        profile_id=joan,
        allowed=[Allowed("email", identity.named("email", people.EMAIL))],
        said=people.by_staff(),
    )

    assert visit_by_code.post("/p/addresses/code", {"code": code}).status_code == 422
    assert "You asked us to reach you in some ways only." in visit_by_code.get("/p/addresses").text
    assert send_to(visit_by_code, "j3@example.net").status_code == 403
    assert held(joan) == {people.EMAIL, people.PHONE}


@pytest.mark.parametrize(
    ("new", "old", "says"),
    [
        ("nonsense", "", "This does not look like an email. Enter it like name@example.org."),
        ("", "", "This does not look like an email. Enter it like name@example.org."),
        ("+12025550166", "", "We cannot send codes by text."),
        (NEW, people.PHONE, "To replace an email, enter an email."),
    ],
)
def test_what_can_not_be_is_said_in_plain_words(visit_by_code, new, old, says):
    answer = send_to(visit_by_code, new, old=old)

    assert answer.status_code == 422
    assert says in words(answer.text)
    assert f'value="{the(old) if old else ""}" checked' in answer.text


def test_an_address_of_somebody_else_is_not_given_up_for_them(visit_by_code):
    mary = people.person(email="mary@example.net", phone="")

    answer = send_to(visit_by_code, "", old="mary@example.net", act="gone")

    assert "Please choose which one is no longer yours." in answer.text
    assert Holding.objects.filter(profile=mary, identifier__kind="email", until__isnull=True).exists()


def test_a_list_that_still_has_the_old_address_does_not_bring_it_back(visit_by_code, joan):
    correct(visit_by_code, NEW, old=people.EMAIL)

    people.person()  # the clinic sends what it always sent

    assert held(joan) == {NEW, people.PHONE}
    assert ledger_holds()


def test_staff_bring_it_back_when_the_person_asks(visit_by_code, joan):
    correct(visit_by_code, NEW, old=people.EMAIL)
    number = identity.named(IdentifierKind.EXTERNAL_ID, f"patient {people.EMAIL}{people.PHONE}", "clinic")
    call = Call(identifiers=(number, identity.named("email", people.EMAIL)))

    services.identify(call=call, said=people.by_staff())

    assert people.EMAIL in held(joan)
    assert ledger_holds()


def test_the_same_address_entered_again_is_theirs_and_not_given_up_too(visit_by_code, joan):
    correct(visit_by_code, people.EMAIL.upper(), old=people.EMAIL)

    assert people.EMAIL in held(joan)
    assert "No longer yours" not in words(visit_by_code.get("/p/saved").text)


def test_two_addresses_that_look_alike_masked_show_a_letter_more(visit_by_code, joan):
    for value in ("joan.old@gmail.test", "joan.new@gmail.test"):
        correct(visit_by_code, value)

    for path in ("/p/addresses", "/p/only"):
        page = words(visit_by_code.get(path).text)
        assert "j•••d@g•••l.test" in page
        assert "j•••w@g•••l.test" in page
        assert "j•••@e•••.org" in page


# --- for somebody they look after ---


@pytest.fixture
def sam(db):
    return people.person(email="sam@example.net", phone="+12025550188", jurisdiction="US-CA")


def look_after(client, joan, sam, relation):
    people.looks_after(joan, sam, relation, born=timezone.now().date() - timedelta(days=3000))
    client.post("/p/for", {"person": str(sam)})


@pytest.mark.parametrize("relation", [Relation.PARENT, Relation.REPRESENTATIVE])
def test_who_stands_in_their_place_corrects_for_them_and_both_are_in_the_ledger(
    visit_by_code, joan, sam, relation
):
    look_after(visit_by_code, joan, sam, relation)

    correct(visit_by_code, NEW, old="sam@example.net")

    assert held(sam) == {NEW}
    assert held(joan) == {people.EMAIL, people.PHONE}
    assert "s•••@e•••.net No longer yours" in words(visit_by_code.get("/p/saved").text)
    change = Change.objects.filter(subject_id=sam).latest("id")
    marks = [each for each in json.loads(change.entries) if each["do"] == "holding"]
    assert {(each["by"], each["who"]) for each in marks} == {("proxy", str(joan))}
    assert all(each["grant"] for each in marks)


def test_a_caregiver_is_told_that_they_may_not(visit_by_code, joan, sam):
    look_after(visit_by_code, joan, sam, Relation.CAREGIVER)

    page = words(visit_by_code.get("/p/addresses").text)
    answer = send_to(visit_by_code, NEW, old="sam@example.net")

    assert "You may choose messages for this person, but not change how we reach them." in page
    assert answer.status_code == 403
    assert not Code.objects.filter(profile=sam).exists()


def test_a_code_for_one_page_is_of_no_use_on_another(visit_by_code, joan, sam):
    send_to(visit_by_code, NEW, old=people.EMAIL)
    code = codes.arrived()
    look_after(visit_by_code, joan, sam, Relation.REPRESENTATIVE)

    answer = visit_by_code.post("/p/addresses/code", {"code": code})

    assert answer.headers["Location"] == "/p/addresses"
    assert held(sam) == set()


def test_looking_does_nothing(visit_by_code):
    send_to(visit_by_code, NEW)
    before = (Change.objects.count(), Code.objects.count())

    for path in ("/p/addresses", "/p/addresses/code"):
        visit_by_code.get(path)
        visit_by_code.head(path)

    assert (Change.objects.count(), Code.objects.count()) == before


def test_no_address_stands_in_a_url(visit_by_code):
    assert not re.search(r"href=\"[^\"]*[0-9a-f]{8}-", visit_by_code.get("/p/addresses").text)


def test_what_was_corrected_by_mistake_is_put_right_by_staff(visit_by_code, joan):
    correct(visit_by_code, NEW, old=people.EMAIL)
    change = Change.objects.filter(subject_id=joan).latest("id")

    services.void(change_id=change.pk, said=people.by_staff(), reason="It was not she")

    assert held(joan) == {people.EMAIL, people.PHONE}
    assert ledger_holds()


@pytest.mark.parametrize("new", [NEW, ""], ids=["with another", "without another"])
def test_whoever_still_reads_the_old_mailbox_sees_the_page_no_longer(visit_by_code, joan, new):
    came_there = link_for(joan, address_id=the(people.EMAIL))
    theirs = Client()
    theirs.get(came_there)
    codes.step_up(theirs)

    if new:
        correct(visit_by_code, new, old=people.EMAIL)
    else:
        visit_by_code.post("/p/addresses", {"old": str(the(people.EMAIL)), "act": "gone"})

    for page in ("/p", "/p/history", "/p/addresses", "/p/only", "/p/status"):
        assert theirs.get(page).status_code == 403
    assert Client().get(came_there).status_code == 410


def test_whoever_gives_up_the_address_by_which_they_came_goes_on(visit_by_code):
    visit_by_code.post("/p/addresses", {"old": str(the(people.EMAIL)), "act": "gone"})

    assert "No longer yours" in words(visit_by_code.get("/p/saved").text)
    assert visit_by_code.get("/p/history").status_code == 200
