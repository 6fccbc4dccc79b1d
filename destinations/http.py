"""The only place that opens a socket to the outside: allow-list, SSRF guard, total deadline, pools.

Calls go through an adapter of `requests` without a session: nobody follows redirects, keeps cookies, or reads
proxies and .netrc. A call ends at its deadline by the wall clock, however slowly the other side drips: a
watchdog shuts the socket.
"""

import contextlib
import heapq
import ipaddress
import itertools
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from destinations.contract import Answer, Call, is_one_of

CONNECT_SECONDS = 3.05
LARGEST_ANSWER = 2_000_000  # bytes
HEADERS = {"User-Agent": "Heed", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


class Blocked(Exception):
    """The call may not be made from here at all."""


class NoAnswer(Exception):
    """No whole answer came. `sent`: the other side may have acted on the request."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Way:
    """How one destination may be reached."""

    base_url: str
    may_call: Sequence[str]
    private_hosts: frozenset[str] = field(default_factory=frozenset)  # "host:port"
    only: Callable[[Call], bool] | None = None  # narrower still: `Connector.only_reads`, to look and no more
    largest: int = LARGEST_ANSWER


_current = threading.local()


def check_address(way: Way, host: str, port: int, address: str) -> None:
    """Raises Blocked for an address in a private network, unless the destination may reach it."""
    if ipaddress.ip_address(address).is_global or f"{host}:{port}" in way.private_hosts:
        return
    raise Blocked("the address is in a private network that this destination may not reach")


class _Guarded(HTTPConnection):
    """A connection that looks where it goes, and that the watchdog can reach."""

    def _new_conn(self) -> socket.socket:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        error: Exception = OSError("the name has no address")
        if time.monotonic() >= _current.deadline:  # resolving has no deadline of its own
            raise NewConnectionError(self, "the name was found too late")
        for *_, address in found:
            check_address(_current.way, self.host, self.port, str(address[0]))
            try:
                timeout = min(CONNECT_SECONDS, max(_current.deadline - time.monotonic(), 0.01))
                sock = socket.create_connection((str(address[0]), self.port), timeout)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            except OSError as refused:
                error = refused
        raise NewConnectionError(self, str(error))

    def request(self, *args: Any, **kwargs: Any) -> None:
        _current.alarm.connection = self
        super().request(*args, **kwargs)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Alarm:
    """One call's deadline. When it goes off, the socket is shut under the reader."""

    def __init__(self) -> None:
        self.connection: HTTPConnection | None = None
        self.done = self.rang = False

    def ring(self) -> None:
        if self.done:
            return
        self.rang = True
        sock = self.connection.sock if self.connection else None
        if sock is not None:
            with contextlib.suppress(OSError):  # it ended by itself meanwhile
                sock.shutdown(socket.SHUT_RDWR)


class _Watchdog(threading.Thread):
    """One thread for all deadlines of the process."""

    def __init__(self) -> None:
        super().__init__(name="http-deadlines", daemon=True)
        self.alarms: list[tuple[float, int, _Alarm]] = []
        self.count = itertools.count()
        self.changed = threading.Condition()
        self.start()

    def set(self, deadline: float) -> _Alarm:
        alarm = _Alarm()
        with self.changed:
            heapq.heappush(self.alarms, (deadline, next(self.count), alarm))
            if self.alarms[0][2] is alarm:
                self.changed.notify()
        return alarm

    def run(self) -> None:
        while True:
            with self.changed:
                now = time.monotonic()
                due = []
                while self.alarms and (self.alarms[0][0] <= now or self.alarms[0][2].done):
                    due.append(heapq.heappop(self.alarms)[2])
                if not due:
                    self.changed.wait(self.alarms[0][0] - now if self.alarms else None)
            for alarm in due:
                alarm.ring()


_watchdog: _Watchdog | None = None
_starting = threading.Lock()


def _alarm_at(deadline: float) -> _Alarm:
    """Started on first use, so that a forked worker has a watchdog of its own."""
    global _watchdog  # noqa: PLW0603 - one per process
    with _starting:
        if _watchdog is None or not _watchdog.is_alive():
            _watchdog = _Watchdog()
    return _watchdog.set(deadline)


def _adapter() -> _Adapter:
    """Each thread has its own, and so its own kept-alive connections."""
    if not hasattr(_current, "adapter"):
        _current.adapter = _Adapter(max_retries=0)
    return _current.adapter  # type: ignore[no-any-return]


def send(call: Call, way: Way, deadline: float) -> Answer:
    """Make one call, to end by `deadline` (time.monotonic()). Raises Blocked, NoAnswer."""
    base = call.base or way.base_url
    url = base.rstrip("/") + call.path if call.path else base
    check(call, url, way)
    _current.way, _current.deadline = way, deadline
    _current.alarm = alarm = _alarm_at(deadline)
    try:
        answer = _exchange(call, url, way.largest, deadline)
        if alarm.rang:  # what came before the cut can look whole
            raise NoAnswer("no whole answer in time", sent=True)
        return answer
    except requests.ConnectTimeout as error:
        raise NoAnswer("could not connect in time", sent=False) from error
    except requests.RequestException as error:
        refused = isinstance(
            getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError
        )
        words = "no whole answer in time" if alarm.rang else "the connection failed"
        raise NoAnswer(words, sent=not refused) from error
    finally:
        alarm.done = True


def _exchange(call: Call, url: str, largest: int, deadline: float) -> Answer:
    left = max(deadline - time.monotonic(), 0.01)
    request = requests.Request(
        call.method,
        url,
        params=call.params or None,
        json=call.json,
        data=call.body if call.body is not None else call.form,
        headers={**HEADERS, **call.headers},
    ).prepare()
    response = _adapter().send(request, stream=True, timeout=(CONNECT_SECONDS, left))
    with response:
        body = b""
        for chunk in response.iter_content(65_536):
            body += chunk
            if len(body) > largest or time.monotonic() > deadline:
                raise requests.ConnectionError("the answer is too large or too slow")
    return Answer(
        response.status_code, body, {name.lower(): value for name, value in response.headers.items()}
    )


def check(call: Call, url: str, way: Way) -> None:
    """Raises Blocked for whatever the connector did not declare, and for plain http outside named hosts."""
    parts = urlsplit(url)
    # A vendor's path and the base URL's own: the declared pattern is held against what the connector asked.
    if not is_one_of(call, way.may_call) or ".." in call.path.partition("?")[0]:
        raise Blocked(f"{call.method} on this path is not among the calls that the connector declares")
    named = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    if parts.scheme != "https" and not (parts.scheme == "http" and named in way.private_hosts):
        raise Blocked("plain http is allowed only to named hosts of a private network")
