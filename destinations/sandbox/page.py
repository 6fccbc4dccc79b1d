"""The systems page in HTML: a card per system, kind by kind; every value escaped, no script inside."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from destinations.sandbox.exchange import Document
from destinations.sandbox.page_events import EVENTS, Tracking, events_of
from destinations.sandbox.server import Sandbox

FRAME = Template((Path(__file__).parent / "systems.html").read_text())
MARKS = {True: ("yes", "✓"), False: ("no", "✕"), None: ("open", "–")}
NOBODY_ASKED = """
<section class="empty">
  <h2>Look somebody up</h2>
  <p>Type the email address or phone number of a patient of the demo. Then change a preference in another
  window and watch the systems follow: what changed is marked.</p>
</section>"""
STATUS = '<p class="status" data-status role="status">Press Look to see what has changed since.</p>'
TEXTS = ("STOP", "START", "yes", "no more surveys")
PHONES = "twilio"
MANY = 8  # lines: a card with more of them takes what room there is beside its neighbours


@dataclass(frozen=True)
class System:
    """One sandbox that the page asks: of which kind, and by which kinds of names (empty: as it is asked)."""

    slug: str
    connector: str
    name: str
    url: str
    kind: str = "Systems"
    found_by: Sequence[str] = ()
    unknown: str = "not known here"

    @classmethod
    def of(cls, sandbox: Sandbox) -> "System":
        """A sandbox that listens."""
        slug = sandbox.slug
        return cls(slug, slug, sandbox.name, sandbox.url, sandbox.kind, sandbox.found_by, sandbox.unknown)


@dataclass(frozen=True)
class View:
    """What one system answered about somebody; `error` says why it did not."""

    system: System
    known: bool = False
    record: Document = field(default_factory=dict)
    calls: int = 0
    words: Sequence[Document] = ()
    events: Document = field(default_factory=dict)
    error: str = ""


def page(searched: str, views: Sequence[View], tracking: Sequence[Tracking] = (), phone: str = "") -> str:
    """The whole page; `phone` is the one from which texts may be sent."""
    kinds: dict[str, list[View]] = {}
    for view in views:
        if view.system.kind == EVENTS:
            continue
        kinds.setdefault(view.system.kind, []).append(view)
    groups = "\n".join(group(kind, of_kind, searched, phone) for kind, of_kind in kinds.items())
    happened = events_of(tracking, searched)
    found = f'{STATUS}\n<div class="kinds">{groups}</div>\n{happened}' if searched else NOBODY_ASKED
    if happened and not searched:
        found += f"\n{STATUS}\n{happened}"
    return FRAME.substitute(searched=escape(searched), found=found)


def group(kind: str, views: Sequence[View], searched: str, phone: str) -> str:
    """Systems of one kind, side by side."""
    cards = "\n".join(
        card(view, texting(searched, phone) if view.system.slug == PHONES else "") for view in views
    )
    size = "full" if any(len(view.words) > MANY for view in views) else len(views)
    return f"""
<section class="kind" data-size="{size}">
  <h2>{escape(kind)}</h2>
  <div class="cards">{cards}</div>
</section>"""


def card(view: View, acts: str = "") -> str:
    """One system: whether it knows the person, what it believes in words, and its own fields."""
    slug = escape(view.system.slug)
    wide = " data-wide" if len(view.words) > MANY else ""
    return f"""
<article class="card" id="{slug}"{wide} aria-labelledby="{slug}-name">
  <header>
    <h3 id="{slug}-name">{escape(view.system.name)}</h3>
    <p class="figures" data-live="{slug}-figures">{"".join(figures(view))}</p>
  </header>{acts}
  <ul class="words" data-live="{slug}-words">{"".join(in_words(view))}</ul>
  <details>
    <summary>Its own fields</summary>
    <div class="scroll" tabindex="0"><dl data-live="{slug}-fields">{"".join(own_fields(view))}</dl></div>
  </details>
</article>"""


def texting(searched: str, phone: str) -> str:
    """The person's phone: ready texts, and a line for others."""
    if not phone:
        return '\n  <p class="about">No phone number is known of this person.</p>'
    ready = " ".join(f'<button name="body" value="{each}" formnovalidate>{each}</button>' for each in TEXTS)
    return f"""
  <form class="phone" action="/text" method="post" data-text>
    <p class="about">Text as <b>{escape(phone)}</b>. Twilio posts it to Heed, signed.</p>
    <input type="hidden" name="from" value="{escape(phone)}">
    <input type="hidden" name="who" value="{escape(searched)}">
    <div class="ready">{ready}</div>
    <label for="other">Other words</label>
    <div class="ask"><input id="other" name="other" type="text" maxlength="300" autocomplete="off" required>
    <button>Send</button></div>
  </form>"""


def figures(view: View) -> Iterator[str]:
    """Whether the system knows the person, and how often Heed wrote."""
    slug = escape(view.system.slug)
    yield f'<span data-key="{slug} state">{escape(state(view))}</span>'
    if view.system.slug != PHONES:
        yield f' · <span data-key="{slug} writes">{writes(view.calls)}</span>'


def state(view: View) -> str:
    """Whether the system knows the person."""
    return "does not answer" if view.error else "knows this person" if view.known else view.system.unknown


def writes(calls: int) -> str:
    """How often Heed wrote about the person."""
    return {0: "no writes", 1: "1 write"}.get(calls, f"{calls} writes")


def in_words(view: View) -> Iterator[str]:
    """A line per belief: mark, subject, what is said of it."""
    if not view.words:
        yield f'<li class="open">{nothing(view)}</li>'
    for at, belief in enumerate(view.words):
        tone, mark = MARKS[belief["may"]]
        about, says = escape(belief["about"]), escape(belief["says"])
        key = escape(f"{view.system.slug} {at} {belief['about']}")
        yield f'<li class="{tone}" data-key="{key}"><span class="mark" aria-hidden="true">{mark}</span> '
        yield f"<span><b>{about}:</b> {says}</span></li>"


def nothing(view: View) -> str:
    """What an empty card says."""
    if view.error:
        return "It is down, or it hangs. It will be asked again."
    if view.system.slug == PHONES:
        return "Texts from and to this phone will stand here."
    return "It holds nothing about this address."


def own_fields(view: View) -> Iterator[str]:
    """A row per field, as the system's own API names it."""
    for path, value in flattened(view.record):
        key = escape(f"{view.system.slug} {path}")
        yield f'<div data-key="{key}"><dt>{escape(path)}</dt><dd>{escape(value)}</dd></div>'


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """`entry[0].resource.status`, `active`: each leaf of a document with its way there."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from flattened(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for at, inner in enumerate(value):
            yield from flattened(inner, f"{path}[{at}]")
    elif path:
        yield path, value if isinstance(value, str) else json.dumps(value)
