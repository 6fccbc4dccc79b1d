"""`manage.py listen_hl7`: an EHR's HL7 v2 messages come in by MLLP."""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from destinations.models import Inbound
from destinations.vendors import VENDORS
from destinations.webhooks.mllp import Door, acknowledge, refuse

Returned = TypeVar("Returned")


class Command(BaseCommand):
    """Run it beside the web server; a supervisor starts it again should it end."""

    help = "Take an EHR's HL7 v2 messages by MLLP, and acknowledge each once it is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", required=True, help="the incoming connection")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=2575)
        parser.add_argument("--allow", action="append", default=[], metavar="NETWORK", help="who may call")
        parser.add_argument("--certificate", help="a file: TLS is on")
        parser.add_argument("--key", help="its key, a file")
        parser.add_argument("--clients-ca", help="a file: callers must show a certificate of this authority")

    def handle(self, *args: Any, **options: Any) -> None:
        """Until it is stopped."""
        inbound = Inbound.objects.filter(
            source__slug=options["source"], source__is_active=True, vendor="hl7"
        ).first()
        if inbound is None:
            raise CommandError(f"no HL7 v2 messages come in at {options['source']!r}")
        try:
            allowed = [ipaddress.ip_network(each) for each in options["allow"] or ["127.0.0.0/8", "::1/128"]]
            tls = _tls(options)
        except (ValueError, OSError) as fault:
            raise CommandError(str(fault)) from None
        door = Door(
            sync_to_async(partial(_connected, acknowledge, inbound)),
            sync_to_async(partial(_connected, refuse, inbound)),
            allowed,
            VENDORS["hl7"].largest,
        )
        try:
            asyncio.run(self._listen(door, options["host"], options["port"], tls))
        except OSError as fault:
            raise CommandError(f"port {options['port']}: {fault.strerror}") from None
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    async def _listen(self, door: Door, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        server = await door.open(host, port, tls)
        self.stdout.write(
            f"Listening on {host}:{server.sockets[0].getsockname()[1]}{' with TLS' if tls else ''}."
        )
        self.stdout.flush()
        async with server:
            await server.serve_forever()


def _connected(act: Callable[[Inbound, Any], Returned], inbound: Inbound, said: Any) -> Returned:
    """With a connection to the database that is still good: messages may be hours apart."""
    close_old_connections()
    return act(inbound, said)


def _tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    """Raises OSError where a file is none, ValueError where one is missing."""
    if not options["certificate"]:
        if options["clients_ca"] or options["key"]:
            raise ValueError("--key and --clients-ca belong to a --certificate")
        return None
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options["certificate"], options["key"])
    if options["clients_ca"]:
        tls.load_verify_locations(options["clients_ca"])
        tls.verify_mode = ssl.CERT_REQUIRED
    return tls
