"""The only place that opens a socket for HL7 v2: MLLP, with the rules of `destinations.http`.

Transport Specification: MLLP, Release 1: a message stands between 0x0B and 0x1C 0x0D. A call is `SEND` with
the message as its body, or `CONNECT`, which says nothing; each has a connection of its own and ends in time.
"""

import socket
import ssl
import time
from contextlib import closing
from urllib.parse import SplitResult, urlsplit

from destinations.contract import Answer, Call
from destinations.http import CONNECT_SECONDS, Blocked, NoAnswer, Way, check_address

START, END = b"\x0b", b"\x1c\x0d"
LARGEST_ANSWER = 65_536  # bytes of an acknowledgment


def send(call: Call, way: Way, deadline: float) -> Answer:
    """Make one call, to end by `deadline` (time.monotonic()). Raises Blocked, NoAnswer."""
    address = urlsplit(call.base or way.base_url)
    _check(call, address, way)
    try:
        opened = _connected(address, way, deadline)
    except OSError as error:
        raise NoAnswer("could not connect in time", sent=False) from error
    with closing(opened) as connection:
        if call.method == "CONNECT":
            return Answer(204)
        try:
            connection.settimeout(_left(deadline))
            connection.sendall(START + (call.body or b"") + END)
            return Answer(200, _answer(connection, deadline))
        except OSError as error:
            raise NoAnswer("no whole answer in time", sent=True) from error


def _check(call: Call, address: SplitResult, way: Way) -> None:
    if f"{call.method} " not in way.may_call or call.path:
        raise Blocked("this is not among the calls that the connector declares")
    if not address.hostname or not address.port:
        raise Blocked("the address needs a host and a port: mllps://host:2575")
    if address.scheme != "mllps" and f"{address.hostname}:{address.port}" not in way.private_hosts:
        raise Blocked("MLLP without TLS is allowed only to named hosts of a private network")


def _connected(address: SplitResult, way: Way, deadline: float) -> socket.socket:
    host, port = str(address.hostname), int(address.port or 0)
    error: OSError = OSError("the name has no address")
    for *_, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        check_address(way, host, port, str(found[0]))
        try:
            plain = socket.create_connection((str(found[0]), port), min(CONNECT_SECONDS, _left(deadline)))
            return _secured(plain, host, deadline) if address.scheme == "mllps" else plain
        except OSError as refused:
            error = refused
    raise error


def _secured(plain: socket.socket, host: str, deadline: float) -> socket.socket:
    """TLS with the host's name checked; certificates are trusted as the machine trusts them."""
    plain.settimeout(_left(deadline))
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _answer(connection: socket.socket, deadline: float) -> bytes:
    """One framed message, however it is cut. Raises OSError."""
    came = b""
    while END not in came:
        connection.settimeout(_left(deadline))
        part = connection.recv(4096)
        came += part
        if not part or len(came) > LARGEST_ANSWER or time.monotonic() > deadline:
            raise OSError("the answer is cut off, too large or too slow")
    return came.partition(END)[0].partition(START)[2]


def _left(deadline: float) -> float:
    """Seconds. Raises TimeoutError, an OSError, once there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
