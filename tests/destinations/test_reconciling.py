"""Comparing what a system holds with what Heed says, against real systems."""

import sqlite3
from datetime import timedelta

import pytest
import requests
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from destinations import comparing, credentials
from destinations.connectors import CONNECTORS
from destinations.contract import Reason, Stuck
from destinations.mapping.published import default_body
from destinations.models import Attempt, Destination, Discrepancy, Propagation, Reconciliation
from destinations.services import do_or_ask, mending, set_state
from destinations.services.mending import adopt, leave, mend_on, push
from destinations.services.noting import note
from destinations.services.reconciling import begin, look_on
from destinations.tasks import compare, sweep
from destinations.terms import Act, DestinationState
from preferences import selectors
from preferences.errors import Malformed
from preferences.models import Change, Profile
from preferences.services import Choice, publish
from preferences.terms import RevisionKind, State
from tests.destinations.connectors.smart import SIGNS_IN, registered
from tests.factories import PatientFactory
from tests.world import MRN_SYSTEM

NO = Choice("marketing_emails", "email", State.OUT)


def joins_group(world, email: str, group: int = 101) -> None:
    """Somebody unsubscribes at SendGrid itself."""
    url = f"{world.sandboxes['sendgrid'].url}/v3/asm/groups/{group}/suppressions"
    answer = requests.post(
        url, json={"recipient_emails": [email]}, headers={"Authorization": "Bearer SG.test"}, timeout=5
    )
    answer.raise_for_status()


def compared(slug: str) -> Reconciliation:
    found = begin(destination=Destination.objects.get(slug=slug), by="ana")
    while not look_on(reconciliation=found):
        pass
    return found


def differing(slug: str) -> list[tuple[str, str]]:
    found = compared(slug).found.order_by("id")
    return list(found.values_list("target", "side"))


def test_where_both_agree_nothing_is_found(world):
    ana = PatientFactory.create()
    PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    found = compared("sendgrid")
    assert (found.looked_at, found.unread, found.found.count()) == (2, 0, 0)


def test_what_was_taken_off_there_is_found_and_told_again(world):
    ana = PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    world.leaves_group(ana.email, 101)
    assert differing("sendgrid") == [("groups.marketing_emails", "missing_there")]
    found = Reconciliation.objects.get()
    do_or_ask(destination=found.destination, act=Act.PUSH, group=str(found.pk), by="ana")
    world.quiet()
    assert world.suppressed(ana.email) == {"marketing_emails"}
    assert Discrepancy.objects.get().mended == "pushed"


def test_an_opt_out_made_there_is_found_and_adopted(world):
    ana = PatientFactory.create()
    world.quiet()
    joins_group(world, ana.email)
    assert differing("sendgrid") == [("groups.marketing_emails", "only_there")]
    found = Reconciliation.objects.get()
    assert adopt(reconciliation=found, by="ana") == 1
    mend_on(60, found)
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed
    assert selectors.decide(ana.id, "appointment_reminders", "email").allowed


def test_comparing_writes_nothing_anywhere(world):
    ana, ben = PatientFactory.create(), PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    joins_group(world, ben.email)
    world.leaves_group(ana.email, 101)
    changes, attempts = Change.objects.count(), Attempt.objects.count()
    compared("sendgrid")
    assert (world.suppressed(ana.email), world.suppressed(ben.email)) == (set(), {"marketing_emails"})
    assert (Change.objects.count(), Attempt.objects.count()) == (changes, attempts)


def test_a_yes_here_puts_nobody_back_there(world):
    ana = PatientFactory.create()
    joins_group(world, ana.email)
    world.chooses(ana.id, Choice("marketing_emails", "email", State.IN))
    compared("sendgrid")
    assert world.suppressed(ana.email) == {"marketing_emails"}


def test_salesforce_is_compared_by_person(world):
    person = world.registers(mrn="1", email="ana@example.org").profile_id
    world.plant("salesforce", Contact=[{"Email": "ana@example.org", "MRN__c": "1"}])
    world.chooses(person, NO)
    world.quiet()
    assert differing("salesforce") == []
    surveys = {"Patient_Surveys_Sms_Opt_Out__c": True, "Marketing_Emails_Email_Opt_Out__c": False}
    world.plant("salesforce", Contact=[{"Id": world.contact("1")["Id"], **surveys}])
    assert sorted(differing("salesforce")) == [
        ("Marketing_Emails_Email_Opt_Out__c", "missing_there"),
        ("Patient_Surveys_Sms_Opt_Out__c", "only_there"),
    ]


