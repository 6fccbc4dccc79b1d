"""Which choices count, and which of them wins (R1-R4, R6, R9, R11, R17), as the resolver reads DESIGN."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.preferences.notebook import Chose, Fact, Granted, Known, Published, Revoked, Signalled
from tests.preferences.resolver_people import categories, counted, is_message, offer_of, one_with, until


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a choice that counts. `breadth`: of what it was said by `*`."""

    person: int
    fact: int
    category: str
    channel: str
    opts_in: bool
    when: datetime
    breadth: frozenset[str] = frozenset()
    despite: bool = False

    def covers(self, cell: tuple[str, str]) -> bool:
        """R1: `*` is every message, never a use of data (those have no channel)."""
        category, channel = cell
        return self.category in (category, "*" if channel else category) and self.channel in (
            channel,
            "*" if channel else channel,
        )


def choices_of(facts: Sequence[Fact], who: set[int]) -> list[Entry]:
    """All that counts for these who are one: their own, and opt-outs from when they were one with others."""
    entries: list[Entry] = []
    for fact in counted(facts):
        then = until(facts, fact.number)
        if isinstance(fact, Chose):
            entries += chosen(facts, fact)
        if isinstance(fact, Signalled):
            entries += signalled(then, fact)
        if isinstance(fact, Published):
            entries += added(facts, fact, entries)
    return theirs(facts, who, entries)


def theirs(facts: Sequence[Fact], who: set[int], entries: list[Entry]) -> list[Entry]:
    """R10: an entry is with whom it names; an opt-out also with those who were one with them."""
    return [
        entry
        for entry in entries
        if entry.person in who
        or (not entry.opts_in and who & one_with(until(facts, entry.fact), entry.person))
    ]


def chosen(facts: Sequence[Fact], fact: Chose) -> Iterator[Entry]:
    """The lines of one change that count, an opt-in by `*` spelled out (R1)."""
    then = until(facts, fact.number)
    for category, channel, opts_in, by_star in by_category(then, fact):
        under = grants_for(then, fact, category)
        if for_another(then, fact) and not (under if not opts_in else set(under) & standing(facts)):
            continue
        for cell in spelled_out(then, category, channel) if opts_in else [(category, channel)]:
            if not opts_in or meets(then, fact, cell):
                yield Entry(
                    person=fact.person,
                    fact=fact.number,
                    category=cell[0],
                    channel=cell[1],
                    opts_in=opts_in,
                    when=min(fact.occurred, fact.recorded),
                    breadth=frozenset({"category"} if category == "*" or (by_star and opts_in) else ())
                    | frozenset({"channel"} if channel == "*" else ()),
                    despite=fact.despite,
                )


def for_another(facts: Sequence[Fact], fact: Chose) -> bool:
    """Said by a proxy. Who had turned out to be the person themselves speaks for themselves (R10)."""
    return fact.proxy is not None and fact.proxy not in one_with(facts, fact.person)


def standing(facts: Sequence[Fact]) -> set[int]:
    """The facts that nobody voided."""
    return {fact.number for fact in counted(facts)}


def by_category(facts: Sequence[Fact], fact: Chose) -> Iterator[tuple[str, str, bool, bool]]:
    """What was said; a proxy's `*` is taken category by category (R11), and was said by `*` all the same."""
    for category, channel, opts_in in fact.choices:
        if category == "*" and for_another(facts, fact):
            for slug, body in categories(facts).items():
                if is_message(body) and not body.get("required"):
                    yield slug, channel, opts_in, True
        else:
            yield category, channel, opts_in, False


def grants_for(facts: Sequence[Fact], fact: Chose, category: str) -> list[int]:
    """R11: the grants under which that was said, [from, until)."""
    when = min(fact.occurred, fact.recorded)
    body = categories(facts)[category] if category != "*" else {}
    named = {category} if body.get("sensitive") or not is_message(body) else {category, "*"}
    found = []
    for grant in counted(facts):
        if isinstance(grant, Granted) and named & set(grant.categories):
            ends = [
                each.recorded
                for each in counted(facts)
                if isinstance(each, Revoked) and each.grant == grant.number
            ]
            between = grant.starts <= when < min([grant.ends, *ends])
            if (
                between
                and fact.proxy in one_with(facts, grant.proxy)
                and fact.person in one_with(facts, grant.person)
            ):
                found.append(grant.number)
    return found


