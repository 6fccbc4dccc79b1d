"""Whether the demo's servers answer, asked over their sockets; and what the sandboxes say of themselves."""

import http.client
import json
import socket
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from config.demo.environment import HOST

PATIENCE = 5.0


def web_answers(port: int) -> bool:
    """Whether Heed serves: the process, and all that it stands on."""
    return _status(port, "/healthz") == 200 and _status(port, "/readyz") == 200


def _status(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection(HOST, port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0


def all_listen(urls: Iterable[str]) -> bool:
    """Whether somebody listens at each of these addresses; a directory (`file:`) is no address."""
    return all(_listens(url) for url in urls if urlsplit(url).port)


def _listens(url: str) -> bool:
    where = urlsplit(url)
    with suppress(OSError), socket.create_connection((HOST, where.port or 80), timeout=PATIENCE):
        return True
    return False


def announced(log: Path) -> dict[str, str]:
    """The line that the sandboxes print once they all listen: slug -> base URL. Empty until then."""
    with suppress(FileNotFoundError):
        for line in reversed(log.read_text().splitlines()):
            if line.startswith("{"):
                with suppress(ValueError):
                    found: dict[str, str] = json.loads(line)
                    return found
    return {}
