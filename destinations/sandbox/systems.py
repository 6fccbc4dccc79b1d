"""The systems page: what every system believes about one patient, side by side, as it changes."""

import http.client
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from destinations.sandbox import fhir_resources as fhir
from destinations.sandbox import mailbox
from destinations.sandbox.exchange import Answer, Document, Request
from destinations.sandbox.page import PHONES, System, View, page
from destinations.sandbox.page_events import Tracking
from destinations.sandbox.routes import Server, route
from destinations.sandbox.withheld import NOTHING, withheld

HERE = Path(__file__).parent
PATIENCE, TEXT_PATIENCE = 2.0, 20.0
RECORD, SNAPSHOTS, OURS = "fhir", "webhook", "same-origin"
CLOSED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


class SystemsPage(Server):
    """`GET /systems?email=…` for people, `&format=json` for machines; `GET /mailbox` what Heed sent."""

    slug = "systems"

    def __init__(
        self, systems: Sequence[System], database: Path | None = None, mails: Path | None = None
    ) -> None:
        super().__init__()
        self.systems, self.database, self.mails = systems, database, mails

    def error(self, status: int, message: str = "") -> Answer:
        """Plain words."""
        return Answer(status, (message or f"refused with {status}").encode(), content_type="text/plain")

    @route("GET", "/systems")
    def show(self, request: Request) -> Answer:
        """Ask everybody at once, and show it."""
        about = sought(request)
        person = self.named(about) if about else {}
        views = self.ask(about, person) if about else []
        if request.asked("format") == "json":
            return Answer(body={"systems": [as_json(view) for view in views]}, headers=CLOSED)
        tracking = self.tracking(views or self.ask({}, {}))
        html = page(next(iter(about.values()), ""), views, tracking, next(iter(person.get("phone", ())), ""))
        return Answer(body=html.encode(), headers=CLOSED, content_type="text/html; charset=utf-8")

    def tracking(self, views: Sequence[View]) -> list[Tracking]:
        """What each system that takes events was sent, and what Heed withheld from it."""
        snapshots = [view.record.get("data", {}) for view in views if view.system.slug == SNAPSHOTS]
        kept = withheld(self.database, next((str(each.get("profile") or "") for each in snapshots), ""))
        return [
            Tracking(each.system.slug, each.system.name, each.events, kept.get(each.system.slug, NOTHING))
            for each in views
            if each.events
        ]

    @route("POST", "/text")
    def text(self, request: Request) -> Answer:
        """Let the person's phone send a text, then show the page again. Other sites may not."""
        if request.headers.get("sec-fetch-site", OURS) != OURS:  # browsers say it; no script can alter it
            return self.error(403, "texts are sent from this page only")
        form = request.form()
        message = {"from": form.get("from", ""), "body": form.get("body") or form.get("other", "")}
        phones = next((each for each in self.systems if each.slug == PHONES), None)
        if phones is None or not called(phones, "POST", "/_text", json.dumps(message), TEXT_PATIENCE):
            return self.error(400, "the text was not sent: a text has words, and a number that it comes from")
        return Answer(303, headers={"Location": f"/systems?{urlencode({'who': form.get('who', '')})}#twilio"})

    @route("GET", "/mailbox")
    def mailbox(self, request: Request) -> Answer:
        """Everybody's mails and texts."""
        phones = next((each for each in self.systems if each.slug == PHONES), None)
        texted = called(phones, "GET", "/_messages").get("messages", []) if phones else []
        html = mailbox.page(mailbox.mails(self.mails), mailbox.texts(texted))
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

    def named(self, about: dict[str, str]) -> dict[str, list[str]]:
        """The person's addresses and record numbers, as the medical record has them, the given one first."""
        names = {kind: [value] for kind, value in about.items()}
        record = next((each for each in self.systems if each.slug == RECORD), None)
        for entry in asked(record, about).record.get("entry", []) if record else ():
            for kind, value in fhir.addresses(entry["resource"]):
                if value not in names.setdefault(kind, []):
                    names[kind].append(value)
        return names

    def ask(self, about: dict[str, str], person: dict[str, list[str]]) -> list[View]:
        """What each system says about the person, by the address asked for or by the names it goes by."""

        def told(system: System) -> View:
            names = {kind: person.get(kind, []) for kind in system.found_by}
            return asked(system, names or about)

        with ThreadPoolExecutor(max_workers=max(1, len(self.systems))) as threads:
            return list(threads.map(told, self.systems))


def asked(system: System, names: Mapping[str, str | Sequence[str]]) -> View:
    """One system's answer; one that gives none is shown as such, without the address asked for."""
    told = called(system, "GET", f"/_records?{urlencode(names, doseq=True)}")
    try:
        return View(system, told["known"], told["record"], told["calls"], told["words"], told["events"])
    except KeyError:
        return View(system, error="does not answer")


def called(system: System, method: str, path: str, body: str = "", patience: float = PATIENCE) -> Document:
    """The JSON object that a sandbox answers; an empty one where it answers none, or refuses."""
    connection = http.client.HTTPConnection(urlsplit(system.url).netloc, timeout=patience)
    try:
        connection.request(method, path, body or None)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return told if answer.status == 200 and isinstance(told, dict) else {}


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
    events = {"events": view.events} if view.events else {}
    return {**about, **told, **events, **({"error": view.error} if view.error else {})}