def test_an_ehr_is_compared_by_what_heeds_own_consents_say(world):
    person = world.registers(mrn="RH1", email="ana@example.org").profile_id
    world.plant("fhir", Patient=[{"id": "p1", "identifier": [{"system": MRN_SYSTEM, "value": "RH1"}]}])
    world.chooses(person, NO, Choice("patient_surveys", "sms", State.IN))
    world.quiet()
    assert differing("fhir") == []
    with world.sandboxes["fhir"].store as store:
        stands = {each["identifier"][0]["value"].split("/")[1]: each for each in store.all("Consent")}
    surveys = stands["patient_surveys"]["provision"]
    denied = {**surveys, "type": "deny", "provision": [{**surveys["provision"][0], "type": "deny"}]}
    world.plant(
        "fhir",
        Consent=[
            {**stands["marketing_emails"], "status": "inactive"},
            {**stands["patient_surveys"], "provision": denied},
        ],
    )
    before = world.consents("RH1")
    world.sandboxes["fhir"].requests.clear()
    assert sorted(differing("fhir")) == [
        ("marketing_emails.email", "missing_there"),
        ("patient_surveys.sms", "only_there"),
    ]
    assert {each["method"] for each in world.sandboxes["fhir"].requests} == {"GET"}
    assert world.consents("RH1") == before
    call_command("reconcile", "fhir", push=True, adopt=True)
    world.quiet()
    assert world.consents("RH1")["marketing_emails"] == "active deny"
    assert not selectors.decide(person, "patient_surveys", "sms").allowed


def test_marks_on_phones_are_compared_too(world):
    person = world.registers(mrn="RH1", email="ana@example.org", phone="+12025550101").profile_id
    phone = {"system": "phone", "value": "202-555-0101"}
    patient = {"id": "p1", "identifier": [{"system": MRN_SYSTEM, "value": "RH1"}], "telecom": [phone]}
    world.plant("fhir", Patient=[patient])
    body = default_body("fhir")
    rows = [*body["rows"], {"target": "telecom.sms", "source": "all_out:sms"}]
    publish(kind=RevisionKind.MAPPER, key="fhir", body={**body, "rows": rows}, author="x", reason="x")
    texts = ("appointment_reminders", "patient_surveys", "care_follow_ups", "phone_outreach")
    world.chooses(person, *(Choice(each, "sms", State.OUT) for each in texts))
    world.quiet()
    assert "urn:heed:do-not-use" in str(world.record_of("fhir", mrn="RH1"))
    assert differing("fhir") == []
    world.plant("fhir", Patient=[patient])
    assert differing("fhir") == [("telecom.sms", "missing_there")]
    assert "urn:heed:do-not-use" not in str(world.record_of("fhir", mrn="RH1"))


def test_an_ehr_that_takes_bundles_and_signs_in_is_compared_by_reading_all_the_same(world):
    ehr = world.sandboxes["fhir"]
    world.plant("fhir", **registered())
    Destination.objects.filter(slug="fhir").update(
        secrets=credentials.lock({"private_key": SIGNS_IN["private_key"]}),
        settings={**Destination.objects.get(slug="fhir").settings, "client_id": "heed", "bundle_max": "50"},
    )
    for number in range(3):
        pk = f"RH{number}"
        person = world.registers(mrn=pk, email=f"p{number}@example.org").profile_id
        world.plant("fhir", Patient=[{"id": pk, "identifier": [{"system": MRN_SYSTEM, "value": pk}]}])
        world.chooses(person, NO, Choice("sale_or_sharing", "", State.OUT))
    world.quiet()
    assert {world.consents(f"RH{number}")["marketing_emails"] for number in range(3)} == {"active deny"}
    with ehr.store as store:
        store.remove("Consent")
    ehr.requests.clear()
    assert len(differing("fhir")) == 6
    assert {each["method"] for each in ehr.requests if each["path"] != "/token"} == {"GET"}
    assert not world.consents("RH0")


def test_everyone_of_a_large_batch_is_looked_at(world, monkeypatch):
    monkeypatch.setattr(comparing, "CALLS_MAX", 6)
    PatientFactory.create_batch(9)
    world.quiet()
    found = compared("sendgrid")
    assert (found.looked_at, found.unread) == (9, 0)


def test_nothing_is_mended_before_it_has_ended(world, admin_client):
    found = begin(destination=Destination.objects.get(slug="sendgrid"), by="ana")
    for mend in (push, adopt):
        with pytest.raises(Malformed, match="still being compared"):
            mend(reconciliation=found, by="ana")
    assert admin_client.get(f"/admin/destinations/reconciliation/{found.pk}/push/").status_code == 403


def test_it_goes_on_where_it_was_broken_off(world):
    PatientFactory.create_batch(3)
    found = begin(destination=Destination.objects.get(slug="sendgrid"), by="ana")
    again = begin(destination=Destination.objects.get(slug="sendgrid"), by="ben")
    assert found == again


