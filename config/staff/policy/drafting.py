"""One's own draft of the policy: rules turned on and off, added and removed, and what holds without one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from config.staff.access import actor, needs, show
from config.staff.permissions import PREPARE_POLICY
from config.staff.policy.reading import (
    Body,
    Mine,
    RuleShown,
    StanceShown,
    keep,
    mine,
    rules_shown,
    seen_by,
    stances_shown,
)
from governance import slots
from governance.checking import known_now
from governance.selectors import names_now
from governance.templates import TEMPLATES, Template, added
from governance.terms import Stance
from governance.wording import differences
from preferences.models import Draft, Revision
from preferences.services import discard_draft


@dataclass(frozen=True, slots=True)
class TemplateShown:
    """A rule that is one click away."""

    slug: str
    template: Template


@dataclass(frozen=True, slots=True)
class DraftingPage:
    """All that the page shows."""

    rules: tuple[RuleShown, ...]
    stances: tuple[StanceShown, ...]
    choices: list[tuple[str, str]]
    templates: tuple[TemplateShown, ...]
    draft: Draft | None
    stands: Revision | None
    is_stale: bool
    seen: str
    changes: int
    wrong: int


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PREPARE_POLICY)
def drafting(request: HttpRequest) -> HttpResponse:
    """The page, and its buttons: `off:a-rule`, `template:minors`, `stances`, `publish`."""
    found = mine(request)
    if request.method == "POST":
        return _done(request, found)
    known = known_now()
    names, stands = names_now(known), found.stands
    rules = rules_shown(found.body, names, known)
    there = {each.id for each in rules}
    page = DraftingPage(
        rules,
        stances_shown(found.body),
        list(Stance.choices),
        tuple(
            TemplateShown(slug, each)
            for slug, each in TEMPLATES.items()
            if not there.issuperset(rule["id"] for rule in each.rules)
        ),
        found.draft,
        stands,
        found.is_stale,
        seen_by(request, found),
        len(differences(stands.body if stands else {}, found.body, names)),
        sum(bool(each.problems) for each in rules),
    )
    return show(request, "policy/drafting", title="Change the rules", page=page)


def _done(request: HttpRequest, found: Mine) -> HttpResponse:
    name, _, what = request.POST.get("act", "").partition(":")
    if name == "discard":
        if found.draft:
            discard_draft(draft=found.draft, by=actor(request))
        messages.success(request, "Your draft is discarded. These are the rules in force.")
        return redirect("admin:policy")
    if name == "publish":
        draft = keep(request, found, found.body, reason=request.POST.get("reason", "").strip()[:500])
        return redirect("admin:policy_draft", draft.pk)
    body = changed(found.body, name, what, request.POST)
    if body != found.body:
        keep(request, found, body, reason=request.POST.get("reason", "").strip()[:500] or None)
        messages.success(request, f"{SAID[name]} Nothing of it holds until it is published.")
    return redirect("admin:policy_drafting")


SAID = {
    "on": "The rule is on in your draft.",
    "off": "The rule is off in your draft.",
    "remove": "The rule is out of your draft.",
    "template": "Added to your draft.",
    "stances": "Kept in your draft.",
}


def changed(body: Body, act: str, what: str, posted: Mapping[str, Any]) -> Body:
    """The body after a button was pressed; what means nothing changes nothing."""
    rules = body["rules"]
    match act:
        case "on" | "off":
            rules = [{**each, "on": act == "on"} if each["id"] == what else each for each in rules]
        case "remove":
            rules = [each for each in rules if each["id"] != what]
        case "template" if what in TEMPLATES:
            return added(body, what)
        case "stances":
            return {**body, "stances": _stances(body, posted)}
    return {**body, "rules": rules}


def _stances(body: Body, posted: Mapping[str, Any]) -> dict[str, str]:
    given = {purpose: posted.get(f"stance-{purpose}", "") for purpose in slots.purposes()}
    return {**body["stances"], **{key: word for key, word in given.items() if word in Stance.values}}
