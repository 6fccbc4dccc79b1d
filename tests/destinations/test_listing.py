"""Whom only a system knows: its own lists are read, and staff choose what becomes of the opt-outs there."""

from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command

from destinations.connectors import mailchimp, sendgrid
from destinations.models import Destination, Reconciliation, UnknownAddress
from destinations.sandbox import MailchimpSandbox, running
from destinations.services import do_or_ask
from destinations.services.mending import hold, leave, mend_on
from destinations.services.reconciling import NotNow, begin, look_on
from destinations.tasks import compare, sweep
from destinations.terms import Act
from preferences import identity, selectors
from preferences.models import Identifier, Profile
from preferences.services import Choice
from preferences.terms import State
from tests.destinations.test_reconciling_calls import _a_process_of_its_own, genesys  # noqa: F401
from tests.factories import PatientFactory
from tests.world import World, connect, named

STRANGER = "stranger@example.org"
NO = Choice("marketing_emails", "email", State.OUT)


def compared(slug: str) -> Reconciliation:
    found = begin(destination=Destination.objects.get(slug=slug), by="ana")
    for _ in range(30):
        with suppress(NotNow):
            if look_on(reconciliation=found):
                break
    assert found.finished_at
    return found


def unknown(found: Reconciliation) -> list[str]:
    return sorted(found.unknown.filter(mended="").values_list("target", flat=True))


def test_an_opt_out_of_somebody_unknown_is_counted_and_held_on_the_address(world: World) -> None:
    ana = PatientFactory.create()
    world.chooses(ana.id, NO)
    world.quiet()
    world.plant("sendgrid", suppressed=[{"email": STRANGER, "group": 101}])
    found = compared("sendgrid")
    assert (found.listed, unknown(found), found.found.count()) == (2, ["groups.marketing_emails"], 0)
    people = Profile.objects.count()

    assert hold(reconciliation=found, by="ana") == 1
    mend_on(60, found)
    [pk] = identity.find([named("email", STRANGER, "")]).values()
    address = Identifier.objects.get(pk=pk)
    assert not address.holdings.exists()
    assert Profile.objects.count() == people
    late = world.registers(mrn="RH9", email=STRANGER).profile_id
    assert late
    assert not selectors.decide(late, "marketing_emails", "email").allowed
    assert selectors.decide(late, "appointment_reminders", "email").allowed
    kept = UnknownAddress.objects.get()
    assert (kept.mended, kept.mended_by, kept.sealed) == ("adopted", "ana", None)
    assert unknown(compared("sendgrid")) == []


def test_nobody_can_read_whose_address_it_is_from_what_is_kept(world: World) -> None:
    world.plant("sendgrid", suppressed=[{"email": STRANGER, "group": 101}])
    compared("sendgrid")
    row = UnknownAddress.objects.get()
    assert STRANGER.encode() not in bytes(row.sealed or b"")
    assert STRANGER not in str(row)
    assert not identity.find([named("email", STRANGER, "")])


def test_the_global_list_is_read_page_by_page_and_silences_the_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sendgrid, "PAGE", 2)
    ana = PatientFactory.create()
    world.quiet()
    world.plant("sendgrid", **{"global": [{"email": f"s{n}@example.org"} for n in range(5)]})
    world.plant("sendgrid", **{"global": [{"email": ana.email}]})
    found = compared("sendgrid")
    assert unknown(found) == ["global"] * 5
    assert list(found.found.values_list("target", "side")) == [("global", "only_there")]
    paths = [each["path"] for each in world.sandboxes["sendgrid"].requests]
    assert sum("/v3/suppression/unsubscribes" in each for each in paths) == 4

    call_command("reconcile", "sendgrid", adopt=True, hold=True, verbosity=0)
    assert not selectors.decide(ana.id, "care_follow_ups", "email").allowed
    late = world.registers(mrn="RH9", email="s3@example.org").profile_id
    assert late
    assert not selectors.decide(late, "care_follow_ups", "email").allowed


def test_a_list_that_is_broken_off_is_gone_on_with_and_nobody_is_counted_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sendgrid, "PAGE", 2)
    world.plant("sendgrid", **{"global": [{"email": f"s{n}@example.org"} for n in range(5)]})
    found = begin(destination=Destination.objects.get(slug="sendgrid"), by="ana")
    while not found.unknown.exists():
        look_on(reconciliation=found)
    Reconciliation.objects.update(listed_after="", listed=0)  # killed before the page was noted
    world.faults("sendgrid", status=503, times=1)
    with pytest.raises(NotNow, match="goes on from here later"):
        look_on(reconciliation=Reconciliation.objects.get())
    world.heal()
    done = compared("sendgrid")
    assert done == found
    assert (done.listed, len(unknown(done))) == (5, 5)