def test_a_system_that_is_down_is_gone_on_with_later_and_nothing_is_found_about_anybody(world):
    ana = PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    world.leaves_group(ana.email, 101)
    world.faults("sendgrid", status=503, times=1)
    with pytest.raises(CommandError, match="cannot be read now"):
        call_command("reconcile", "sendgrid")
    assert not Discrepancy.objects.exists()
    world.heal()
    assert differing("sendgrid") == [("groups.marketing_emails", "missing_there")]
    assert Reconciliation.objects.count() == 1


def test_systems_are_compared_by_themselves_every_few_days(world, settings):
    PatientFactory.create()
    world.quiet()
    sweep()
    assert not Reconciliation.objects.exists()  # they have just been connected
    Destination.objects.update(created_at=timezone.now() - timedelta(days=8))
    sweep()
    compare()
    done = Reconciliation.objects.filter(finished_at__isnull=False)
    assert set(done.values_list("destination__slug", flat=True)) == {"sendgrid", "salesforce", "fhir"}
    sweep()
    assert Reconciliation.objects.count() == 3


def test_somebody_whose_record_is_refused_there_does_not_keep_it_from_ending(world, monkeypatch):
    PatientFactory.create()
    monkeypatch.setattr(type(CONNECTORS["sendgrid"]), "deliver", refused)
    found = compared("sendgrid")
    assert (found.unread, found.why) == (1, "rejected_data")


def refused(self, batch, settings):
    for each in batch:
        yield each.is_(Stuck(Reason.REJECTED_DATA))


def test_two_who_look_at_once_count_nobody_twice_and_what_is_over_stays_over(world):
    PatientFactory.create_batch(3)
    system = Destination.objects.get(slug="sendgrid")
    first, second = begin(destination=system, by="ana"), begin(destination=system, by="ben")
    for each in (first, second):  # people
        assert not look_on(reconciliation=each)
    while not look_on(reconciliation=first):  # lists
        pass
    assert look_on(reconciliation=second)
    assert second.looked_at == 3


def test_a_connector_that_fails_keeps_no_other_system_from_being_compared(world, monkeypatch):
    PatientFactory.create()
    for slug in ("sendgrid", "salesforce"):
        begin(destination=Destination.objects.get(slug=slug), by="ana")
    monkeypatch.setattr(type(CONNECTORS["sendgrid"]), "deliver", broken)
    compare()
    assert Reconciliation.objects.filter(finished_at__isnull=False).count() == 2
    assert Reconciliation.objects.get(destination__slug="sendgrid").why == "broken"


def broken(self, batch, settings):
    yield from ()
    raise KeyError


@pytest.mark.parametrize(("slug", "words"), [("nobody", "there is no system"), ("webhook", "cannot be read")])
def test_the_command_says_what_cannot_be_compared(world, slug, words):
    with pytest.raises(CommandError, match=words):
        call_command("reconcile", slug)


def test_a_paused_system_is_not_called(world):
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.PAUSED)
    with pytest.raises(CommandError, match="paused"):
        call_command("reconcile", "sendgrid")


def test_the_command_compares_and_mends(world, capsys):
    ana, ben = PatientFactory.create(), PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    world.leaves_group(ana.email, 101)
    joins_group(world, ben.email)
    call_command("reconcile", "sendgrid", push=True, adopt=True)
    said = capsys.readouterr().out
    assert "1 are out here and not there, 1 are out there and not here" in said
    world.quiet()
    assert world.suppressed(ana.email) == world.suppressed(ben.email) == {"marketing_emails"}


def test_staff_compare_a_system_and_mend_it_with_buttons(world, admin_client):
    ana, ben = PatientFactory.create(), PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    world.leaves_group(ana.email, 101)
    joins_group(world, ben.email)
    system = Destination.objects.get(slug="sendgrid")
    admin_client.post(f"/admin/destinations/destination/{system.pk}/compare/")
    compare()
    found = Reconciliation.objects.get()
    page = f"/admin/destinations/reconciliation/{found.pk}"
    assert "No here, not there" in admin_client.get(f"{page}/change/").content.decode()
    for button in ("push", "adopt"):
        assert admin_client.get(f"{page}/{button}/").status_code == 200
        assert admin_client.post(f"{page}/{button}/").status_code == 302
    compare()
    listed = admin_client.get(f"/admin/destinations/discrepancy/?reconciliation__id__exact={found.pk}")
    assert "They were told again" in listed.content.decode()
    world.quiet()
    assert world.suppressed(ana.email) == world.suppressed(ben.email) == {"marketing_emails"}


