"""The systems page in HTML: a card per system, every value escaped, no script or style inside."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from destinations.sandbox.exchange import Document

FRAME = Template((Path(__file__).parent / "systems.html").read_text())
MARKS = {True: ("yes", "✓"), False: ("no", "✕"), None: ("open", "–")}
NOBODY_ASKED = """
<section class="empty">
  <h2>Look somebody up</h2>
  <p>Type the email address or phone number of a patient of the demo. Then change a preference in another
  window and watch the systems follow: what changed is marked.</p>
</section>"""
STATUS = '<p class="status" data-status role="status">Press Look to see what has changed since.</p>'


@dataclass(frozen=True)
class System:
    """One sandbox that the page asks."""

    slug: str
    connector: str
    name: str
    url: str


@dataclass(frozen=True)
class View:
    """What one system answered about somebody; `error` says why it did not."""

    system: System
    known: bool = False
    record: Document = field(default_factory=dict)
    calls: int = 0
    words: Sequence[Document] = ()
    error: str = ""


def page(searched: str, views: Sequence[View]) -> str:
    """The whole page."""
    cards = "\n".join(map(card, views))
    found = f'{STATUS}\n<div class="cards">{cards}</div>' if searched else NOBODY_ASKED
    return FRAME.substitute(searched=escape(searched), found=found)


def card(view: View) -> str:
    """One system: whether it knows the person, what it believes in words, and its own fields."""
    slug = escape(view.system.slug)
    return f"""
<article class="card" aria-labelledby="{slug}">
  <header>
    <h2 id="{slug}">{escape(view.system.name)}</h2>
    <p class="figures" data-live="{slug}-figures"><span data-key="{slug} state">{state(view)}</span>
    · <span data-key="{slug} writes">{writes(view.calls)}</span></p>
  </header>
  <ul class="words" data-live="{slug}-words">{"".join(in_words(view))}</ul>
  <details open>
    <summary>Its own fields</summary>
    <div class="scroll" tabindex="0"><dl data-live="{slug}-fields">{"".join(own_fields(view))}</dl></div>
  </details>
</article>"""


def state(view: View) -> str:
    """Whether the system knows the person."""
    return "does not answer" if view.error else "knows this person" if view.known else "not known here"


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
    return (
        "It is down, or it hangs. It will be asked again."
        if view.error
        else "It holds nothing about this address."
    )


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
