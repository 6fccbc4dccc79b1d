"""An EHR tells by HL7 v2: what comes in by MLLP, what is answered, and what it becomes."""

import asyncio
import ipaddress
import itertools

import pytest
from django.db import DatabaseError
from hl7apy.parser import parse_message

from destinations.models import InboundEvent
from destinations.services import hearing
from destinations.services.listening import save_inbound
from destinations.webhooks.mllp import END, START, Door, acknowledge
from preferences import identity, selectors
from preferences.models import Holding, Review
from tests.world import named

PHONE = "+12025550143"
numbers = itertools.count(1)


def adt(event="A08", *segments, mrn="RH1", control=None, pd1="", pid=""):
    """A message as an EHR writes it."""
    control = control or f"MSG{next(numbers)}"
    lines = [
        f"MSH|^~\\&|EPIC|STMARY|HEED||20261120093000-0500||ADT^{event}^ADT_A01|{control}|P|2.5.1",
        "EVN||20261120093000-0500",
        f"PID|1||{mrn}^^^STMARY^MR~999-99-9999^^^USSSA^SS||Ruiz^Ana{pid}",
        *([f"PD1|||||||||||{pd1}"] if pd1 else []),
        "PV1|1|N",
        *segments,
    ]
    return ("\r".join(lines) + "\r").encode()


@pytest.fixture
def inbound(world):
    return save_inbound(
        slug="ehr-messages",
        name="EHR messages",
        vendor="hl7",
        settings={"authorities": {"main": "STMARY"}},
        secrets={},
    )


@pytest.fixture
def ana(world):
    return world.registers(mrn="RH1", email="ana@example.org").profile_id


@pytest.fixture
def tell(inbound):
    def tell(message):
        said = acknowledge(inbound, message)
        hearing.hear()
        return said

    return tell


def msa(said):
    """MSA-1 and MSA-2, as a library of HL7's reads them."""
    parsed = parse_message(said.decode(), find_groups=False)
    return parsed.msa.msa_1.to_er7(), parsed.msa.msa_2.to_er7()


def became():
    return list(InboundEvent.objects.order_by("id").values_list("state", "became"))


def holds(profile, kind, value):
    found = identity.find([named(kind, value, "")]).values()
    return Holding.objects.filter(profile=profile, identifier__in=list(found)).exists()


def test_a_message_is_kept_before_it_is_acknowledged_under_its_number(inbound, ana):
    said = acknowledge(inbound, adt(control="M7"))

    assert msa(said) == ("AA", "M7")
    assert InboundEvent.objects.count() == 1
    assert b"Ruiz" not in bytes(InboundEvent.objects.get().body or b"")


def test_what_cannot_be_kept_is_not_acknowledged_as_kept(inbound, monkeypatch):
    def fails(**_):
        raise DatabaseError

    monkeypatch.setattr("destinations.webhooks.mllp.keep", fails)

    assert msa(acknowledge(inbound, adt(control="M7"))) == ("AE", "M7")


@pytest.mark.parametrize("content", [b"GET / HTTP/1.1\r\n\r\n", b"", b"MSH|^~\\&|EPIC\r"])
def test_what_is_no_message_is_rejected(inbound, content):
    assert b"MSA|AR|" in acknowledge(inbound, content)
    assert not InboundEvent.objects.exists()


def test_a_number_that_is_used_again_another_day_is_news(tell, ana):
    tell(adt(control="M1"))
    tell(adt(control="M1", pd1="03").replace(b"20261120093000", b"20261121093000"))
    assert not selectors.decide(ana, "appointment_reminders", "phone").allowed


def test_a_message_that_comes_again_counts_once(tell, ana):
    message = adt(pd1="03")
    assert msa(tell(message)) == msa(tell(message))
    assert InboundEvent.objects.count() == 1