def test_somebody_who_was_forgotten_meanwhile_keeps_nobody_elses_no_from_counting(world):
    people = [world.registers(mrn=mrn, email=f"{mrn}@example.org").profile_id for mrn in ("ana", "ben")]
    box = {"Patient_Surveys_Sms_Opt_Out__c": True}
    world.plant(
        "salesforce",
        Contact=[{"Email": f"{mrn}@example.org", "MRN__c": mrn, **box} for mrn in ("ana", "ben")],
    )
    found = compared("salesforce")
    assert found.found.count() == 2
    Profile.objects.filter(pk=people[0]).update(erased_at=timezone.now())
    adopt(reconciliation=found, by="ana")
    mend_on(60, found)
    assert found.found.filter(mended="").count() == 1
    assert not selectors.decide(people[1], "patient_surveys", "sms").allowed


def test_many_opt_outs_of_a_system_that_was_told_nothing_yet_are_taken_over_by_two(world):
    for each in PatientFactory.create_batch(20):
        joins_group(world, each.email)
    Propagation.objects.all().delete()
    found = compared("sendgrid")
    assert do_or_ask(destination=found.destination, act=Act.ADOPT, group=str(found.pk), by="ana").approval


def test_whoever_said_yes_since_the_comparison_stays_in(world):
    ana = PatientFactory.create()
    joins_group(world, ana.email)
    found = compared("sendgrid")
    world.chooses(ana.id, Choice("marketing_emails", "email", State.IN))
    adopt(reconciliation=found, by="ana")
    mend_on(60, found)
    assert selectors.decide(ana.id, "marketing_emails", "email").allowed


def test_two_who_take_over_at_once_take_over_once(world):
    ana = PatientFactory.create()
    joins_group(world, ana.email)
    found = compared("sendgrid")
    changes = Change.objects.count()
    for by in ("ana", "ben"):
        assert adopt(reconciliation=found, by=by) == 1
    assert Reconciliation.objects.get().adopting_by == "ana"
    mend_on(60, found)
    mend_on(60, Reconciliation.objects.get())
    assert Change.objects.count() == changes + 1
    assert Discrepancy.objects.get().mended_by == "ana"


def test_what_was_broken_off_is_gone_on_with_person_by_person(world, monkeypatch):
    people = PatientFactory.create_batch(3)
    for each in people:
        joins_group(world, each.email)
    found = compared("sendgrid")
    adopt(reconciliation=found, by="ana")
    assert mend_on(0.0, found)  # time was up after the first
    assert found.found.filter(mended="adopted").count() == 1
    sweep()
    compare()
    assert found.found.filter(mended="adopted").count() == 3
    assert not any(selectors.decide(each.id, "marketing_emails", "email").allowed for each in people)
    assert Reconciliation.objects.get().adopting_by == ""


def test_a_broken_row_is_shown_and_keeps_nobody_elses_no_from_counting(world, monkeypatch, admin_client):
    ana, ben = PatientFactory.create(), PatientFactory.create()
    world.quiet()
    for each in (ana, ben):
        joins_group(world, each.email)
    found = compared("sendgrid")
    broken = found.found.earliest("id")

    def breaks(destination, identifiers, *args, **kwargs):
        if identifiers == [broken.identifier_id]:
            raise ZeroDivisionError("about somebody")
        note(destination, identifiers, *args, **kwargs)

    monkeypatch.setattr(mending, "note", breaks)
    adopt(reconciliation=found, by="ana")
    begin(destination=found.destination, by="ana")
    compare()
    assert [each.mended for each in found.found.order_by("id")] == ["", "adopted"]
    assert Reconciliation.objects.latest("id").looked_at == 2
    page = admin_client.get("/admin/destinations/discrepancy/").content.decode()
    assert "Could not be taken over: it is broken" in page
    page = admin_client.get(f"/admin/destinations/reconciliation/{found.pk}/change/").content.decode()
    assert "1: it is broken" in page

    monkeypatch.undo()
    adopt(reconciliation=found, by="ana")
    mend_on(60, found)
    assert {(each.mended, each.fault) for each in found.found.all()} == {("adopted", "")}


def test_more_differences_than_a_statement_may_name_are_mended(world, monkeypatch):
    people = [PatientFactory.create() for _ in range(14)]
    for each in people:
        world.chooses(each.id, NO)
    world.quiet()
    for each in people:
        world.leaves_group(each.email, 101)
    found = compared("sendgrid")
    monkeypatch.setattr(mending, "CHUNK", 3)
    limit = sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER
    before = connection.connection.setlimit(limit, 16) if connection.vendor == "sqlite" else 0
    try:
        assert push(reconciliation=found, by="ana") == 14
        assert leave(reconciliation=found, by="ana") == 0
    finally:
        if connection.vendor == "sqlite":
            connection.connection.setlimit(limit, before)
    assert found.found.filter(mended="pushed").count() == 14
