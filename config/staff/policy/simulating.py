"""What rules would do: about somebody, with an event, at each system; by what stands and by a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.staff.access import actor, may
from config.staff.permissions import SEE_PEOPLE
from config.staff.policy.simulator_form import NOBODY, PERSON, SimulatorForm
from destinations.connectors import CONNECTORS
from destinations.contract import Identified
from destinations.forwarding.previewing import Preview, tried
from destinations.governed import place_of
from destinations.mapping.samples import identified, person_of
from destinations.models import Destination
from governance import slots
from governance.checking import Known
from governance.compiling import Compiled
from governance.facts import Facts, facts_of
from governance.parsing import Unreadable, policy_from
from governance.terms import Because, Effect, Outcome, Truth
from governance.tracing import Line, Trace, trace
from governance.verdicts import EventSeen, Place
from governance.wording import Names, condition_words
from preferences import identity, selectors
from preferences.catalogue import Catalogue
from preferences.errors import Malformed
from preferences.services import log_view
from preferences.terms import IdentifierKind

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of a trace: what it does, and whether it applied, or which condition kept it from that."""

    name: str
    effect: str
    applies: bool
    words: str


@dataclass(frozen=True, slots=True)
class Side:
    """The verdict of one policy at one system, and what would leave by it."""

    words: str
    tone: str
    why: str
    steps: tuple[Step, ...] = ()
    leaves: Preview = Preview(())


@dataclass(frozen=True, slots=True)
class Compared:
    """One system: by what stands, and by the draft."""

    system: str
    stands: Side
    draft: Side

    @property
    def leaves(self) -> bool:
        """Would anything leave, by either?"""
        return bool(self.stands.leaves.calls or self.draft.leaves.calls)

    @property
    def differs(self) -> bool:
        return (self.stands.words, self.stands.why) != (self.draft.words, self.draft.why)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the simulator shows: the systems, or in words why there are none."""

    form: SimulatorForm
    systems: tuple[Compared, ...] = ()
    words: str = ""
    made_up: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is judged: an event that never was, what is true of whom it is about, and by which ids."""

    seen: EventSeen
    facts: Facts
    who: Sequence[Identified]
    known: Catalogue
    names: Names


class _Refused(Exception):
    """Nobody can be shown; the message says why."""


def simulated(request: HttpRequest, known: Known, names: Names, stands: Body, draft: Body) -> Simulated:
    """The form, and what comes of it."""
    form = SimulatorForm(request.POST if request.method == "POST" else None, known)
    if not form.is_valid():
        return Simulated(form, words="Look again at what you chose above.")
    try:
        facts = _facts(request, form, known.categories)
        then = Compiled(policy_from(draft))
    except _Refused as refused:
        return Simulated(form, words=str(refused))
    except Unreadable:
        return Simulated(form, words="Put the rule right first: then you see here what it does.")
    systems, now = _systems(), Compiled(policy_from(stands))
    trial = Trial(form.seen(), facts, _who(form.cleaned_data["whose"]), known.categories, names)
    compared = tuple(
        Compared(name, *(_side(policy, trial, place, system) for policy in (now, then)))
        for name, place, system in (systems or _one_of_each())
    )
    return Simulated(form, compared, made_up=not systems)


def _systems() -> list[tuple[str, Place, Destination | None]]:
    kinds = [slug for slug, each in CONNECTORS.items() if each.takes_events]
    return [
        (each.name, place_of(each), each)
        for each in Destination.objects.filter(connector__in=kinds).order_by("name")
    ]


def _one_of_each() -> list[tuple[str, Place, Destination | None]]:
    return [
        (f"{name}, with an agreement", Place("", purpose, True), None)
        for purpose, name in slots.purposes().items()
    ]


def _who(whose: str) -> tuple[Identified, ...]:
    """Invented ids, also where the rules are asked about somebody real: nobody's are shown here."""
    browser = Identified(IdentifierKind.ANONYMOUS_ID, "", "sample-browser")
    return (browser,) if whose == NOBODY else (browser, *identified(settings.HEED_MRN_AUTHORITY))


