"""A policy's body as the pages show it: sentences, what is wrong with them, and what holds without a rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from config.staff.access import actor
from governance import slots
from governance.checking import Known, of_rule
from governance.mission import HEALTH_TO_ADVERTISING, PRIVACY_SIGNAL
from governance.parsing import Unreadable, rule_from
from governance.terms import POLICY, Effect, Stance
from governance.wording import Names, Sentence, sentence
from preferences.models import Draft, Revision
from preferences.services import in_force, save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState

Body = Mapping[str, Any]
WHY_PROTECTED = {
    PRIVACY_SIGNAL: "A privacy signal binds by law (Cal. Civ. Code 1798.135, and other states’ acts).",
    HEALTH_TO_ADVERTISING: "An opt-in to messages is no HIPAA authorization (45 CFR 164.508).",
}
TONES = {Effect.BLOCK: "bad", Effect.ALLOW: "good", Effect.REDACT: "wait"}


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule. `protected`: why it is off, or altered, only by two people. `says` None: it can't be read."""

    id: str
    name: str
    on: bool
    says: Sentence | None
    tone: str
    problems: tuple[str, ...]
    protected: str


@dataclass(frozen=True, slots=True)
class StanceShown:
    """What holds for a purpose when no rule says anything."""

    purpose: str
    name: str
    value: str
    words: str


def rules_shown(body: Body, names: Names, known: Known) -> tuple[RuleShown, ...]:
    """Those that are on first."""
    shown = [_rule(each, names, known) for each in body["rules"]]
    return tuple(sorted(shown, key=lambda each: not each.on))


def _rule(body: Body, names: Names, known: Known) -> RuleShown:
    slug, on = str(body["id"]), bool(body["on"])
    protected = WHY_PROTECTED.get(slug, "")
    try:
        rule = rule_from(body)
    except Unreadable as error:
        return RuleShown(slug, str(body["name"]), on, None, "bad", (str(error),), protected)
    return RuleShown(
        slug, rule.name, on, sentence(rule, names), TONES[rule.effect], tuple(of_rule(rule, known)), protected
    )


def stances_shown(body: Body) -> tuple[StanceShown, ...]:
    """One for each purpose; a purpose that the policy does not name is blocked."""
    return tuple(
        StanceShown(purpose, name, stance.value, stance.label)
        for purpose, name in slots.purposes().items()
        for stance in (Stance(body["stances"].get(purpose, Stance.BLOCK)),)
    )


# --- the draft that somebody works on ---


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own draft, or what stands as long as there is none."""

    body: Body
    stands: Revision | None
    draft: Draft | None

    @property
    def is_stale(self) -> bool:
        """Was another policy published since the draft was begun?"""
        return bool(self.draft and self.draft.based_on != number_of(self.stands))


def number_of(revision: Revision | None) -> int:
    """Of what stands; 0 where nothing does."""
    return revision.number if revision else 0


def standing() -> Revision | None:
    """The policy in force."""
    return in_force(RevisionKind.POLICY, POLICY)


def body_of(revision: Revision | None) -> Body:
    """What a policy says; without any, everything is blocked."""
    return revision.body if revision else {"rules": [], "stances": {}}


def open_drafts() -> Sequence[Draft]:
    """Everybody's."""
    found = Draft.objects.filter(kind=RevisionKind.POLICY, key=POLICY, state=RevisionState.DRAFT)
    return list(found.order_by("-updated_at"))


def mine(request: HttpRequest) -> Mine:
    """What whoever looks goes on with."""
    stands = standing()
    draft = next((each for each in open_drafts() if each.author == actor(request)), None)
    return Mine(draft.body if draft else body_of(stands), stands, draft)


def seen_by(request: HttpRequest, found: Mine) -> str:
    """What the page shows, for its form to send back."""
    return str(Shown.of(found.draft, found.stands, actor(request)))


def keep(request: HttpRequest, found: Mine, body: Body, *, reason: str | None = None) -> Draft:
    """Keep it as one's own draft, where that is still what the page had shown."""
    before = found.draft.reason if found.draft else ""
    return save_draft(
        kind=RevisionKind.POLICY,
        key=POLICY,
        body=body,
        author=actor(request),
        reason=before if reason is None else reason,
        seen=Shown.read(request.POST.get("seen", "")),
    )
