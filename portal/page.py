"""The preference page as values: all that its template may show. `portal.building` makes them."""

from dataclasses import dataclass

from portal.wording import Words
from preferences.catalogue import Texts
from preferences.terms import State


@dataclass(frozen=True, slots=True)
class Cell:
    """One choice. `locked`: nothing can be chosen, and in short why; its note says where it stands."""

    category: str
    channel: str
    channel_name: str
    legend: str
    state: State
    locked: str
    note_id: str
    problem: str = ""

    @property
    def id(self) -> str:
        return f"{self.category}-{self.channel}"

    @property
    def field(self) -> str:
        return f"choice.{self.category}.{self.channel}"

    @property
    def said_yes(self) -> bool:
        return self.state == State.IN

    @property
    def said_no(self) -> bool:
        return self.state == State.OUT


@dataclass(frozen=True, slots=True)
class Note:
    """Where cells of a category stand, said once for all that stand alike; `about` is empty if all do."""

    id: str
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class PauseOffer:
    """The buttons beside a category: for how long it may be paused, or the end of the pause that is on.

    Each has its words and what it sends. `problem`: a pause that the person had not seen is on.
    """

    buttons: tuple[tuple[str, str], ...]
    is_on: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A category with a cell for each column, None where it is not sent that way.

    `consent` is what a yes means, where the law asks for that in writing.
    """

    slug: str
    texts: Texts
    example: str
    cells: tuple[Cell | None, ...]
    notes: tuple[Note, ...]
    consent: str
    required: bool
    mentioned: bool
    pause: PauseOffer | None = None
    title: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class PreferencePage:
    """All that the page shows. `shown` and `form` come back with it, to tell what the person changed.

    `ordered`: an order names how they are reached, so that only staff change their addresses.
    """

    words: Words
    address: str
    reach: tuple[tuple[str, str], ...]
    undelivered: tuple[str, ...]
    remedies: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    uses: tuple[Row, ...]
    shown: str
    form: str
    problems: tuple[Cell, ...] = ()
    others_saved: bool = False
    ordered: bool = False

    @property
    def newer_pauses(self) -> tuple[Row, ...]:
        """Whose pause was to be ended, and is not the one that was shown."""
        return tuple(row for row in self.rows if row.pause and row.pause.problem)

    @property
    def has_required(self) -> bool:
        return any(row.required for row in self.rows)


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What is asked once more before a yes counts, or a no to the same is taken back; where it is sent.

    `of`: what it asks about, which the form says back.
    """

    words: Words
    lead: str
    action: str
    asked: tuple[Texts, ...]
    others_saved: bool = False
    despite_signal: bool = False
    of: str = ""
