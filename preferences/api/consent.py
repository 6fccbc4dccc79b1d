"""Choices as partners write them: `{"marketing_emails": false, "appointment_reminders": {"sms": false}}`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from preferences import projection
from preferences.errors import Malformed
from preferences.services import Choice
from preferences.terms import ANY, State

LONGEST_SLUG = 100


def choices(places: Mapping[str, Any]) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """What all places together say, and warnings. Raises Malformed, naming the key that cannot be read.

    Where one place says yes to what another says no to, the no counts.
    """
    said = {place: tuple(_of(value, place)) for place, value in places.items() if value is not None}
    counted: dict[tuple[str, str, State], Choice] = {}
    warnings = []
    for place, own in said.items():
        others = [each for other, theirs in said.items() if other != place for each in theirs]
        for choice in own:
            if choice.state == State.IN and _denied(choice, others):
                warnings.append(f"{place} says yes to {choice.category} and another place says no: no counts")
            else:
                counted[choice.category, choice.channel, choice.state] = choice
    return tuple(counted.values()), tuple(warnings)


def _denied(choice: Choice, others: Sequence[Choice]) -> bool:
    return any(
        other.state == State.OUT
        and projection.covers(f"{other.category}:{other.channel}", choice.category, choice.channel)
        for other in others
    )


def _of(preferences: object, place: str) -> Iterator[Choice]:
    if not isinstance(preferences, dict):
        raise Malformed(f"{place} must be an object: category to true, false, or channel to true or false")
    for category, wanted in preferences.items():
        name = f"{place}.{_slug(category)}"
        if isinstance(wanted, dict):
            for channel, value in wanted.items():
                yield from _choice(category, channel, value, f"{name}.{_slug(channel)}")
        else:
            yield from _choice(category, ANY, wanted, name)


def _choice(category: str, channel: str, value: object, name: str) -> Iterator[Choice]:
    """One cell. Null says nothing: it is neither yes nor no."""
    if value is None:
        return
    if not isinstance(value, bool):
        raise Malformed(f"{name} must be true or false", key=name)
    yield Choice(category, channel, State.IN if value else State.OUT)


def _slug(text: str) -> str:
    if len(text) > LONGEST_SLUG:
        raise Malformed(f"the name of a category or channel is longer than {LONGEST_SLUG} characters")
    return text
