"""The way out by MLLP: where it was declared, with TLS outside named hosts, never longer than allowed."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from destinations import mllp, ways
from destinations.contract import Call
from destinations.http import Blocked, NoAnswer, Way

MESSAGE = Call("SEND", "", body=b"MSH|^~\\&|\r")
MAY = ("SEND ", "CONNECT ")


@pytest.fixture
def came():
    return []


@pytest.fixture
def interface(came):
    """A listener that answers one message by these parts, with a pause before each."""
    listener = socket.create_server(("127.0.0.1", 0))

    def start(*parts, pause=0.0):
        def serve():
            with suppress(OSError):  # nobody calls, or hangs up
                connection, _ = listener.accept()
                with connection:
                    came.append(connection.recv(65_536))
                    for each in parts:
                        time.sleep(pause)
                        connection.sendall(each)

        threading.Thread(target=serve, daemon=True).start()
        named = f"127.0.0.1:{listener.getsockname()[1]}"
        return Way(f"mllp://{named}", MAY, frozenset({named}))

    yield start
    listener.close()


def send(way, call=MESSAGE, seconds=1.0):
    return ways.send(call, way, time.monotonic() + seconds)


def test_a_message_is_framed_and_its_answer_is_read_however_it_is_cut(interface, came):
    way = interface(b"\x0bMSA|", b"AA|1\r\x1c", b"\r", pause=0.02)

    assert send(way).body == b"MSA|AA|1\r"
    assert came == [b"\x0bMSH|^~\\&|\r\x1c\r"]


@pytest.mark.parametrize("parts", [(b"\x0bMSA|AA",), (), (b"x" * 40_000, b"x" * 40_000)])
def test_an_answer_that_is_cut_off_or_too_large_is_none(interface, parts):
    with pytest.raises(NoAnswer) as lost:
        send(interface(*parts))
    assert lost.value.sent


def test_a_slow_drip_ends_at_the_deadline(interface):
    way = interface(*[b"x"] * 50, pause=0.1)
    began = time.monotonic()

    with pytest.raises(NoAnswer):
        send(way, seconds=0.4)
    assert time.monotonic() - began < 0.8


def test_where_nobody_listens_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        named = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(NoAnswer) as lost:
        send(Way(f"mllp://{named}", MAY, frozenset({named})))
    assert not lost.value.sent


@pytest.mark.parametrize(
    ("address", "call"),
    [
        ("mllp://ehr.example.org:2575", MESSAGE),  # no TLS
        ("mllps://127.0.0.1:2575", MESSAGE),  # a private network
        ("mllps://localhost:2575", MESSAGE),
        ("mllps://ehr.example.org", MESSAGE),  # no port
        ("gopher://ehr.example.org:70", MESSAGE),
    ],
)
def test_what_may_not_leave_is_blocked(address, call):
    with pytest.raises(Blocked):
        send(Way(address, MAY), call)


def test_a_host_without_a_certificate_that_is_trusted_gets_nothing(interface, came):
    plain = interface(b"not TLS")
    with pytest.raises(NoAnswer) as lost:
        send(Way(plain.base_url.replace("mllp:", "mllps:"), MAY, plain.private_hosts))
    assert not lost.value.sent
    assert b"MSH" not in b"".join(came)


def test_a_connection_is_tried_without_a_word(interface, came):
    assert send(interface(), Call("CONNECT", "")).status == 204
    assert mllp.START not in b"".join(came)


@pytest.mark.parametrize("call", [Call("DELETE", ""), Call("SEND", "/elsewhere")])
def test_what_was_not_declared_is_blocked_where_the_rest_may_go(interface, call):
    with pytest.raises(Blocked):
        send(interface(), call)
