"""Which publications of a policy need a second person."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from governance.mission import PROTECTED

Body = Mapping[str, Any]


def draft_page(draft: Any) -> str:
    """Where a draft is compared: a page of the rooms above."""
    return reverse("admin:policy_draft", args=[draft.pk])


def weigh_policy(*, key: str, body: Body, before: Body | None) -> str:
    """Why one person alone may not publish this; empty where they may."""
    return "; ".join(_weighs(body, before))


def _weighs(body: Body, before: Body | None) -> Iterator[str]:
    if settings.HEED_POLICY_TWO_PEOPLE:
        yield "every policy does here"
    was, becomes = _by_id(before), _by_id(body)
    for slug in PROTECTED:
        stands = _acts(was.get(slug, {}))
        if stands and _acts(becomes.get(slug, {})) != stands:
            yield f"the rule “{was[slug]['name']}” would be off, or do something else"


def _by_id(body: Body | None) -> dict[str, Body]:
    return {str(rule.get("id")): rule for rule in (body or {}).get("rules", ())}


def _acts(rule: Body) -> tuple[object, ...] | None:
    """What a rule does, whatever it is called; None where it does nothing."""
    return (rule.get("when"), rule.get("then"), rule.get("for")) if rule.get("on") else None
