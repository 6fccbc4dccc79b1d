"""Why an event went to a system, or did not, in words for staff; replayed from what was kept of it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from destinations.models import Forwarding
from destinations.terms import REASONS, ForwardingState
from governance.explaining import replayed
from governance.selectors import names_now
from governance.terms import Because, Effect, How, Outcome, Truth
from governance.tracing import Line, Trace
from governance.verdicts import Place
from governance.wording import Names, condition_words

NOT_YET = "It is judged when its turn comes."
DID_NOT_HOLD, NOT_KNOWN = "This did not hold:", "This could not be known:"


class Told(NamedTuple):
    """One rule of the policy that judged: what it is called, what it does, and what it did here."""

    id: str
    name: str
    effect: str
    did: str
    applies: bool


class Explained(NamedTuple):
    """A verdict made again: the same today as then."""

    policy: int
    stance: str
    rules: tuple[Told, ...]
    others: int
    agrees: bool


def why(row: Forwarding, names: Mapping[str, str] | None = None) -> str:
    """One or two sentences: by what rule, else by what fault."""
    if row.state == ForwardingState.EXPIRED:
        return f"{row.detail[:1].upper()}{row.detail[1:]}."
    if row.state == ForwardingState.BLOCKED and row.outcome != Outcome.BLOCK:
        return f"{row.detail[:1].upper()}{row.detail[1:]}." if row.detail else REASONS[row.reason]
    said = _verdict(row, names or {})
    fault = " ".join(filter(None, [REASONS.get(row.reason, ""), row.detail]))
    return " ".join(filter(None, [said, fault])) or NOT_YET


def _verdict(row: Forwarding, names: Mapping[str, str]) -> str:
    if not row.outcome:
        return ""
    rules = ", ".join(f"“{names.get(each, each)}”" for each in row.rules)
    match Because(row.because):
        case Because.RULE:
            return f"{Outcome(row.outcome).label}: {rules}."
        case Because.STANCE if row.outcome == Outcome.BLOCK:
            return "Blocked: no rule lets it pass, and this purpose is blocked unless a rule does."
        case Because.STANCE:
            return f"{Outcome(row.outcome).label}: no rule blocks it{f', and {rules}' if rules else ''}."
        case because:
            return f"Blocked: {because.label}."


def redactions(row: Forwarding) -> list[str]:
    """`clinic: leave it out`."""
    return [f"{path}: {How(how).label[:1].lower()}{How(how).label[1:]}" for path, how in row.redacted.items()]


def explained(row: Forwarding) -> Explained | None:
    """The verdict made again from policy, allow list, facts and hits; None where there was none yet."""
    if row.policy is None or row.facts_id is None:
        return None
    place = Place(row.destination.slug, row.purpose, row.has_agreement)
    found = replayed(
        policy=row.policy,
        event=row.event.name,
        number=row.allowed or 0,
        facts=row.facts_id,
        hits=int(row.hits or "0", 16),
        place=place,
    )
    names = names_now()
    told = [_told(line, names) for line in found.lines if line.here]
    return Explained(
        row.policy,
        str(found.stance.label),
        tuple(sorted(told, key=lambda each: not each.applies)),
        sum(not line.here for line in found.lines),
        _agrees(found, row),
    )


def _agrees(found: Trace, row: Forwarding) -> bool:
    verdict = found.verdict
    return (verdict.outcome, verdict.because, list(verdict.rules)) == (row.outcome, row.because, row.rules)


def _told(line: Line, names: Names) -> Told:
    return Told(
        line.rule.id,
        line.rule.name,
        Effect(line.rule.effect).label,
        " ".join(_did(line, names)),
        line.applies or line.broken,
    )


def _did(line: Line, names: Names) -> Iterator[str]:
    if not line.rule.on:
        yield "Off."
    elif line.broken:
        yield "It names a category that is no longer used: it blocked."
    elif line.applies:
        yield "It applied."
    else:
        yield "It did not apply."
        if failed := _those(line, names, Truth.NO):
            yield f"{DID_NOT_HOLD} {failed}."
        elif unsure := _those(line, names, Truth.UNKNOWN, Truth.UNKEPT):
            yield f"{NOT_KNOWN} {unsure}."
        else:
            yield "It found nothing to redact."


def _those(line: Line, names: Names, *truths: Truth) -> str:
    """Its conditions of which that is true, as its author would read them."""
    asked = zip(line.rule.when, line.truths, strict=True)
    return "; ".join(condition_words(condition, names) for condition, truth in asked if truth in truths)
