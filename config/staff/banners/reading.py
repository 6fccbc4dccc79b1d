"""A banner and the draft that somebody is at work on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest

from config.staff.access import actor
from preferences.models import Draft, Revision
from preferences.services import in_force, save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody sees and changes: a draft, or else what stands."""

    slug: str
    stands: Revision | None
    draft: Draft | None

    @property
    def body(self) -> Body:
        found: Body = self.draft.body if self.draft else self.stands.body  # type: ignore[union-attr]  # `work_on`
        return found

    @property
    def name(self) -> str:
        return str(self.body["name"])

    @property
    def number(self) -> int:
        """Of what stands."""
        return self.stands.number if self.stands else 0

    @property
    def is_stale(self) -> bool:
        """Was another revision published since the draft was begun?"""
        return self.draft is not None and self.draft.based_on != self.number


def open_drafts(slug: str = "") -> list[Draft]:
    """Those that nobody has settled, the newest first."""
    drafts = Draft.objects.filter(kind=RevisionKind.BANNER, state=RevisionState.DRAFT)
    return list((drafts.filter(key=slug) if slug else drafts).order_by("-updated_at"))


def work_on(request: HttpRequest, slug: str) -> Work:
    """The draft that is asked for (`?draft=7`), else one's own, else what stands. Raises Http404."""
    asked, by = request.GET.get("draft", ""), actor(request)
    drafts = open_drafts(slug)
    picked = [each for each in drafts if str(each.pk) == asked]
    own = [each for each in drafts if each.author == by and asked != "none"]
    stands = in_force(RevisionKind.BANNER, slug)
    found = Work(slug, stands, next(iter(picked or own), None))
    if found.stands is None and found.draft is None:
        raise Http404
    return found


def seen_by(request: HttpRequest, found: Work) -> str:
    """What the form shows, for the form to send back."""
    return str(Shown.of(found.draft, found.stands, actor(request)))


def keep(request: HttpRequest, found: Work, body: Body, *, reason: str, seen: str) -> Draft:
    """One's own draft of it, as it is now."""
    return save_draft(
        kind=RevisionKind.BANNER,
        key=found.slug,
        body=body,
        author=actor(request),
        reason=reason,
        seen=Shown.read(seen),
    )
