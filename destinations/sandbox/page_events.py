"""Of the systems page: what happened, as systems that take events were told it; and what Heed withheld."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from destinations.sandbox.exchange import Document
from destinations.sandbox.withheld import NOTHING, Withheld

EVENTS = "Events"


@dataclass(frozen=True)
class Tracking:
    """One system's events, and those that Heed's rules have kept from it."""

    slug: str
    name: str
    events: Document
    withheld: Withheld = NOTHING


def events_of(systems: Sequence[Tracking], searched: str) -> str:
    """A section with a card for each; nothing where no system takes events."""
    if not systems:
        return ""
    cards = "\n".join(card(each, searched) for each in systems)
    return f"""
<section class="events" aria-labelledby="events">
  <h2 id="events">Events, and who was sent them</h2>
  <p class="about">People of this demo book, click and look around. Each event goes only where Heed’s rules
  let it, as things stand at that moment. A booking tells something about health: no advertising gets it.
  </p>
  <div class="cards">{cards}</div>
</section>"""


def card(each: Tracking, searched: str) -> str:
    """Received and withheld, of this person and of all, and the last events."""
    slug = escape(each.slug)
    return f"""
<article class="card" aria-labelledby="{slug}-events-name">
  <h3 id="{slug}-events-name">{escape(each.name)}</h3>
  <dl class="counts" data-live="{slug}-counts">{"".join(counts(each, searched))}</dl>
  <ul class="kept-back" data-live="{slug}-reasons">{"".join(reasons(each, searched))}</ul>
  <ul class="last" data-live="{slug}-last">{"".join(lines(each))}</ul>
</article>"""


def counts(each: Tracking, searched: str) -> Iterator[str]:
    """`Received 12`, `Withheld 3`: of this person, then of all."""
    for what, tone, theirs, every in (
        ("Received", "yes", each.events["theirs"], each.events["received"]),
        ("Withheld", "no", each.withheld.theirs, each.withheld.every),
    ):
        shown = f"<b>{every:,}</b>"
        if searched and theirs is None:
            shown = f"{shown} in all, people unknown"
        elif searched:
            shown = f"<b>{theirs:,}</b> of this person, {every:,} in all"
        yield f'<div class="{tone}"><dt>{what}</dt><dd>{shown}</dd></div>'


def reasons(each: Tracking, searched: str) -> Iterator[str]:
    """`appointment_booked: Never any health information to advertising`."""
    for why in (why for why in each.withheld.reasons if why.theirs or not searched):
        yield f"<li><b>{escape(why.event)}:</b> {escape(why.words)}</li>"


def lines(each: Tracking) -> Iterator[str]:
    """The newest first, and how long ago it came."""
    now = datetime.now(UTC)
    for event in each.events["last"]:
        ago = max(0, int((now - datetime.fromisoformat(event["at"])).total_seconds()))
        whose = " · this person" if event["theirs"] else ""
        yield f"<li><time>{spelt(ago)}</time> <span>{escape(event['name'])}{whose}</span></li>"
    if not each.events["last"]:
        yield '<li class="open">Nothing yet.</li>'


def spelt(seconds: int) -> str:
    """`4 s ago`, `12 min ago`, `3 h ago`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
