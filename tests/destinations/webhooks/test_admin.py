"""Staff's pages for what comes in."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection as db
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations.models import Destination, Discrepancy, Inbound, InboundEvent, Reconciliation
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.vendors import VENDORS
from preferences import selectors
from preferences.models import ViewLog
from tests.destinations.webhooks.test_twilio import may_text, text  # noqa: F401 - a fixture
from tests.factories import PatientFactory

NEW = "/admin/destinations/inbound/add/"
EVENTS = "/admin/destinations/inboundevent/"


def staff(*permissions: str) -> Client:
    user = get_user_model().objects.create_user(f"with-{len(permissions)}", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_an_incoming_connection_is_made_in_two_steps_and_its_secret_is_never_shown(admin_client, world):
    assert b"Twilio messages" in admin_client.get(NEW).content
    form = {"name": "Our texts", "slug": "our-texts", "setting_auth_token": "very-secret"}
    assert admin_client.post(f"{NEW}?vendor=twilio", form).status_code == 302
    made = Inbound.objects.get()
    page = admin_client.get(f"/admin/destinations/inbound/{made.pk}/change/").content.decode()
    assert "/inbound/our-texts" in page
    assert "very-secret" not in page


def test_what_is_missing_is_said(admin_client, db):
    answer = admin_client.post(f"{NEW}?vendor=twilio", {"name": "Our texts", "slug": "our-texts"})
    assert answer.status_code == 200
    assert not Inbound.objects.exists()


def test_a_system_that_heed_tells_is_connected_with_what_it_tells(admin_client, world):
    system = Destination.objects.get(slug="sendgrid")
    form = {"name": "Events", "slug": "events", "setting_public_key": "MFk=", "system": system.pk}
    admin_client.post(f"{NEW}?vendor=sendgrid", form)
    system.refresh_from_db()
    assert system.source is not None
    assert system.source.slug == "events"


def test_a_text_that_may_be_a_stop_is_read_by_somebody_and_decided(text: Any):  # noqa: F811
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    nurse = staff("view_inboundevent", "change_inboundevent")
    page = f"{EVENTS}{InboundEvent.objects.get().pk}/change/"
    assert "cancel everything" in nurse.get(page).content.decode()
    assert ViewLog.objects.filter(page="incoming events", actor="with-2").exists()
    assert nurse.post(page, {"decided": "not_a_stop"}).status_code == 302
    assert may_text(ana.phone)


def test_who_may_only_see_events_reads_no_texts(text: Any):  # noqa: F811
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    clerk = staff("view_inboundevent")
    page = f"{EVENTS}{InboundEvent.objects.get().pk}/change/"
    assert "cancel everything" not in clerk.get(page).content.decode()
    assert clerk.post(page, {"decided": "not_a_stop"}).status_code == 403


@pytest.mark.parametrize("page", [NEW, EVENTS])
def test_who_has_no_right_sees_nothing(db, page):
    assert staff("view_category").get(page).status_code == 403


def test_what_came_from_a_vendor_that_is_supported_no_longer_still_opens(
    text: Any,  # noqa: F811
    admin_client,
    monkeypatch,
):
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    monkeypatch.delitem(VENDORS, "twilio")
    held, connection = InboundEvent.objects.get(), Inbound.objects.get()
    for page in ("inbound/", f"inbound/{connection.pk}/change/", f"inboundevent/{held.pk}/change/"):
        assert admin_client.get(f"/admin/destinations/{page}").status_code == 200
    admin_client.post(f"{EVENTS}{held.pk}/change/", {"decided": "stop"})
    assert not may_text(ana.phone)


def test_whoever_opens_a_text_is_noted_for_everyone_who_holds_the_number(text: Any, admin_client):  # noqa: F811
    family = PatientFactory.create_batch(2, phone="+12025550111")
    text("+12025550111", "cancel everything")
    admin_client.get(f"{EVENTS}{InboundEvent.objects.get().pk}/change/")
    noted = ViewLog.objects.filter(page="incoming events").values_list("profile_id", flat=True)
    assert set(noted) == {each.id for each in family}


@pytest.mark.parametrize("page", ["inbound", "inboundevent", "discrepancy"])
def test_a_list_takes_as_many_queries_for_few_as_for_many(world, admin_client, page):
    system, ana = Destination.objects.get(slug="sendgrid"), PatientFactory.create()
    taken = []
    for number in range(4):
        connected = save_inbound(
            slug=f"s{number}", name="Texts", vendor="twilio", settings={}, secrets={"auth_token": "1"}
        )
        InboundEvent.objects.create(inbound=connected, key=bytes([number]), due_at=None)
        done = Reconciliation.objects.create(destination=system, asked_by="a", finished_at=timezone.now())
        Discrepancy.objects.create(reconciliation=done, identifier_id=ana.id, target="x", side="only_there")
        if number % 2:
            with CaptureQueriesContext(db) as queries:
                assert admin_client.get(f"/admin/destinations/{page}/").status_code == 200
            taken.append(len(queries))
    assert taken[0] == taken[1]


def test_what_was_mapped_to_nothing_is_read_again_once_it_is(sendgrid, world, admin_client):
    ana = PatientFactory.create()
    told = {"event": "group_unsubscribe", "email": ana.email, "sg_event_id": "1", "asm_group_id": 999}
    sendgrid({**told, "timestamp": int(timezone.now().timestamp())})
    kept = InboundEvent.objects.get()
    world.saves(
        "sendgrid",
        settings={**Destination.objects.get(slug="sendgrid").settings, "groups": {"marketing_emails": 999}},
    )
    page = f"{EVENTS}{kept.pk}/again/"
    assert b"Read it again" in admin_client.get(f"{EVENTS}{kept.pk}/change/").content
    assert staff("view_inboundevent").post(page).status_code == 403
    assert admin_client.post(page).status_code == 302
    hear()
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed
    assert admin_client.post(page).status_code == 403


def test_home_says_that_a_text_waits_to_be_read(text: Any):  # noqa: F811
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    nurse = staff("view_inboundevent", "change_inboundevent")
    page = nurse.get("/admin/").content.decode()
    assert "texts that may be a stop" in page
    assert "/admin/destinations/inboundevent/?state__exact=to_read" in page


def test_a_line_that_is_no_pair_is_said_beside_its_field(admin_client, db):
    form = {"name": "EHR", "slug": "ehr-messages", "setting_authorities": "no colon here"}
    answer = admin_client.post(f"{NEW}?vendor=hl7", form)
    assert answer.status_code == 200
    assert "write one name: value a line" in answer.content.decode()
    assert not Inbound.objects.exists()
