"""The systems page: what every system believes about one patient, side by side, as it changes."""

import http.client
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from destinations.sandbox.exchange import Answer, Document, Request
from destinations.sandbox.page import System, View, page
from destinations.sandbox.routes import Server, route

HERE = Path(__file__).parent
PATIENCE = 2.0
CLOSED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


class SystemsPage(Server):
    """`GET /systems?email=…` for people, `&format=json` for machines."""

    slug = "systems"

    def __init__(self, systems: Sequence[System]) -> None:
        super().__init__()
        self.systems = systems

    def error(self, status: int, message: str = "") -> Answer:
        """Plain words."""
        return Answer(status, (message or f"refused with {status}").encode(), content_type="text/plain")

    @route("GET", "/systems")
    def show(self, request: Request) -> Answer:
        """Ask everybody at once, and show it."""
        about = sought(request)
        views = self.ask(about) if about else []
        if request.asked("format") == "json":
            return Answer(body={"systems": [as_json(view) for view in views]}, headers=CLOSED)
        html = page(next(iter(about.values()), ""), views)
        return Answer(body=html.encode(), headers=CLOSED, content_type="text/html; charset=utf-8")

    @route("GET", "/")
    def home(self, request: Request) -> Answer:
        """The page is one level down."""
        return Answer(302, headers={"Location": "/systems"})

    @route("GET", "/systems.css")
    def style(self, request: Request) -> Answer:
        """The stylesheet."""
        return Answer(body=(HERE / "systems.css").read_bytes(), content_type="text/css; charset=utf-8")

    @route("GET", "/systems.js")
    def script(self, request: Request) -> Answer:
        """What makes the page live."""
        return Answer(body=(HERE / "systems.js").read_bytes(), content_type="text/javascript; charset=utf-8")

    def ask(self, about: dict[str, str]) -> list[View]:
        """What each system says about this address, in the order of the systems."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.systems))) as threads:
            return list(threads.map(lambda system: asked(system, about), self.systems))


def asked(system: System, about: dict[str, str]) -> View:
    """One system's answer; one that gives none is shown as such, without the address asked for."""
    connection = http.client.HTTPConnection(urlsplit(system.url).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", f"/_records?{urlencode(about)}")
        told = json.loads(connection.getresponse().read())
        return View(system, told["known"], told["record"], told["calls"], told["words"])
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return View(system, error="does not answer")
    finally:
        connection.close()


def sought(request: Request) -> dict[str, str]:
    """Whom the page is asked about: `email=`, `phone=`, or `who=` from its own form."""
    who = request.asked("who").strip()
    given = {"email": request.asked("email").strip(), "phone": request.asked("phone").strip()}
    if who:
        given["email" if "@" in who else "phone"] = who
    return {name: value for name, value in given.items() if value}


def as_json(view: View) -> Document:
    """For machines: the fields that the demo promises."""
    about = {"slug": view.system.slug, "connector": view.system.connector, "name": view.system.name}
    told = {"known": view.known, "record": view.record, "calls": view.calls}
    return {**about, **told, **({"error": view.error} if view.error else {})}
