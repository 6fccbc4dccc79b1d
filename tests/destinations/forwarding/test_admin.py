"""Staff see which event went where, and why; the same answer later as then."""

import html

from django.contrib.auth.models import Permission
from django.utils import timezone

from destinations.forwarding.wording import explained
from destinations.models import Event, Forwarding
from governance.mission import BODY
from governance.terms import POLICY
from preferences.models import ViewLog
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.destinations.forwarding.conftest import standing
from tests.world import out

LIST = "/admin/destinations/forwarding/"


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def page(client, row):
    return read(client, f"{LIST}{row.pk}/change/")


def test_the_list_says_in_words_why_an_event_went_or_did_not(hospital, admin_client):
    assert "No event has come in yet" in read(admin_client, LIST)
    hospital.connects("webhook")
    hospital.connects("meta_conversions")
    hospital.world.registers(mrn="RH1", email="a@example.org")
    hospital.tracks(mrn="RH1")
    hospital.drain()
    shown = read(admin_client, LIST)

    assert "Forwarded: no rule blocks it." in shown
    assert "Blocked: “A privacy signal, or a no to sale and sharing: nothing to advertising”." in shown
    assert "a@example.org" not in shown


def test_what_a_system_took_and_works_on_is_not_called_tried_again(hospital, admin_client):
    hospital.connects("google_events")
    hospital.world.registers(mrn="RH1", email="a@example.org", jurisdiction="US-CA")
    hospital.tracks(mrn="RH1")
    hospital.turn("google_events", 1)
    shown = read(admin_client, LIST)

    assert "Taken, and not confirmed yet" in shown


def test_the_page_shows_rule_by_rule_what_decided_and_what_would_be_sent_now(hospital, admin_client):
    hospital.connects("webhook")
    person = hospital.world.registers(mrn="RH1", email="a@example.org").profile_id
    event = hospital.tracks(mrn="RH1", properties={"value": 40})
    hospital.drain()
    shown = page(admin_client, standing(event, "webhook"))

    assert "Asked again now, it gives the same answer" in shown
    assert "No marketing emails: nothing to marketing and advertising" in shown
    assert '"event": "appointment_booked"' in shown
    assert '"value": 40' in shown
    assert "It did not apply. This did not hold: “Marketing emails” is opted out on any channel." in shown
    assert ViewLog.objects.filter(profile=person, page="events at systems").exists()

    hospital.world.chooses(person, out("marketing_emails"))
    assert "Nothing would be sent now" in page(admin_client, standing(event, "webhook"))


def test_the_answer_of_last_month_stays_when_policy_person_and_body_have_changed(hospital, admin_client):
    hospital.connects("webhook")
    person = hospital.world.registers(mrn="RH1", email="a@example.org").profile_id
    hospital.world.chooses(person, out("marketing_emails"))
    event = hospital.tracks(mrn="RH1")
    hospital.drain()
    row = standing(event, "webhook")
    before = explained(row)

    publish(
        kind=RevisionKind.POLICY,
        key=POLICY,
        body={**BODY, "rules": BODY["rules"][:2]},
        author="ann",
        reason="tests",
        approved_by="bob",
    )
    Event.objects.update(body=None)

    assert explained(row) == before
    assert before is not None
    assert before.agrees
    assert [each.name for each in before.rules if each.applies] == [
        "No marketing emails: nothing to marketing and advertising"
    ]
    assert "What the event held was destroyed" in page(admin_client, row)


def test_what_may_have_left_says_so(hospital, admin_client):
    hospital.connects("webhook")
    person = hospital.world.registers(mrn="RH1", email="a@example.org").profile_id
    hospital.fault("webhook", status=502, apply=True)
    event = hospital.tracks(mrn="RH1")
    hospital.turn("webhook")
    hospital.world.chooses(person, out("marketing_emails"))
    hospital.quiet()
    shown = page(admin_client, standing(event, "webhook"))

    assert "It may have left before, by policy" in shown
    assert "First sent at" in shown


def test_what_would_leave_is_for_whoever_may_see_people(hospital, client, django_user_model):
    hospital.connects("webhook")
    hospital.world.registers(mrn="RH1", email="a@example.org")
    event = hospital.tracks(mrn="RH1", properties={"value": 40})
    hospital.drain()
    kim = django_user_model.objects.create_user("kim", is_staff=True)
    client.force_login(kim)
    kim.user_permissions.set(Permission.objects.filter(codename="view_forwarding"))
    shown = page(client, standing(event, "webhook"))
    assert "No marketing emails: nothing to marketing and advertising" in shown
    assert "a@example.org" not in shown
    assert '"value": 40' not in shown

    kim.user_permissions.set(Permission.objects.filter(codename__in=("view_forwarding", "view_profile")))
    assert "a@example.org" in page(client, standing(event, "webhook"))


def test_secrets_are_never_shown(hospital, admin_client):
    hospital.connects("ga4", purpose="analytics")
    hospital.world.registers(mrn="RH1", anonymous_id="b1", jurisdiction="US-CA")
    event = hospital.tracks(mrn="RH1", anonymous_id="b1")
    hospital.drain()
    shown = page(admin_client, standing(event, "ga4"))

    assert "/mp/collect" in shown
    assert "hush" not in shown


def test_the_list_costs_the_same_for_few_and_many(hospital, admin_client, django_assert_max_num_queries):
    hospital.connects("webhook")
    hospital.world.registers(mrn="RH1", email="a@example.org")
    for _ in range(30):
        hospital.tracks(mrn="RH1")
    hospital.drain()
    assert Forwarding.objects.filter(settled_at__lte=timezone.now()).count() == 30
    with django_assert_max_num_queries(14):
        read(admin_client, LIST)