# --- about whom ---


def _facts(request: HttpRequest, form: SimulatorForm, known: Catalogue) -> Facts:
    whose = form.cleaned_data["whose"]
    if whose == NOBODY:
        return facts_of(None, known, selectors.rules_now())
    if whose != PERSON:
        person = person_of(form.described(), settings.HEED_MRN_AUTHORITY)
        return facts_of(person, known, selectors.rules_now())
    if not may(request, SEE_PEOPLE):
        raise _Refused("Your account may not see people: look at an invented one.")
    if request.POST.get("act") != "simulate":
        raise _Refused("Press the button to look at this person; it is noted with your name.")
    return _facts_about(form.cleaned_data, actor(request), known)


def _facts_about(told: Body, who: str, known: Catalogue) -> Facts:
    """Of somebody real, by an exact identifier; that it was looked at is noted (R20)."""
    namespace = settings.HEED_MRN_AUTHORITY if told["kind"] == IdentifierKind.MRN else ""
    try:
        named = identity.named(told["kind"] or IdentifierKind.EMAIL, told["value"], namespace)
    except Malformed as refused:
        raise _Refused(f"We can’t read this: {refused.message}.") from None
    found = identity.find_people(named, limit=2)
    log_view(
        actor=who, page="rule simulator", profile_id=found[0] if len(found) == 1 else None, found=len(found)
    )
    if len(found) != 1:
        raise _Refused(
            f"{len(found)} people share this: find the person by a record number."
            if found
            else "Nobody is known by this. Check it for a slip."
        )
    return facts_of(selectors.people(found)[found[0]], known, selectors.rules_now())


# --- what comes of it ---


def _side(policy: Compiled, trial: Trial, place: Place, system: Destination | None) -> Side:
    seen, facts, names = trial.seen, trial.facts, trial.names
    hits = policy.hits(seen, facts)
    found = trace(policy, seen.allowed, facts, hits, place, properties=seen.properties)
    outcome = found.verdict.outcome
    tone = {Outcome.BLOCK: "bad", Outcome.REDACT: "wait"}.get(outcome, "good")
    steps = tuple(_step(line, names) for line in found.lines if line.here and line.rule.on)
    steps = tuple(sorted(steps, key=lambda each: not each.applies))
    if system is None:
        return Side(outcome.label, tone, _why(found), steps)
    leaves = tried(system, seen=seen, facts=facts, verdict=found.verdict, who=trial.who, known=trial.known)
    return Side(outcome.label, tone, _why(found), steps, leaves)


def _why(found: Trace) -> str:
    called = {line.rule.id: line.rule.name for line in found.lines}
    rules = ", ".join(f"“{called.get(each, each)}”" for each in found.verdict.rules)
    match found.verdict.because:
        case Because.RULE:
            return f"{rules}."
        case Because.STANCE:
            return f"No rule matches: {found.stance.label.lower()}." + (f" {rules}." if rules else "")
        case because:
            return f"{because.label[:1].upper()}{because.label[1:]}."


def _step(line: Line, names: Names) -> Step:
    effect = Effect(line.rule.effect).label
    if line.broken:
        words = "Blocks: it names a category that is no longer used."
    elif line.applies:
        words = "Applies."
    else:
        words = " ".join(_held_back(line, names)) or "It finds nothing to redact."
    return Step(line.rule.name, effect, line.applies or line.broken, words)


def _held_back(line: Line, names: Names) -> Iterator[str]:
    """The conditions that keep a rule from applying; what is not known keeps only an allowing one."""
    for condition, truth in zip(line.rule.when, line.truths, strict=True):
        if truth == Truth.NO or (truth == Truth.UNKNOWN and line.rule.effect == Effect.ALLOW):
            yield (
                f"Not so: {condition_words(condition, names)}."
                if truth == Truth.NO
                else (f"Not known: {condition_words(condition, names)}.")
            )
