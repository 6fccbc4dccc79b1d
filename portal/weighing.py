"""What to do with a filled form, given what stands by now. Pure."""

from dataclasses import dataclass

from portal.forms import Filled, Pick
from portal.selectors import Seen
from portal.standing import standing
from preferences.catalogue import Category
from preferences.services import Choice
from preferences.terms import ANY, OptInNeeds, State

EVERYTHING = Choice(ANY, ANY, State.OUT)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Which choices to record, which to ask again because something newer stands, which to ask twice.

    `ask_code`: a yes is among them, and counts only from somebody whom a code reached. `already`: the person
    picked what stands by now, as after a second click on the same button.
    """

    record: tuple[Choice, ...]
    ask_again: tuple[Pick, ...] = ()
    ask_twice: tuple[Pick, ...] = ()
    already: bool = False
    ask_code: bool = False


def weigh(filled: Filled, seen: Seen, *, same_wording: bool, second_step: bool, by_code: bool) -> Weighed:
    """A no counts from however old a page; a yes never goes over a newer no, or over unread wording."""
    picks = [(pick, category) for pick in filled.picks if (category := _category(pick, seen))]
    if filled.stop:
        kept = [(pick, of) for pick, of in picks if of.is_data_use and pick.choice.state == State.OUT]
        pressed_again = _stopped(seen) and all(_now(pick, of, seen) == State.OUT for pick, of in kept)
        record = () if pressed_again else (EVERYTHING, *(pick.choice for pick, _ in kept))
        return Weighed(record, already=pressed_again)
    changing = [(pick, of) for pick, of in picks if _now(pick, of, seen) != pick.choice.state]
    if not by_code and any(pick.choice.state == State.IN for pick, _ in changing):
        noes = tuple(pick.choice for pick, _ in changing if pick.choice.state == State.OUT)
        return Weighed(noes, ask_code=True)
    again = [pick for pick, of in changing if _stale(pick, of, seen) or _unread(pick, same_wording)]
    twice = [pick for pick, of in changing if pick not in again and not second_step and _needs_two(pick, of)]
    return Weighed(
        tuple(pick.choice for pick, _ in changing if pick not in again and pick not in twice),
        tuple(again),
        tuple(twice),
        already=bool(picks) and not changing,
    )


def _category(pick: Pick, seen: Seen) -> Category | None:
    """What the pick is about; None where it can't be chosen. A no counts for what is no longer sent, too."""
    category = seen.catalogue.by_slug.get(pick.choice.category)
    if category is None or category.required or pick.choice.channel not in category.offers:
        return None
    on_offer = not category.retired and pick.choice.channel in category.channels
    return category if on_offer or pick.choice.state == State.OUT else None


def _stopped(seen: Seen) -> bool:
    """Does *everything* stand as a no, what is added later too, and nothing as a later yes?"""
    can_stop = [each for each in seen.catalogue.grid if not (each[0].is_data_use or each[0].required)]
    stands = seen.person.choices.get(f"{ANY}:{ANY}")
    return bool(stands and not stands[0]) and all(
        standing(seen, category, channel).state == State.OUT for category, channel in can_stop
    )


def _now(pick: Pick, category: Category, seen: Seen) -> State:
    return standing(seen, category, pick.choice.channel).state


def _stale(pick: Pick, category: Category, seen: Seen) -> bool:
    """A yes, where a no was recorded that the form did not show."""
    now = standing(seen, category, pick.choice.channel)
    if pick.choice.state == State.OUT or now.state != State.OUT:
        return False
    return pick.shown is None or pick.shown.state != State.OUT or pick.shown.change != now.change


def _unread(pick: Pick, same_wording: bool) -> bool:
    return pick.choice.state == State.IN and not same_wording


def _needs_two(pick: Pick, category: Category) -> bool:
    needs = category.offers[pick.choice.channel].needs
    return pick.choice.state == State.IN and needs == OptInNeeds.PERSON_SECOND_STEP
