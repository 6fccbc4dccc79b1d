"""The way out: only where it was declared, never into a private network, and never longer than allowed."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from destinations import http
from destinations.contract import Call

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[http.Way]:
    """A listener on loopback that treats each connection so."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65_536)
                    behave(connection)
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    named = f"127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield http.Way(f"http://{named}", ("GET /ok", "GET /lists/*"), frozenset({named}))
    finally:
        listener.close()


def hang(connection: socket.socket) -> None:
    time.sleep(5)


def drip(head: bytes) -> Callable[[socket.socket], None]:
    """Sends this, then one byte every tenth of a second, for ever."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            time.sleep(0.1)
            connection.sendall(b"x")

    return behave


def send(way: http.Way, path: str = "/ok", method: str = "GET", seconds: float = 0.6) -> object:
    return http.send(Call(method, path), way, time.monotonic() + seconds)


def test_a_declared_call_is_made_and_answered():
    with server(lambda connection: connection.sendall(HELLO)) as way:
        answer = http.send(Call("GET", "/ok"), way, time.monotonic() + 2)
    assert (answer.status, answer.body) == (200, b"ok")


@pytest.mark.parametrize(
    "behave",
    [hang, drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")],
    ids=["hangs", "drips its headers", "drips its body"],
)
def test_a_call_ends_at_its_deadline_however_slow_the_answer(behave):
    with server(behave) as way:
        began = time.monotonic()
        with pytest.raises(http.NoAnswer) as lost:
            send(way)
        assert time.monotonic() - began < 1.5
    assert lost.value.sent, "it may have been done"


def test_a_refused_connection_was_never_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        named = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(http.NoAnswer) as lost:
        send(http.Way(f"http://{named}", ("GET /ok",), frozenset({named})))
    assert not lost.value.sent


def test_an_endless_answer_is_cut():
    flood = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000
    with server(lambda connection: connection.sendall(flood)) as way, pytest.raises(http.NoAnswer):
        send(way, seconds=5)


def test_a_redirect_is_an_answer_and_is_not_followed():
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    with server(lambda connection: connection.sendall(moved)) as way:
        assert http.send(Call("GET", "/ok"), way, time.monotonic() + 2).status == 302


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/lists/7"), ("GET", "/lists/7/members"), ("GET", "/lists/../ok"), ("GET", "/other")],
)
def test_what_the_connector_did_not_declare_never_leaves(method, path):
    with server(hang) as way, pytest.raises(http.Blocked):
        send(way, path, method)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "[::1]",
        "0x7f000001",
    ],
)
def test_private_networks_are_refused_unless_operators_named_them(host):
    way = http.Way(f"https://{host}:9", ("GET /ok",))
    with pytest.raises((http.Blocked, http.NoAnswer)) as refused:
        send(way)
    assert isinstance(refused.value, http.Blocked)


def test_plain_http_is_refused_on_the_open_internet():
    with pytest.raises(http.Blocked):
        send(http.Way("http://example.org", ("GET /ok",)))
