"""How patients' pages look, and in which languages they speak, as staff published it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from preferences.languages import ENGLISH
from preferences.models import Revision
from preferences.taglines import DEFAULTS, Tagline
from preferences.terms import RevisionKind

BRANDING, LANGUAGE_HELP, LANGUAGE = "branding", "language_help", "language."
SHIPPED_REVIEWED = ("en", "es")  # the others come as drafts, until staff say who reviewed them


@dataclass(frozen=True)
class Appearance:
    """What is in force: `branding`, `help` (with languages), `reviews` (of a language, by its code)."""

    branding: Mapping[str, Any] = field(default_factory=dict)
    help: Mapping[str, Any] = field(default_factory=dict)
    reviews: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Names the look: what is served under it never changes."""
        return self.digests.get(BRANDING, "")

    @property
    def has_logo(self) -> bool:
        return bool(self.branding.get("logo"))

    @property
    def has_colours(self) -> bool:
        return bool(self.branding.get("accent"))

    @property
    def organisation(self) -> str:
        return str(self.branding.get("organisation") or settings.HEED_ORGANISATION)

    def is_reviewed(self, language: str) -> bool:
        """May patients see it (45 CFR 92.201(c)(3))? English always: it is what the others say."""
        if language == ENGLISH or language not in self.reviews:
            return language in SHIPPED_REVIEWED
        return bool(self.reviews[language]["reviewed"])

    def help_from(self, language: str) -> tuple[Tagline, ...]:
        """The notice of language help (45 CFR 92.11), starting with the page's own language."""
        written = self.help.get("texts", {})
        lines = (replace(each, text=written.get(each.code) or each.text) for each in DEFAULTS)
        return tuple(sorted(lines, key=lambda each: each.code != language))

    @property
    def help_phone(self) -> str:
        """The number to call for it; empty where staff gave none."""
        return str(self.help.get("phone", ""))

    @property
    def languages(self) -> tuple[tuple[str, str], ...]:
        """Those that patients are offered, each in its own words."""
        return tuple((code, name) for code, name in settings.LANGUAGES if self.is_reviewed(code))


_held: ContextVar[list[Appearance] | None] = ContextVar("appearance", default=None)


def appearance() -> Appearance:
    """What is in force now: one small query, or what this answer has read already."""
    kept = _held.get()
    if kept is None:
        return _read()
    if not kept:
        kept.append(_read())
    return kept[0]


def organisation() -> str:
    """What the organisation is called."""
    return appearance().organisation


def offered() -> tuple[str, ...]:
    """The languages that patients may read, English among them."""
    return tuple(code for code, _ in appearance().languages)


@contextmanager
def held() -> Iterator[None]:
    """The same for the whole of one answer, read once it is asked for."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def appearance_or_as_shipped() -> Appearance:
    """What is in force; without a database, for the whole answer, as Heed comes: error pages need a name."""
    try:
        return appearance()
    except DatabaseError:
        _held.set([Appearance()])
        return Appearance()


def _read() -> Appearance:
    newest = (
        Revision.objects.filter(kind=RevisionKind.APPEARANCE)
        .order_by("-id")
        .values_list("id", "published_at")
        .first()
    )
    return _as_of(*newest) if newest else Appearance()


@lru_cache(maxsize=4)
def _as_of(newest: int, published_at: datetime) -> Appearance:
    """Safe to keep: publications never change."""
    rows = Revision.objects.filter(kind=RevisionKind.APPEARANCE, id__lte=newest).order_by("id")
    bodies = {row.key: row.body for row in rows}
    return Appearance(
        branding=bodies.get(BRANDING, {}),
        help=bodies.get(LANGUAGE_HELP, {}),
        reviews={
            key.removeprefix(LANGUAGE): body for key, body in bodies.items() if key.startswith(LANGUAGE)
        },
        digests={row.key: bytes(row.digest).hex()[:16] for row in rows},
    )


def branding_of(digest: str) -> Mapping[str, Any] | None:
    """A look by the name that pages gave it, also an earlier one: a page may have been kept open."""
    rows = Revision.objects.filter(kind=RevisionKind.APPEARANCE, key=BRANDING).order_by("-id")
    return next((row.body for row in rows[:20] if bytes(row.digest).hex()[:16] == digest), None)
