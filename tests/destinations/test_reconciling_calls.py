"""Comparing call centers' lists, and athenahealth, with what Heed says: read only, whatever the path."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.utils import timezone

from destinations import comparing, sending, ways
from destinations.connectors import CONNECTORS
from destinations.connectors.five9 import CHECK, Five9, envelope
from destinations.connectors.genesys.org import LISTS
from destinations.contract import Call
from destinations.http import Blocked, Way
from destinations.models import Destination, Reconciliation
from destinations.sandbox import AthenahealthSandbox, Five9Sandbox, GenesysSandbox, Sandbox, running
from destinations.services import save_destination
from destinations.services.mending import adopt, mend_on, push
from destinations.services.reconciling import NotNow, begin, look_on
from destinations.tasks import compare
from preferences import selectors
from tests.destinations.test_five9_night import NIGHT
from tests.world import World, connect, out

ANA, BO = "+12025550143", "+12025550144"
SERVICE = "/wsadmin/v13/AdminWebService"


def connected(sandbox: Sandbox, settings: Any, secrets: dict[str, str], **given: Any) -> World:
    settings.HEED_PRIVATE_HOSTS = {sandbox.slug: [urlsplit(sandbox.url).netloc]}
    world = connect({})
    world.sandboxes[sandbox.slug] = sandbox
    save_destination(
        connector=sandbox.slug,
        slug=sandbox.slug,
        name=sandbox.name,
        public_label="our call center",
        purpose="call_center",
        state="live",
        settings={"base_url": sandbox.url, **given},
        secrets=secrets,
        agreement="a sandbox",
        author="tests",
    )
    return world


@pytest.fixture(autouse=True)
def _a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (comparing, sending):
        monkeypatch.setattr(module, "_memory", {})


@pytest.fixture
def five9(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(Five9, "window", None)
    with running(Five9Sandbox(clock=lambda: NIGHT)) as sandbox:
        yield connected(sandbox, settings, {"password": "p"}, username="heed")


@pytest.fixture
def genesys(db: None, settings: Any) -> Iterator[World]:
    with running(GenesysSandbox()) as sandbox:
        lists = {"phone": "calls", "do_not_call": "dnc"}
        world = connected(
            sandbox, settings, {"client_secret": "s"}, login_url=sandbox.url, client_id="heed", lists=lists
        )
        world.plant("genesys", lists=[{"id": "calls", "name": "Calls"}, {"id": "dnc", "name": "DNC"}])
        yield world


@pytest.fixture
def athena(db: None, settings: Any) -> Iterator[World]:
    with running(AthenahealthSandbox()) as sandbox:
        yield connected(
            sandbox,
            settings,
            {"client_secret": "s"},
            practice_id="195900",
            authority="main",
            client_id="heed",
        )


def compared() -> Reconciliation:
    found = begin(destination=Destination.objects.get(), by="ana")
    for _ in range(20):
        with suppress(NotNow):
            if look_on(reconciliation=found):
                break
    assert found.finished_at
    assert found.unread == 0
    return found


def differing() -> list[tuple[str, str]]:
    return sorted(compared().found.values_list("target", "side"))


def calls_nobody(world: World, phone: str, mrn: str) -> None:
    person = known(world, mrn=mrn, phone=phone)
    world.chooses(person, out("*", "phone"))


def known(world: World, **identifiers: str) -> UUID:
    person = world.registers(**identifiers).profile_id
    assert person
    return person


def operations(world: World) -> list[str]:
    words = ("addNumbersToDnc", "removeNumbersFromDnc", CHECK)
    asked = [str(each["body"]) for each in world.sandboxes["five9"].requests]
    return [word for body in asked for word in words if f":{word}>" in body]


def test_five9_is_compared_by_looking_alone(five9: World) -> None:
    calls_nobody(five9, ANA, "RH1")
    bo = known(five9, mrn="RH2", phone=BO)
    five9.quiet()
    assert differing() == []

    five9.sandboxes["five9"].store.remove("number", ANA.removeprefix("+1"))
    five9.plant("five9", numbers=[{"phone": BO}])
    before = len(operations(five9))
    assert differing() == [
        ("do_not_call", "only_there"),
        ("phone", "missing_there"),
        ("phone", "only_there"),
    ]
    assert set(operations(five9)[before:]) == {CHECK}
    assert not five9.record_of("five9", phone=ANA)

    found = Reconciliation.objects.latest("pk")
    push(reconciliation=found, by="ana")
    assert adopt(reconciliation=found, by="ana") == 2
    mend_on(60, found)
    five9.quiet()
    assert five9.record_of("five9", phone=ANA)
    assert not selectors.decide(bo, "care_follow_ups", "phone").allowed
    assert selectors.decide(bo, "care_follow_ups", "sms").allowed


@pytest.mark.parametrize(
    "body",
    [
        envelope("<ser:removeNumbersFromDnc><numbers>2025550143</numbers></ser:removeNumbersFromDnc>"),
        envelope(f"<ser:{CHECK}></ser:{CHECK}><ser:addNumbersToDnc></ser:addNumbersToDnc>"),
        envelope(f"<!-- <ser:{CHECK}> --><ser:addNumbersToDnc></ser:addNumbersToDnc>"),
        b"<ser:checkDncForNumbers>",
        None,
    ],
)
def test_what_is_only_looked_at_can_write_nothing_though_the_path_is_the_same(body: bytes | None) -> None:
    connector = CONNECTORS["five9"]
    way = Way("https://api.five9.com", connector.may_call, only=connector.only_reads)
    with pytest.raises(Blocked, match="only looked"):
        ways.send(Call("POST", SERVICE, body=body), way, 0.0)


def test_a_bundle_only_reads_nowhere() -> None:
    ehr = CONNECTORS["fhir"]
    assert ehr.only_reads(Call("POST", "", form={"grant_type": "client_credentials"}))
    assert not ehr.only_reads(Call("POST", "", json={"resourceType": "Bundle"}))
    assert not ehr.only_reads(Call("POST", "", body=b"{}"))


def test_a_message_that_asks_whether_a_number_is_listed_only_reads() -> None:
    body = envelope(f"<ser:{CHECK}><numbers>2025550143</numbers></ser:{CHECK}>")
    assert CONNECTORS["five9"].only_reads(Call("POST", SERVICE, body=body))
    assert not CONNECTORS["five9"].only_reads(Call("POST", "/elsewhere", body=body))


def test_no_list_of_genesys_is_changed_by_what_only_reads() -> None:
    for method, path in (("PATCH", f"{LISTS}/calls/phonenumbers"), ("DELETE", f"{LISTS}/calls/phonenumbers")):
        assert not CONNECTORS["genesys"].only_reads(Call(method, path))


def test_genesys_is_compared_once_it_has_written_its_lists_out(genesys: World) -> None:
    calls_nobody(genesys, ANA, "RH1")
    bo = known(genesys, mrn="RH2", phone=BO)
    genesys.quiet()
    genesys.sandboxes["genesys"].store.remove("number", f"calls {ANA}")
    genesys.plant("genesys", numbers=[{"list": "dnc", "phone": BO}])
    before = len(genesys.sandboxes["genesys"].requests)

    found = begin(destination=Destination.objects.get(), by="ana")
    with pytest.raises(NotNow, match="writing its list out"):
        look_on(reconciliation=found)
    assert found.looked_at == 0

    assert differing() == [("lists.do_not_call", "only_there"), ("lists.phone", "missing_there")]
    methods = {each["method"] for each in list(genesys.sandboxes["genesys"].requests)[before:]}
    assert "PATCH" not in methods
    found = Reconciliation.objects.get()
    assert adopt(reconciliation=found, by="ana") == 1
    mend_on(60, found)
    assert not selectors.decide(bo, "care_follow_ups", "phone").allowed


def test_a_list_that_is_being_written_out_keeps_no_other_system_waiting(genesys: World) -> None:
    calls_nobody(genesys, ANA, "RH1")
    begin(destination=Destination.objects.get(), by="Heed")
    for _ in range(8):
        compare()
    assert Reconciliation.objects.get().finished_at


def test_a_list_too_long_to_be_read_is_said_to_be_and_nothing_is_found_missing(genesys: World) -> None:
    genesys.saves("genesys", settings={**Destination.objects.get().settings, "read_up_to": "0"})
    genesys.plant("genesys", numbers=[{"list": each, "phone": ANA} for each in ("calls", "dnc")])
    calls_nobody(genesys, ANA, "RH1")
    found = begin(destination=Destination.objects.get(), by="ana")
    while not look_on(reconciliation=found):
        pass
    assert (found.unread, found.why, found.unlisted, found.found.count()) == (1, "too_long", "too_long", 0)


def test_an_account_at_its_rate_limit_is_compared_later(genesys: World) -> None:
    calls_nobody(genesys, ANA, "RH1")
    account = Destination.objects.get().account
    assert account
    account.tokens, account.at = -5.0, timezone.now()
    account.save()
    with pytest.raises(NotNow, match="rate limit"):
        look_on(reconciliation=begin(destination=Destination.objects.get(), by="ana"))


def test_athenahealth_is_compared_patient_by_patient(athena: World) -> None:
    sms, phone = "contactpreference_appointment_sms", "contactpreference_appointment_phone"
    for number in ("1", "2"):
        athena.plant("athenahealth", patients=[{"patientid": number, sms: "true", phone: "true"}])
    ana = known(athena, mrn="1", email="ana@example.org")
    athena.registers(mrn="2", email="bo@example.org")
    athena.chooses(ana, out("appointment_reminders", "sms"))
    athena.quiet()
    assert differing() == []

    athena.plant(
        "athenahealth", patients=[{"patientid": "1", sms: "true"}, {"patientid": "2", phone: "false"}]
    )
    before = len(athena.sandboxes["athenahealth"].requests)
    assert differing() == [(phone, "only_there"), (sms, "missing_there")]
    assert "PUT" not in {each["method"] for each in list(athena.sandboxes["athenahealth"].requests)[before:]}

    found = Reconciliation.objects.latest("pk")
    push(reconciliation=found, by="ana")
    assert adopt(reconciliation=found, by="ana") == 1
    mend_on(60, found)
    athena.quiet()
    assert athena.record_of("athenahealth", mrn="1")[sms] == "false"
    assert athena.record_of("athenahealth", mrn="2")[phone] == "false"
