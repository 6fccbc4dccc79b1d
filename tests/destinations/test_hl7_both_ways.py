"""An EHR is told by HL7 v2 and tells by it: one opt-out goes round once, and a choice made later stands."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from destinations.models import Destination, Propagation
from destinations.sandbox import Hl7Sandbox, running
from destinations.services import hearing, save_destination
from destinations.services.listening import save_inbound
from destinations.webhooks.mllp import acknowledge
from preferences import selectors
from preferences.models import Change
from tests.world import World, connect, into, out


@pytest.fixture
def ehr(db: None, settings: Any) -> Iterator[World]:
    settings.HEED_PRIVATE_HOSTS = {}
    with running(Hl7Sandbox()) as sandbox:
        world = connect({})
        world.sandboxes["hl7"] = sandbox
        settings.HEED_PRIVATE_HOSTS["hl7"] = [urlsplit(sandbox.mllp_url).netloc]
        save_destination(
            connector="hl7",
            slug="hl7",
            name="EHR",
            public_label="your medical record",
            purpose="records",
            state="live",
            settings={"base_url": sandbox.mllp_url, "authorities": {"main": "STMARY"}},
            secrets={},
            agreement="a sandbox",
            author="tests",
        )
        save_inbound(
            slug="ehr-messages",
            name="EHR messages",
            vendor="hl7",
            settings={"authorities": {"main": "STMARY"}},
            secrets={},
            system=Destination.objects.get(),
        )
        world.plant("hl7", patients=[{"mrn": "RH1"}])
        yield world


@pytest.fixture
def ana(ehr: World) -> Any:
    ana = ehr.registers(mrn="RH1", phone="+12025550143").profile_id
    ehr.drain()
    return ana


def code(ehr: World) -> str:
    return str(ehr.record_of("hl7", mrn="RH1")["patients"][0].get("publicity", ""))[:2]


def now(seconds: int = 0) -> str:
    return f"{timezone.now() + timedelta(seconds=seconds):%Y%m%d%H%M%S}+0000"


def tells(pd1: str, control: str, at: str = "20200101090000-0500") -> None:
    message = (
        f"MSH|^~\\&|EPIC|STMARY|HEED||{at}||ADT^A08^ADT_A01|{control}|P|2.5.1\rEVN||{at}\r"
        f"PID|1||RH1^^^STMARY^MR||Ruiz^Ana\rPD1|||||||||||{pd1}\rPV1|1|N\r"
    )
    source = Destination.objects.get().source
    assert source is not None
    assert b"MSA|AA" in acknowledge(source.inbound, message.encode())
    hearing.hear()


def test_an_opt_out_of_calls_reaches_the_ehr_through_the_engine(ehr: World, ana: Any) -> None:
    ehr.chooses(ana, out("*", "phone"))
    ehr.drain()

    assert code(ehr) == "03"
    assert Propagation.objects.exclude(state="absent").get().state == "acknowledged"


def test_a_code_of_the_ehrs_own_becomes_a_no_by_the_mapper(ehr: World, ana: Any) -> None:
    tells("03", "M1")

    assert not selectors.decide(ana, "appointment_reminders", "phone").allowed
    assert selectors.decide(ana, "appointment_reminders", "sms").allowed


def test_heeds_own_code_coming_back_is_nobodys_choice(ehr: World, ana: Any) -> None:
    ehr.chooses(ana, out("*", "phone"))
    ehr.drain()
    before = Change.objects.count()
    tells("03", "M2", at=now())

    assert Change.objects.count() == before


def test_an_old_code_that_is_restated_does_not_undo_a_later_yes(ehr: World, ana: Any) -> None:
    tells("03|||||||20200101", "M3")
    ehr.chooses(ana, into("appointment_reminders", "phone"))
    tells("03|||||||20200101", "M4", at=now(60))

    assert selectors.decide(ana, "appointment_reminders", "phone").allowed
