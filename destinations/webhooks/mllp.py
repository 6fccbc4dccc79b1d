"""HL7 v2 messages come in by MLLP: kept, acknowledged; what they mean is found out afterwards.

There is no signature in MLLP. Who may speak is said by networks, and by client certificates where TLS is on.
"""

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from django.db import DatabaseError
from django.utils import timezone

from destinations.hl7v2 import Message, NotHl7, escaped, written
from destinations.models import Inbound
from destinations.services.hearing import keep, note_refused
from destinations.vendors import VENDORS
from destinations.vendors.contract import Incoming, Unreadable

log = logging.getLogger(__name__)
START, END = b"\x0b", b"\x1c\x0d"
Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
Handle = Callable[[bytes], Awaitable[bytes]]


def acknowledge(inbound: Inbound, content: bytes) -> bytes:
    """The acknowledgment of one message: AA once it is kept for good, AE where the sender is to try again."""
    now = timezone.now()
    try:
        items = VENDORS[inbound.vendor].split(Incoming("SEND", "", content))
        keep(inbound=inbound, items=items, now=now)
    except Unreadable:
        return _ack("AR", content, "100^Segment sequence error^HL70357")
    except DatabaseError as fault:
        log.error("hl7.not_kept", extra={"error": type(fault).__name__})
        return _ack("AE", content, "207^Application internal error^HL70357")
    return _ack("AA", content)


def refuse(inbound: Inbound, address: str) -> None:
    """Somebody called from a network that may not: staff see it."""
    note_refused(inbound=inbound, why=f"a call from {address}, which may not", now=timezone.now())


def _ack(code: str, content: bytes, error: str = "") -> bytes:
    """Parties change places; MSA-2 is what the sender knows its message by."""
    now = written(timezone.now())
    try:
        message = Message.parse(content)
        parties = [escaped(message.value("MSH", at)) for at in (5, 6, 3, 4)]
        control, event = escaped(message.value("MSH", 10)), escaped(message.value("MSH", 9, 2))
    except NotHl7:
        parties, control, event = ["", "", "", ""], "", ""
    header = f"MSH|^~\\&|{'|'.join(parties)}|{now}||ACK^{event}^ACK|{control or now[:14]}|P|2.5.1"
    lines = [header, f"MSA|{code}|{control}", *([f"ERR|||{error}|E"] if error else [])]
    return ("\r".join(lines) + "\r").encode()


class Door:
    """A listening socket: each connection's messages one after the other, each acknowledged in turn."""

    def __init__(
        self, handle: Handle, refused: Callable[[str], Awaitable[None]], allowed: Networks, largest: int
    ) -> None:
        self.handle, self.refused, self.allowed, self.largest = handle, refused, allowed, largest

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> asyncio.Server:
        """Raises OSError where the port is taken."""
        return await asyncio.start_server(self.converse, host, port, ssl=tls)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = str(writer.get_extra_info("peername")[0])
        try:
            if any(ipaddress.ip_address(address) in each for each in self.allowed):
                await self._messages(reader, writer)
            else:
                await self.refused(address)
        except OSError:
            log.info("hl7.hung_up")  # what was not acknowledged is sent again
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _messages(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """However the messages are cut on their way; noise between them is dropped."""
        came = b""
        while part := await reader.read(65_536):
            came += part
            while END in came:
                whole, _, came = came.partition(END)
                writer.write(START + await self.handle(whole.rpartition(START)[2]) + END)
                await writer.drain()
            if len(came) > self.largest:
                log.warning("hl7.too_large")
                return