def test_no_calls_is_a_no_to_calls_and_to_nothing_else(tell, ana):
    tell(adt(pd1="03^NO CALLS^HL70215"))

    assert became() == [("counted", "opted_out: * phone")]
    assert not selectors.decide(ana, "care_follow_ups", "phone").allowed
    assert selectors.decide(ana, "care_follow_ups", "email").allowed


def test_a_code_that_allows_everything_turns_nothing_on(tell, ana):
    tell(adt(pd1="02"))

    assert became() == [("nothing", "nothing")]


def test_a_new_phone_and_email_are_the_persons_too(tell, ana):
    tell(adt(pid="||||||||(202)555-0143^PRN^PH~^NET^Internet^ana.new@example.org"))

    assert [state for state, _ in became()] == ["counted"]
    assert holds(ana, "phone", PHONE)
    assert holds(ana, "email", "ana.new@example.org")


def test_a_death_is_noted_where_it_is_plain_who(tell, ana):
    tell(adt("A08", pid="|" * 24 + "20261119|Y"))
    assert became() == [("counted", "deceased")]

    tell(adt("A08", mrn="NOBODY", pid="|" * 24 + "20261119|Y"))
    assert became()[1] == ("counted", "nobody here is known by that")


def test_a_merge_is_put_before_staff(tell, ana, world):
    world.registers(mrn="RH2", email="ana@example.org")
    tell(adt("A40", "MRG|RH2^^^STMARY^MR"))

    assert became() == [("counted", "put before staff")]
    assert Review.objects.filter(kind=Review.Kind.POSSIBLE_DUPLICATE).count() == 2


def test_other_events_mean_nothing_and_other_messages_are_shown(tell, ana):
    tell(adt("A01"))
    tell(adt("A08").replace(b"ADT^A08", b"ORU^R01"))

    assert [state for state, _ in became()] == ["nothing", "kept"]


def test_a_record_number_of_an_unnamed_authority_is_kept_and_shown(tell):
    tell(adt(mrn="RH1").replace(b"^^^STMARY^MR", b"^^^OTHER^MR"))

    assert became() == [("kept", "")]
    assert "authority" in InboundEvent.objects.get().fault


def test_over_http_nobody_gets_in(inbound, client):
    assert client.post("/inbound/ehr-messages", adt(), content_type="text/plain").status_code == 401


class Wire:
    """A door on a free port, and one caller."""

    def __init__(self, allow="127.0.0.0/8"):
        self.refused: list[str] = []

        self.heard: list[bytes] = []

        async def said(content):
            self.heard.append(content)
            return b"ok"

        async def refuse(address):
            self.refused.append(address)

        self.door = Door(said, refuse, [ipaddress.ip_network(allow)], 10_000)

    def talk(self, *parts):
        """Everything that is answered to these parts, sent with a pause between them."""

        async def talked():
            server = await self.door.open("127.0.0.1", 0)
            async with server:
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
                for each in parts:
                    writer.write(each)
                    await writer.drain()
                    await asyncio.sleep(0.02)
                if writer.can_write_eof():
                    writer.write_eof()
                try:
                    return await reader.read()
                except ConnectionResetError:
                    return b""
                finally:
                    writer.close()

        return asyncio.run(talked())


def test_a_frame_cut_in_half_is_one_message_and_two_in_one_part_are_two():
    wire = Wire()
    answer = wire.talk(
        START + b"MSH|on", b"e\r\x1c", b"\r" + START + b"two" + END + b"noise" + START + b"3" + END
    )

    assert wire.heard == [b"MSH|one\r", b"two", b"3"]
    assert answer == (START + b"ok" + END) * 3


def test_a_message_without_an_end_is_not_taken():
    wire = Wire()

    assert wire.talk(START + b"MSH|half") == b""
    assert wire.talk(START + b"x" * 20_000) == b""
    assert wire.heard == []


def test_who_calls_from_elsewhere_is_not_heard_and_is_noted():
    wire = Wire(allow="10.0.0.0/8")

    assert wire.talk(START + b"one" + END) == b""
    assert wire.refused == ["127.0.0.1"]