def test_a_list_that_is_garbled_keeps_no_other_system_from_being_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sendgrid, "read", lambda answer, kind, now: ["not", "what", "was", "documented"])
    found = begin(destination=Destination.objects.get(slug="sendgrid"), by="ana")
    compare()
    found.refresh_from_db()
    assert (found.unlisted, found.finished_at is None) == ("broken", False)


def test_what_is_left_is_shown_no_more_and_a_later_comparison_takes_the_place_of_an_earlier(
    world: World,
) -> None:
    world.plant("sendgrid", suppressed=[{"email": STRANGER, "group": 101}])
    first = compared("sendgrid")
    second = compared("sendgrid")
    assert (unknown(first), unknown(second)) == ([], ["groups.marketing_emails"])
    assert leave(reconciliation=second, by="ana") == 1
    assert unknown(second) == []
    assert UnknownAddress.objects.get().sealed is None


def test_many_unknown_opt_outs_are_held_by_two(world: World) -> None:
    world.plant("sendgrid", suppressed=[{"email": f"s{n}@example.org", "group": 101} for n in range(30)])
    found = compared("sendgrid")
    asked = do_or_ask(destination=found.destination, act=Act.HOLD, group=str(found.pk), by="ana")
    assert asked.approval
    assert len(unknown(found)) == 30


def test_staff_see_how_many_and_hold_them_with_a_button(world: World, admin_client: Any) -> None:
    world.plant("sendgrid", suppressed=[{"email": STRANGER, "group": 101}])
    world.plant("sendgrid", suppressed=[{"email": STRANGER, "group": 102}])
    found = compared("sendgrid")
    page = f"/admin/destinations/reconciliation/{found.pk}"
    shown = admin_client.get(f"{page}/change/").content.decode()
    assert "No there, unknown here" in shown
    assert "2 opt-outs read" in shown
    assert STRANGER not in shown
    assert "Nobody is made a patient" in admin_client.get(f"{page}/hold/").content.decode()
    assert admin_client.post(f"{page}/hold/").status_code == 302
    sweep()
    compare()
    assert unknown(found) == []
    assert admin_client.get(f"{page}/hold/").status_code == 403


def test_staff_see_why_somebody_could_not_be_looked_at(world: World, admin_client: Any) -> None:
    found = Reconciliation.objects.create(
        destination=Destination.objects.get(slug="sendgrid"), asked_by="ana", unread=2, why="rejected_data"
    )
    shown = admin_client.get(f"/admin/destinations/reconciliation/{found.pk}/change/").content.decode()
    assert "2: The system refused this record." in shown


def test_members_who_unsubscribed_from_an_audience_are_listed(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HEED_PRIVATE_HOSTS = {}
    monkeypatch.setattr(mailchimp, "PAGE", 2)
    with running(MailchimpSandbox()) as sandbox:
        world = connect({"mailchimp": sandbox})
        world.plant(
            "mailchimp",
            lists=[{"id": "a1", "name": "A"}],
            interests=[{"id": "i1", "list": "a1", "name": "S"}],
        )
        members = [{"list": "a1", "email": f"m{n}@example.org", "status": "unsubscribed"} for n in range(5)]
        world.plant("mailchimp", members=[*members, {"list": "a1", "email": "in@example.org"}])
        found = compared("mailchimp")
        assert (found.listed, unknown(found)) == (5, ["status"] * 5)


def test_numbers_that_an_agent_put_on_a_list_are_held(genesys: World) -> None:  # noqa: F811
    genesys.plant("genesys", numbers=[{"list": "dnc", "phone": "+12025550199"}])
    found = compared("genesys")
    assert unknown(found) == ["lists.do_not_call"]
    hold(reconciliation=found, by="ana")
    mend_on(60, found)
    late = genesys.registers(mrn="RH9", phone="+12025550199").profile_id
    assert late
    assert not selectors.decide(late, "care_follow_ups", "phone").allowed
    assert selectors.decide(late, "care_follow_ups", "sms").allowed
