"""Taking back the last save: new choices by the person that say what held before. Pure."""

from collections.abc import Iterable

from portal.forms import Filled, Pick
from portal.selectors import Seen
from portal.standing import standing
from preferences.answers import judge
from preferences.catalogue import Category
from preferences.services import Choice
from preferences.terms import ANY, Reason, State


def held_before(choices: Iterable[Choice], seen: Seen) -> tuple[Choice, ...]:
    """What stood for exactly these choices: the person's own word, or the default where nobody had asked."""
    return tuple(
        Choice(category.slug, channel, state)
        for choice in choices
        for category, channel in seen.catalogue.grid
        if _covers(choice, category, channel) and (state := _state(category, channel, seen))
    )


def _covers(choice: Choice, category: Category, channel: str) -> bool:
    stoppable = not (category.required or category.is_data_use)
    named = choice.category == category.slug or (choice.category == ANY and stoppable)
    return named and choice.channel in (channel, ANY)


def _state(category: Category, channel: str, seen: Seen) -> State | None:
    """None where something else than the default held, that no choice was needed for."""
    said = standing(seen, category, channel).state
    if said != State.NEVER_ASKED:
        return said
    answer = judge(category, channel, seen.person, seen.rules)
    if answer.reason != Reason.DEFAULT:
        return None
    return State.IN if answer.allowed else State.OUT


def taken_back(before: Iterable[Choice], changes: Iterable[int], seen: Seen, form: str) -> Filled:
    """The form that says so, but for what was chosen anew since those changes."""
    ours = set(changes)
    picks = []
    for choice in before:
        category = seen.catalogue.by_slug.get(choice.category)
        now = standing(seen, category, choice.channel) if category else None
        if now and now.change in ours:
            picks.append(Pick(choice, now))
    return Filled(tuple(picks), form=form)
