"""The policy in force, and earlier ones: what each said, who published it, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from config.staff.access import actor, may, needs, show
from config.staff.permissions import PREPARE_POLICY, SEE_POLICY
from config.staff.policy.reading import (
    RuleShown,
    StanceShown,
    body_of,
    number_of,
    open_drafts,
    rules_shown,
    stances_shown,
    standing,
)
from governance.checking import known_now
from governance.selectors import names_now
from governance.terms import POLICY
from governance.wording import Differs, differences
from preferences.models import Draft, Revision
from preferences.services import revert
from preferences.terms import RevisionKind


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One policy. `changes`: what it changed; `own`: the draft of whoever looks."""

    revision: Revision | None
    rules: tuple[RuleShown, ...]
    stances: tuple[StanceShown, ...]
    changes: tuple[Differs, ...]
    versions: Sequence[Revision]
    drafts: Sequence[Draft]
    own: Draft | None
    may_prepare: bool
    is_in_force: bool


def numbered(number: int) -> Revision:
    """Raises Http404."""
    found = Revision.objects.filter(kind=RevisionKind.POLICY, key=POLICY, number=number).first()
    if found is None:
        raise Http404
    return found


@require_safe
@needs(SEE_POLICY)
def policy(request: HttpRequest) -> HttpResponse:
    """What stands."""
    return _shown(request, standing())


@require_safe
@needs(SEE_POLICY)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """What stood."""
    return _shown(request, numbered(number))


def _shown(request: HttpRequest, revision: Revision | None) -> HttpResponse:
    known = known_now()
    names, body = names_now(known), body_of(revision)
    before = Revision.objects.filter(
        kind=RevisionKind.POLICY, key=POLICY, number=number_of(revision) - 1
    ).first()
    versions = Revision.objects.filter(kind=RevisionKind.POLICY, key=POLICY).order_by("-number")
    drafts = open_drafts()
    page = PolicyPage(
        revision,
        rules_shown(body, names, known),
        stances_shown(body),
        differences(body_of(before), body, names) if before else (),
        list(versions[:50]),
        [each for each in drafts if each.author != actor(request)],
        next((each for each in drafts if each.author == actor(request)), None),
        may(request, PREPARE_POLICY),
        number_of(revision) == number_of(standing()),
    )
    title = f"Rules: policy {number_of(revision)}" if revision else "Rules"
    return show(request, "policy/standing", title=title, page=page)


@require_POST
@needs(PREPARE_POLICY)
def bring_back(request: HttpRequest, number: int) -> HttpResponse:
    """An earlier policy becomes one's own draft, and on to what that changes."""
    draft = revert(revision=numbered(number), by=actor(request))
    return redirect("admin:policy_draft", draft.pk)
