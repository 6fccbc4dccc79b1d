"""The preference page as values: all that its template may show. `portal.building` makes them."""

from dataclasses import dataclass

from portal.wording import Words
from preferences.catalogue import Texts
from preferences.terms import State


@dataclass(frozen=True, slots=True)
class Cell:
    """One choice. `words` say where it stands; `locked`: there is nothing to choose, and `words` say why."""

    category: str
    channel: str
    channel_name: str
    state: State
    words: str
    locked: bool
    problem: str = ""

    @property
    def id(self) -> str:
        return f"{self.category}-{self.channel}"

    @property
    def said_yes(self) -> bool:
        return self.state == State.IN

    @property
    def said_no(self) -> bool:
        return self.state == State.OUT


@dataclass(frozen=True, slots=True)
class Row:
    """A category with a cell for each column, None where it is not sent that way.

    `words` say where all its cells stand, if it is the same for all; `consent` what a yes means, where the law
    asks for that in writing; `reason` why these messages are always sent.
    """

    slug: str
    texts: Texts
    cells: tuple[Cell | None, ...]
    words: str = ""
    consent: str = ""
    reason: str = ""
    mentioned: bool = False

    @property
    def said_once(self) -> bool:
        return bool(self.words or self.consent or self.reason)

    @property
    def offered(self) -> int:
        return sum(cell is not None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PreferencePage:
    """All that the page shows. `shown` and `form` come back with it, to tell what the person changed."""

    words: Words
    address: str
    reach: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    uses: tuple[Row, ...]
    shown: str
    form: str
    problems: tuple[Cell, ...] = ()
    others_saved: bool = False

    @property
    def has_required(self) -> bool:
        return any(row.reason for row in self.rows)


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What is asked once more before a yes counts."""

    words: Words
    asked: tuple[Texts, ...]
    others_saved: bool
