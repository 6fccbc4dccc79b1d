"""What rooms above fill in at start-up; this room never names them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from preferences.terms import RevisionKind

Body = Mapping[str, Any]


def _nobody() -> None:
    """Nobody waits for changes."""


_on_outbox: Callable[[], None] = _nobody


def fill_on_outbox(wake: Callable[[], None]) -> None:
    """Called after each commit that wrote to the outbox: a hint that may be lost without harm."""
    global _on_outbox  # noqa: PLW0603 - a slot is filled once, when Django starts
    _on_outbox = wake


def on_outbox() -> None:
    _on_outbox()


class Check(Protocol):
    """Raises Malformed where a body can't be published. `before` is what stands, None where nothing does."""

    def __call__(self, *, key: str, body: Body, before: Body | None) -> None: ...


class Weigh(Protocol):
    """Why a publication needs a second person, as a clause in words; empty where one person is enough."""

    def __call__(self, *, key: str, body: Body, before: Body | None) -> str: ...


def _sound(*, key: str, body: Body, before: Body | None) -> None:
    """Anything may be published."""


def _light(*, key: str, body: Body, before: Body | None) -> str:
    return ""


def _here(draft: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Checks:
    """What is asked of one kind of publication before it stands; who may publish it (a permission of staff).

    `page`: where its drafts are compared, `edit`: where one goes on with them; empty for the common ones.
    `look`: where a draft can be seen as it would be; empty where that is nowhere.
    """

    check: Check = _sound
    weighs: Weigh = _light
    page: Callable[[Any], str] = _here
    edit: Callable[[Any], str] = _here
    look: Callable[[Any], str] = _here
    may: str = ""


_checks: dict[RevisionKind, Checks] = {}


def fill_checks(
    kind: RevisionKind,
    *,
    check: Check = _sound,
    weighs: Weigh = _light,
    page: Callable[[Any], str] = _here,
    edit: Callable[[Any], str] = _here,
    look: Callable[[Any], str] = _here,
    may: str = "",
) -> None:
    """Asked before every publication of this kind: `weighs` may read much, `check` little."""
    _checks[kind] = Checks(check, weighs, page, edit, look, may)


def checks(kind: RevisionKind) -> Checks:
    return _checks.get(kind, Checks())


class Line(NamedTuple):
    """One line of a publication in words. `key`: by what the same line of another publication is found."""

    key: str
    what: str
    says: str


Says = Callable[[Body], Iterable[Line]]  # an empty body says nothing
_words: dict[RevisionKind, Says] = {}


def fill_words(kind: RevisionKind, says: Says) -> None:
    """How publications of this kind are read."""
    _words[kind] = says


def words_of(kind: RevisionKind) -> Says | None:
    return _words.get(kind)


class Naming(NamedTuple):
    """What names a category in force: what becomes of it once that is retired, and where it is changed."""

    what: str
    then: str
    page: str


Names = Callable[[str], Iterable[Naming]]  # by the category's slug
_names: list[Names] = []


def fill_names(names: Names) -> None:
    """Another room whose publications name categories."""
    _names.append(names)


def named_by(category: str) -> list[Naming]:
    """All that names it now."""
    return [each for names in _names for each in names(category)]