def spelled_out(facts: Sequence[Fact], category: str, channel: str) -> Iterator[tuple[str, str]]:
    """What was on offer when an opt-in by `*` was recorded."""
    if "*" not in (category, channel):
        yield category, channel
        return
    for slug, body in categories(facts).items():
        fits = slug == category or (category == "*" and is_message(body) and not body.get("required"))
        for offer in body["offers"]:
            on_offer = not body.get("retired") and not offer.get("removed")
            if fits and on_offer and channel in (offer["channel"], "*"):
                yield slug, offer["channel"]


def meets(facts: Sequence[Fact], fact: Chose, cell: tuple[str, str]) -> bool:
    """R6, R9: an opt-in counts if it meets what the category asked there when it was recorded."""
    body = categories(facts)[cell[0]]
    offer = offer_of(body, cell[1])
    if body.get("honours_signal") and not (fact.own_word and fact.second_step):
        return False
    return {
        "any": True,
        "person": fact.own_word,
        "person_with_notice": fact.own_word and fact.notice,
        "person_second_step": fact.own_word and fact.second_step,
    }[offer["needs"] if offer else "any"]


def signalled(facts: Sequence[Fact], fact: Signalled) -> Iterator[Entry]:
    """R9: out, unless they are already, or opted in although they knew of the signal; as known then."""
    before = [each for each in facts if each.number < fact.number]
    theirs_then = choices_of(before, one_with(before, fact.person))
    for slug, body in categories(facts).items():
        if body.get("honours_signal"):
            last = winner(theirs_then, (slug, ""))
            if last is None or (last.opts_in and not last.despite):
                yield _out(fact.person, fact, slug, "")


def added(facts: Sequence[Fact], fact: Published, entries: list[Entry]) -> Iterator[Entry]:
    """R17: a channel that comes is out for whoever was out, by choice, on all others that are or were."""
    earlier = [each for each in facts if each.number < fact.number]
    before = {each["channel"]: each for each in categories(earlier)[fact.slug]["offers"]}
    brought = [
        each["channel"]
        for each in fact.body["offers"]
        if not each.get("removed")
        and (each["channel"] not in before or before[each["channel"]].get("removed"))
    ]
    then = until(facts, fact.number)
    for person in {each.person for each in then if isinstance(each, Known)}:
        theirs_then = theirs(then, one_with(then, person), entries)
        for channel in brought:
            others = [winner(theirs_then, (fact.slug, each)) for each in before if each != channel]
            out_elsewhere = others and all(each is not None and not each.opts_in for each in others)
            if out_elsewhere and not winner(theirs_then, (fact.slug, channel)):
                yield _out(person, fact, fact.slug, channel)


def _out(person: int, fact: Fact, category: str, channel: str) -> Entry:
    return Entry(
        person=person,
        fact=fact.number,
        category=category,
        channel=channel,
        opts_in=False,
        when=fact.recorded,
    )


def winner(entries: list[Entry], cell: tuple[str, str]) -> Entry | None:
    """R1, R3: the latest counts; ties go to the opt-out; an opt-in by `*` never beats a narrower opt-out.

    Of all categories on one channel, and one category on all channels, neither is the narrower.
    """
    covering = [each for each in entries if each.covers(cell)]
    per_change = [
        each
        for each in covering
        if not any(
            other.fact == each.fact
            and (
                other.breadth < each.breadth
                or (other.breadth == each.breadth and other.opts_in < each.opts_in)
            )
            for other in covering
        )
    ]
    standing_up = [
        each
        for each in per_change
        if not (each.opts_in and each.breadth and narrower_is_out(per_change, each))
    ]
    return max(standing_up, key=lambda each: (each.when, not each.opts_in), default=None)


def narrower_is_out(entries: list[Entry], wide: Entry) -> bool:
    """What was last said more narrowly than this is an opt-out."""
    narrower = [each for each in entries if each.breadth < wide.breadth]
    last = max(narrower, key=lambda each: (each.when, not each.opts_in), default=None)
    return last is not None and not last.opts_in


def ever_chose(facts: Sequence[Fact], who: set[int], body: dict[str, Any]) -> bool:
    """Anything at all that concerns this category, counted or not."""
    return any(
        category in (body["slug"], "*" if is_message(body) else body["slug"])
        for fact in counted(facts)
        if isinstance(fact, Chose) and fact.person in who
        for category, _, _ in fact.choices
    )
