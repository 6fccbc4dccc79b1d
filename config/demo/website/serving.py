"""The site's server: its pages, its sign-in, and a stand-in for a CDN that says where a visitor is.

A site loads the banner from Heed. Here a visitor may say from where they look: then the same comes by way
of `/cdn/<place>/<signal>/`, which adds the header that a CDN would add.
"""

import json
import re
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlsplit

import requests

from config.demo.people import SHOWN

HERE = Path(__file__).parent / "pages"
FILES = {f"/{each.name}": each for each in HERE.iterdir() if each.suffix != ".html"}
KINDS = {".css": "text/css", ".js": "text/javascript"}
PLACES = {
    "": "nobody knows where",
    "DE": "Germany",
    "US-CA": "California",
    "US-TX": "Texas",
    "US-WA": "Washington state",
}
LANGUAGES = {"en": "English", "es": "Español"}
CDN = re.compile(r"/cdn/(-|[A-Z]{2}(?:-[A-Z]{2})?)/([01])(/banner(?:\.js|/config/\w{8}\.json|/choices))")
ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
    b'<path fill="#7a4a12" d="M3 0h2v3h3v2H5v3H3V5H0V3h3z"/></svg>'
)
PASSED_ON = ("Origin", "User-Agent", "Content-Type")
PATIENCE, MOST = 10.0, 8_192


@dataclass(frozen=True, slots=True)
class Site:
    """Where Heed is, the key in the site's pages, and the key of the server behind the site's sign-in."""

    heed: str
    banner_key: str
    portal_key: str

    @property
    def policy(self) -> str:
        """As strict as a site can be."""
        return (
            f"default-src 'none'; script-src 'self' {self.heed}; connect-src 'self' {self.heed}; "
            "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types heed"
        )

    def page(self, query: str) -> str:
        """The one page, as somebody from there sees it."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        place = asked.get("from", "") if asked.get("from") in PLACES else ""
        language = asked.get("language", "") if asked.get("language") in LANGUAGES else "en"
        signal = asked.get("signal") == "1"
        through_cdn = f"/cdn/{place or '-'}/{int(signal)}" if place or signal else self.heed
        return Template((HERE / "site.html").read_text()).substitute(
            language=language,
            banner=f"{through_cdn}/banner.js",
            key=self.banner_key,
            places=_options(PLACES, place),
            languages=_options(LANGUAGES, language),
            signal="checked" if signal else "",
            name=f"{SHOWN.given} {SHOWN.family}",
            heed=self.heed,
        )

    def sign_in(self, browser: str) -> str:
        """The server behind the sign-in knows who it is, and tells Heed in which browser."""
        said = {"anonymousId": browser, "traits": {"mrn": SHOWN.mrn}}
        answer = requests.post(
            f"{self.heed}/v1/identify",
            json=said,
            headers={"Authorization": f"Bearer {self.portal_key}"},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return str(answer.json()["profile"])


def _options(words: dict[str, str], picked: str) -> str:
    return "".join(
        f'<option value="{value}"{" selected" if value == picked else ""}>{text}</option>'
        for value, text in words.items()
    )


class Server(ThreadingHTTPServer):
    """A browser opens many connections at once: none is turned away."""

    request_queue_size = 128


def serve(site: Site, host: str, port: int) -> Server:
    """A server that listens."""
    return Server((host, port), partial(Visit, site))


class Visit(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def __init__(self, site: Site, *rest: object) -> None:
        self.site = site
        super().__init__(*rest)  # type: ignore[arg-type]  # what the server hands over

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if found := CDN.fullmatch(where.path):
            self._by_cdn(found, where.query)
        elif where.path == "/":
            self._answer(200, "text/html", self.site.page(where.query).encode())
        elif file := FILES.get(where.path):
            self._answer(200, KINDS[file.suffix], file.read_bytes())
        elif where.path == "/favicon.ico":
            self._answer(200, "image/svg+xml", ICON)
        else:
            self._answer(404, "text/plain", b"There is no such page.")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST))
        if found := CDN.fullmatch(self.path):
            self._by_cdn(found, "", body)
        elif self.path == "/sign-in":
            self._signed_in(body)
        else:
            self._answer(404, "text/plain", b"There is no such page.")

    def _signed_in(self, body: bytes) -> None:
        try:
            told = {"profile": self.site.sign_in(str(json.loads(body)["browser"]))}
            self._answer(200, "application/json", json.dumps(told).encode())
        except (requests.RequestException, ValueError, KeyError):
            self._answer(502, "application/json", b'{"profile": ""}')

    def _by_cdn(self, found: re.Match[str], query: str, body: bytes | None = None) -> None:
        place, signal, path = found.groups()
        country, _, part = place.strip("-").partition("-")
        told = {"CF-IPCountry": country, "CF-Region-Code": part}
        told |= {"Sec-GPC": "1"} if signal == "1" else {}
        kept = {name: self.headers[name] for name in PASSED_ON if self.headers[name]}
        try:
            answer = requests.request(
                self.command,
                f"{self.site.heed}{path}?{query}",
                data=body,
                headers={**kept, **told},
                timeout=PATIENCE,
            )
        except requests.RequestException:
            self._answer(502, "text/plain", b"Heed does not answer.")
            return
        self._answer(answer.status_code, answer.headers["Content-Type"], answer.content)

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind if ";" in kind else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", self.site.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Nobody's visits are written down."""
