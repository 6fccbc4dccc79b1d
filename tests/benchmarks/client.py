"""A client that costs next to nothing, since it shares the machine with what it measures."""

import json
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(slots=True)
class Answered:
    """Status, headers as they came, body (chunks and all, where it came in chunks)."""

    status: int
    head: str
    body: bytes


class Connection:
    """One kept-alive connection that sends ready-made requests."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def send(self, request: bytes) -> Answered:
        """Send and read the whole answer; once more where the server had hung up on an idle connection."""
        try:
            return self._exchange(request)
        except ConnectionError:
            self.close()
            return self._exchange(request)

    def _exchange(self, request: bytes) -> Answered:
        if self.socket is None:
            self.socket = socket.create_connection((HOST, self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        got = self._more(b"")
        while b"\r\n\r\n" not in got:
            got = self._more(got)
        head, _, body = got.partition(b"\r\n\r\n")
        words = head.decode("latin-1")
        length = re.search(r"(?i)content-length: (\d+)", words)
        while len(body) < int(length[1]) if length else not body.endswith(LAST_CHUNK):
            body = self._more(body)
        if "connection: close" in words.lower():
            self.close()
        return Answered(int(words.split(" ", 2)[1]), words, body)

    def _more(self, got: bytes) -> bytes:
        assert self.socket is not None
        more = self.socket.recv(65_536)
        if not more:
            raise ConnectionResetError("the server hung up")
        return got + more

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request, ready to be sent."""
    sent = {"Host": HOST, "User-Agent": "bench", **headers}
    if method == "POST":
        sent["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def post_json(path: str, content: Any, headers: dict[str, str]) -> bytes:
    """A POST of JSON, ready to be sent."""
    body = json.dumps(content).encode()
    return request("POST", path, {"Content-Type": "application/json", **headers}, body)


def in_parallel(connections: int, work: Callable[[], None]) -> None:
    """The same work on so many threads; what one of them raises is raised here, so nothing is lost unseen."""
    with ThreadPoolExecutor(connections) as pool:
        for done in [pool.submit(work) for _ in range(connections)]:
            done.result()
