"""Which texts somebody vouched for, and which are new or changed since (45 CFR 92.201(c)(3))."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from itertools import chain

from destinations.models import Destination
from portal.banner.terms import EVERYWHERE
from portal.banner.wording import words_of
from portal.texts import Text, texts_in
from preferences.appearance import Appearance, appearance
from preferences.catalogue import Category, catalogue, category_from
from preferences.languages import ENGLISH
from preferences.mission import MISSION
from preferences.models import Banner


@dataclass(frozen=True, slots=True)
class Own:
    """What the organisation says itself: in categories that are in use, of systems, on its websites."""

    categories: tuple[Category, ...]
    systems: tuple[Destination, ...]
    banners: tuple[Banner, ...]

    def texts_in(self, code: str) -> Iterator[Text]:
        """Beside the English."""
        for category in self.categories:
            yield from _of_category(category, code)
        for system in self.systems:
            label = system.label_in(code)
            yield Text(system.public_label, (label.words,) if label.language == code else ())
        for banner in self.banners:
            yield from _of_banner(banner, code)


def own() -> Own:
    """As it is now: three queries, whatever the language."""
    return Own(
        tuple(each for each in catalogue() if not each.retired),
        tuple(Destination.objects.order_by("name")),
        tuple(Banner.objects.order_by("key")),
    )


def _of_category(category: Category, code: str) -> Iterator[Text]:
    there = asdict(category.texts[code]) if code in category.texts else {}
    for name, english in asdict(category.in_(ENGLISH)).items():
        if english:
            yield Text(english, (there[name],) if there.get(name) else ())


def _of_banner(banner: Banner, code: str) -> Iterator[Text]:
    """What staff wrote of it in this language, or in English only: for all regions, then for each."""
    body = banner.body
    of_regions = ((name, region["texts"]) for name, region in body["regions"].items())
    for region, texts in ((EVERYWHERE, body["texts"]), *of_regions):
        english, written = words_of(body, region, ENGLISH), texts.get(code, {})
        for each in {**texts.get(ENGLISH, {}), **written}:
            yield Text(english[each], (written[each],) if each in written else ())


def marks_now(code: str) -> list[str]:
    """Every translation as it is now, each as a short mark: what a review vouches for."""
    return sorted({mark(each) for each in chain(texts_in(code), own().texts_in(code)) if each.translated})


def mark(text: Text) -> str:
    """Of an English text and what it is in another language: another, once either is."""
    return sha256("\0".join((text.english, *text.translated)).encode()).hexdigest()[:10]


def not_vouched(code: str, known: Appearance, said: Own) -> list[Text]:
    """What patients read in a language that they are offered, though nobody has vouched for it as it is."""
    vouched = _vouched(code, known)
    found = chain(said.texts_in(code), texts_in(code))
    return list(dict.fromkeys(each for each in found if each.translated and mark(each) not in vouched))


def _vouched(code: str, known: Appearance) -> frozenset[str]:
    review = known.reviews.get(code)
    return _shipped(code) if review is None else frozenset(review.get("texts", ()))


@cache
def _shipped(code: str) -> frozenset[str]:
    """What comes reviewed with Heed: its pages, and the categories that an installation begins with."""
    categories = (category_from(body) for body in MISSION)
    ours = chain.from_iterable(_of_category(each, code) for each in categories)
    return frozenset(map(mark, chain(texts_in(code), ours)))


def all_not_vouched() -> int:
    """How many there are in all languages that patients are offered: four queries."""
    known, said = appearance(), own()
    return sum(len(not_vouched(code, known, said)) for code, _ in known.languages if code != ENGLISH)
