"""The way into a directory of this machine: a call is `PUT /name` with a body."""

import os
import re
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from destinations.contract import Answer, Call
from destinations.http import Blocked, NoAnswer, Way

PUT = "PUT /*"


def send(call: Call, way: Way, deadline: float) -> Answer:
    """Write one file. Raises Blocked, NoAnswer."""
    directory = unquote(urlsplit(call.base or way.base_url).path).rstrip("/")
    check_name(call, way)
    if directory not in way.private_hosts:
        raise Blocked(f"an operator must name the directory {directory} in HEED_PRIVATE_HOSTS")
    target = Path(directory) / call.path[1:]
    try:
        _write(target, call.body or b"")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return Answer(404)
    except OSError as error:
        raise NoAnswer(f"the file could not be written ({error.strerror})", sent=False) from error
    return Answer(201)


def check_name(call: Call, way: Way) -> None:
    """One file in the directory itself. Raises Blocked."""
    plain = re.fullmatch(r"/[A-Za-z0-9][A-Za-z0-9._-]{0,150}", call.path)
    if PUT not in way.may_call or call.method != "PUT" or not plain:
        raise Blocked("this is not among the calls that the connector declares")


def part_of(name: str) -> str:
    """What it is called until it is whole: two that write at once do not mix their lines."""
    return f"{name}.{token_hex(4)}.part"


def _write(target: Path, body: bytes) -> None:
    """Nobody ever sees a part of it: it takes its name once it is on the disk."""
    part = target.with_name(part_of(target.name))
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
