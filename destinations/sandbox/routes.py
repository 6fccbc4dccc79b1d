"""Methods that answer calls: a table of routes, served on a port of the loopback."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Protocol, TypeVar
from urllib.parse import unquote

from destinations.sandbox.exchange import Answer, Request, Unreadable
from destinations.sandbox.listener import Listener

Handler = TypeVar("Handler", bound=Callable[..., Answer])


class Runs(Protocol):
    """Whatever listens on a port."""

    def start(self, port: int = 0) -> None: ...
    def stop(self) -> None: ...


Running = TypeVar("Running", bound=Runs)

MARK = "__routes__"


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Serve this method and path (a pattern) with what stands below; `{name}` is handed over unquoted."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault(MARK, []).append((method, pattern))
        return handler

    return mark


class Server:
    """A table of routes on a port; what they answer is for subclasses."""

    slug: ClassVar[str]
    routes: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def __init_subclass__(cls) -> None:
        members = {name: member for kin in reversed(cls.__mro__) for name, member in vars(kin).items()}
        cls.routes = [
            (method, pattern, name)
            for name, member in members.items()
            for method, pattern in getattr(member, MARK, [])
        ]

    def __init__(self) -> None:
        self.url = ""
        self._listener: Listener | None = None

    def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1, on any free port if none is named; OSError when the port is taken."""
        self._listener = Listener(port, self.handle, lambda: self.error(500))
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self._listener.listen()

    def stop(self) -> None:
        """Stop listening and hang up on everyone."""
        if self._listener:
            self._listener.stop()

    def handle(self, request: Request) -> Answer:
        """Answer one call."""
        return self.dispatch(request)

    def dispatch(self, request: Request) -> Answer:
        """Find the route and let it answer; what the caller got wrong is told in the vendor's own shape."""
        known = False
        for method, pattern, name in self.routes:
            if parts := pattern.fullmatch(request.path):
                if method == request.method:
                    return self._called(name, request, parts.groupdict())
                known = True
        return self.error(405 if known else 404)

    def _called(self, name: str, request: Request, parts: dict[str, str]) -> Answer:
        try:
            answer: Answer = getattr(self, name)(
                request, **{key: unquote(part) for key, part in parts.items()}
            )
        except Unreadable as words:
            return self.error(400, str(words))
        return answer

    def error(self, status: int, message: str = "") -> Answer:
        """A refusal, as this vendor words it."""
        raise NotImplementedError


@contextmanager
def running(server: Running, port: int = 0) -> Iterator[Running]:
    """`with running(SendGridSandbox()) as sandbox:` serves it on a free port, in this process, for a test."""
    server.start(port)
    try:
        yield server
    finally:
        server.stop()
