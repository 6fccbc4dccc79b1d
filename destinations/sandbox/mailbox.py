"""The demo's mailbox and phone: what Heed itself mailed and texted, so that codes can be tried by hand.

Everybody's, the newest first: these people are invented. Mails are read where Django's file backend put them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from html import escape
from pathlib import Path
from string import Template

from destinations.sandbox.exchange import Document

FRAME = Template((Path(__file__).parent / "mailbox.html").read_text())
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # django.core.mail.backends.filebased
LINK = re.compile(r"https?://[^\s<>\"]+")
MOST, LONGEST = 50, 100_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail or text, as whoever got it reads it."""

    to: str
    at: datetime
    body: str
    subject: str = ""


def mails(directory: Path | None) -> list[Letter]:
    """The newest mails; none where there is no such directory."""
    if directory is None or not directory.is_dir():
        return []
    newest = sorted(directory.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)[:MOST]
    found = [letter for file in newest for letter in _in_file(file)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MOST]


def _in_file(file: Path) -> Iterator[Letter]:
    for part in file.read_bytes()[:LONGEST].split(BETWEEN):
        message = message_from_bytes(part.strip(), policy=default)
        if message["To"]:
            body = message.get_body(("plain",))
            words = body.get_content() if body else ""
            yield Letter(message["To"], _time(message["Date"]), words, str(message["Subject"] or ""))


def texts(messages: Iterable[Document]) -> list[Letter]:
    """What the phones got, as Twilio's API shows it."""
    return [Letter(each["to"], _time(each["date_created"]), each["body"]) for each in messages]


def _time(written: str | None) -> datetime:
    try:
        at = parsedate_to_datetime(str(written))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)  # `-0000`, as Django writes it


def page(mailed: Sequence[Letter], texted: Sequence[Letter]) -> str:
    """Both side by side; every value escaped, links of Heed's own to be followed."""
    return FRAME.substitute(
        mails=_listed(mailed, "No mail yet. Ask for a code on the patients’ page."),
        texts=_listed(texted, "No text yet. Ask for a code by phone number."),
    )


def _listed(letters: Sequence[Letter], none: str) -> str:
    return "\n".join(map(_letter, letters)) or f'<p class="about">{escape(none)}</p>'


def _letter(letter: Letter) -> str:
    heading = letter.subject or "Text message"
    return f"""
<article class="card letter">
  <header><h3>{escape(heading)}</h3><p class="about">to {escape(letter.to)}</p>
  <p class="about"><time datetime="{letter.at:%Y-%m-%dT%H:%M:%SZ}">{letter.at:%H:%M:%S} UTC</time></p>
  </header>
  <p class="body">{_linked(letter.body)}</p>
</article>"""


def _linked(text: str) -> str:
    made, at = [], 0
    for found in LINK.finditer(text):
        made += [escape(text[at : found.start()]), f'<a href="{escape(found[0])}">{escape(found[0])}</a>']
        at = found.end()
    return "".join([*made, escape(text[at:])])
