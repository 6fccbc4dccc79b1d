"""The way to an SFTP server: a call is `PUT /name` with a body.

The server's key must be the one that staff entered. Credentials come with the call: `user`, `secret` (a
password, or a private key in OpenSSH's form), `host_key`.
"""

import base64
import binascii
import io
import re
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import SplitResult, unquote, urlsplit

import paramiko

from destinations.contract import Answer, Call
from destinations.files import check_name, part_of
from destinations.http import CONNECT_SECONDS, Blocked, NoAnswer, Way, check_address

KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def send(call: Call, way: Way, deadline: float) -> Answer:
    """Write one file there. Raises Blocked, NoAnswer."""
    address = urlsplit(call.base or way.base_url)
    check_name(call, way)
    if not address.hostname:
        raise Blocked("the address needs a host: sftp://host/directory")
    sent = False
    try:
        with closing(paramiko.Transport(_connected(address, way, deadline))) as transport:
            transport.banner_timeout = transport.auth_timeout = _left(deadline)
            transport.start_client(timeout=_left(deadline))
            _check_key(transport, call.headers)
            _sign_in(transport, call.headers)
            sent = True
            return _put(transport, call, unquote(address.path).rstrip("/"), deadline)
    except paramiko.AuthenticationException:
        return Answer(401)
    except (FileNotFoundError, PermissionError):
        return Answer(404)
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise NoAnswer(f"the file was not taken ({type(error).__name__})", sent=sent) from error


def _connected(address: SplitResult, way: Way, deadline: float) -> socket.socket:
    host, port = str(address.hostname), address.port or 22
    error: OSError = OSError("the name has no address")
    for *_, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        check_address(way, host, port, str(found[0]))
        try:
            return socket.create_connection((str(found[0]), port), min(CONNECT_SECONDS, _left(deadline)))
        except OSError as refused:
            error = refused
    raise error


def _check_key(transport: paramiko.Transport, told: Mapping[str, str]) -> None:
    """Before anything of ours is said: is it the server that staff meant? Raises Blocked."""
    kind, _, written = told["host_key"].strip().partition(" ")
    try:
        expected = base64.b64decode(written.split(" ")[0], validate=True)
    except binascii.Error:
        raise Blocked("the host key must be written as ssh-keyscan shows it: ssh-ed25519 AAAA…") from None
    shown = transport.get_remote_server_key()
    if not expected or (shown.get_name(), shown.asbytes()) != (kind, expected):
        raise Blocked("the server shows another host key than the one that was entered")


def _sign_in(transport: paramiko.Transport, told: Mapping[str, str]) -> None:
    """Raises paramiko.AuthenticationException."""
    if "PRIVATE KEY" in told["secret"]:
        transport.auth_publickey(told["user"], private_key(told["secret"]))
    else:
        transport.auth_password(told["user"], told["secret"], fallback=False)


def private_key(text: str) -> paramiko.PKey:
    """A key as it was pasted into one line. Raises paramiko.AuthenticationException."""
    found = re.fullmatch(r"\s*(-----BEGIN [A-Z ]+-----)(.*)(-----END [A-Z ]+-----)\s*", text, re.DOTALL)
    lines = re.findall(".{1,70}", re.sub(r"\s", "", found[2])) if found else []
    whole = "\n".join([found[1], *lines, found[3], ""]) if found else ""
    for kind in KEYS:
        try:
            return kind.from_private_key(io.StringIO(whole))
        except (paramiko.SSHException, ValueError):
            continue
    raise paramiko.AuthenticationException("the private key cannot be read")


def _put(transport: paramiko.Transport, call: Call, directory: str, deadline: float) -> Answer:
    """Written beside it first, then renamed over it (posix-rename@openssh.com)."""
    opened = paramiko.SFTPClient.from_transport(transport)
    if opened is None:
        raise OSError("no SFTP there")
    with closing(opened) as client:
        if channel := client.get_channel():
            channel.settimeout(_left(deadline))
        target = f"{directory}{call.path}"
        part = part_of(target)
        with client.open(part, "wb") as file:
            file.write(call.body or b"")
        client.posix_rename(part, target)
    return Answer(201)


def _left(deadline: float) -> float:
    """Seconds. Raises TimeoutError, an OSError, once there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
