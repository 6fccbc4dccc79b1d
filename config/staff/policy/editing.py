"""One rule of one's draft, written with native controls; beside it what it would do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.staff.access import needs, show
from config.staff.permissions import PREPARE_POLICY
from config.staff.policy.reading import WHY_PROTECTED, Mine, body_of, keep, mine, seen_by
from config.staff.policy.rule_page import RuleForm, form_of
from config.staff.policy.rule_problems import problems_of
from config.staff.policy.rule_rows import changed, rule_from_form
from config.staff.policy.simulating import Simulated, simulated
from governance.checking import Known, known_now
from governance.selectors import names_now
from governance.terms import Effect

Body = Mapping[str, Any]
NEW = "new"  # in place of the id of a rule that has none yet
EMPTY: Body = {
    "id": NEW,
    "name": "",
    "on": True,
    "when": [],
    "then": {"effect": Effect.BLOCK.value},
    "for": {"purposes": [], "destinations": []},
}


@dataclass(frozen=True, slots=True)
class EditingPage:
    """All that the page shows."""

    slug: str
    form: RuleForm
    protected: str
    paths: tuple[str, ...]
    simulator: Simulated
    seen: str


@sensitive_post_parameters("s-value")
@require_http_methods(["GET", "HEAD", "POST"])
@needs(PREPARE_POLICY)
def editing(request: HttpRequest, rule_id: str) -> HttpResponse:
    """The page, and its buttons: `condition`, `uncondition:1`, `redaction`, `simulate`, `save`."""
    found, known = mine(request), known_now()
    stands = next((each for each in found.body["rules"] if each["id"] == rule_id), None)
    if stands is None and rule_id != NEW:
        raise Http404
    if request.method != "POST":
        return _shown(request, found, known, stands or EMPTY)
    data_uses = {each.slug for each in known.categories if each.is_data_use}
    typed = rule_from_form(request.POST, rule_id, data_uses)
    act = request.POST.get("act", "")
    if act != "save":
        return _shown(request, found, known, changed(typed, act, request.POST.get("kind", "")))
    if problems_of(typed, known):
        return _shown(request, found, known, typed, status=422, checked=True)
    return _saved(request, found, typed)


def _saved(request: HttpRequest, found: Mine, typed: Body) -> HttpResponse:
    taken = [each["id"] for each in found.body["rules"]]
    named = {**typed, "id": slug_for(typed["name"], taken)} if typed["id"] == NEW else typed
    keep(request, found, with_rule(found.body, named))
    messages.success(request, "Kept in your draft. Nothing of it holds until it is published.")
    return redirect("admin:policy_drafting")


def with_rule(body: Body, rule: Body) -> dict[str, Any]:
    """A policy's body with this rule in place of that of the same id, or at its end."""
    rules = body["rules"]
    if not any(each["id"] == rule["id"] for each in rules):
        return {**body, "rules": [*rules, rule]}
    return {**body, "rules": [rule if each["id"] == rule["id"] else each for each in rules]}


def slug_for(name: str, taken: Collection[str]) -> str:
    """A rule's id, from its name: verdicts keep it, so it never changes."""
    begins = slugify(name)[:60].strip("-_") or "rule"
    candidates = [begins, *(f"{begins}-{number}" for number in range(2, len(taken) + 4))]
    return next(each for each in candidates if each not in {*taken, NEW})


def _shown(
    request: HttpRequest,
    found: Mine,
    known: Known,
    body: Body,
    *,
    status: int = 200,
    checked: bool = False,
) -> HttpResponse:
    names = names_now(known)
    form = form_of(body, known, names, problems_of(body, known) if checked else {})
    paths = tuple(sorted({path for each in known.events.values() for path in each.properties}))
    tried = with_rule(found.body, {**body, "name": body["name"] or "This rule"})
    beside = simulated(request, known, names, body_of(found.stands), tried)
    seen = request.POST.get("seen") or seen_by(request, found)
    page = EditingPage(body["id"], form, WHY_PROTECTED.get(body["id"], ""), paths, beside, seen)
    title = "A new rule" if body["id"] == NEW else "Change a rule"
    return show(request, "policy/editing", title=title, page=page, status=status)
