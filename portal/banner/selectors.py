"""Which banner a key belongs to, and what a browser is given of it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785
from django.conf import settings
from django.utils.translation import get_language_info

from portal import languages
from portal.banner.regions import region_of
from portal.banner.terms import Mode
from portal.banner.wording import words_of
from preferences import clock
from preferences.appearance import appearance
from preferences.catalogue import Catalogue, Category, catalogue, catalogue_at
from preferences.errors import NotFound
from preferences.languages import ENGLISH
from preferences.models import ApiKey, Revision
from preferences.services import in_force
from preferences.terms import NO_CHANNEL, OptInNeeds, RevisionKind, Scope, SourceKind


@dataclass(frozen=True, slots=True)
class Shown:
    """A banner as one visitor sees it: which publication, in which region and language."""

    key: str
    number: int
    body: Any
    catalogue: Catalogue
    region: str
    place: str
    language: str

    @property
    def mode(self) -> Mode:
        return Mode(self.body["regions"][self.region]["mode"])

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.body, self.region, self.language)

    @property
    def categories(self) -> list[dict[str, Any]]:
        known = self.catalogue.by_slug
        asked = [known[slug] for slug in self.body["categories"] if slug in known and not known[slug].retired]
        return [self._category(each) for each in asked]

    def _category(self, category: Category) -> dict[str, Any]:
        texts = category.in_(self.language)
        default = category.is_data_use and category.default(NO_CHANNEL, self.place, "")
        return {
            "slug": category.slug,
            "name": texts.name,
            "text": texts.description,
            "language": self.language if self.language in category.texts else ENGLISH,
            "use": category.is_data_use,
            "gpc": category.honours_signal,
            "twice": any(each.needs == OptInNeeds.PERSON_SECOND_STEP for each in category.offers.values()),
            # The stricter of the two: what the region says, and what the category's own default says there.
            "on": default and self.mode != Mode.OPT_IN,
        }

    @property
    def notice(self) -> dict[str, Any]:
        """The wording, to be kept with what is chosen."""
        asked = [{name: each[name] for name in ("slug", "name", "text")} for each in self.categories]
        return {
            "language": self.language,
            "mode": self.mode.value,
            "banner": self.words,
            "categories": asked,
        }

    @property
    def mark(self) -> str:
        """What a browser sends back to say which wording it showed."""
        digest = sha256(rfc8785.dumps(self.notice)).hexdigest()[:16]
        return f"{self.number}.{self.catalogue.version}.{self.region}.{self.language}.{digest}"


def key_of(key_id: str) -> ApiKey:
    """A website's key by its public part. Raises NotFound. One query."""
    found = ApiKey.objects.select_related("source").filter(pk=key_id, source__kind=SourceKind.BANNER)
    key = found.first() if key_id.isalnum() else None  # anybody asks, and for a NUL PostgreSQL can't be
    if key is None or Scope.WRITE_ANONYMOUS not in key.scopes or not key.is_good_at(clock.now()):
        raise NotFound("there is no banner with this key: look at data-key in the page")
    return key


def published(slug: str) -> Revision:
    """The banner that stands. Raises NotFound. One query."""
    found = in_force(RevisionKind.BANNER, slug)
    if found is None:
        raise NotFound("this banner was not published yet")
    return found


def shown(revision: Revision, place: str, language: str) -> Shown:
    """What a visitor from there sees now. One query."""
    region = region_of(revision.body["regions"], place)
    language = languages.supported(language, appearance()) or ENGLISH
    return Shown(revision.key, revision.number, revision.body, catalogue(), region, place, language)


def shown_by(slug: str, mark: str, place: str) -> Shown | None:
    """The wording that a browser says it showed; None where that can't be told any more, or is made up."""
    parts = mark.split(".")
    if len(parts) != 5 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts[:2]):
        return None
    revision = Revision.objects.filter(kind=RevisionKind.BANNER, key=slug, number=int(parts[0])).first()
    if (
        revision is None
        or parts[2] not in revision.body["regions"]
        or parts[3] not in dict(settings.LANGUAGES)
    ):
        return None
    known = catalogue_at(int(parts[1]))
    found = Shown(slug, revision.number, revision.body, known, parts[2], place, parts[3])
    return found if found.mark == mark else None


def config(shown: Shown, *, signal: bool) -> dict[str, Any]:
    """All that a browser needs; nothing in it is about anybody."""
    body = shown.body
    return {
        "shown": shown.mark,
        "mode": shown.mode.value,
        "region": shown.place,
        "gpc": signal,
        "language": shown.language,
        "direction": "rtl" if get_language_info(shown.language)["bidi"] else "ltr",
        **{name: body[name] for name in ("position", "colours", "cookie_domain", "days", "signals")},
        "categories": shown.categories,
        "words": shown.words,
    }


def preview_config(
    body: Any, *, key: str, region: str, language: str, theme: str, signal: bool
) -> dict[str, Any]:
    """The same for staff who look at a draft, in one region, language and theme; nothing of it is kept."""
    place = next(iter(body["regions"][region]["places"]), "")
    seen = Shown(key, 0, body, catalogue(), region, place, language)
    colours = body["colours"][theme]
    return config(seen, signal=signal) | {"preview": True, "colours": {"light": colours, "dark": colours}}
