"""What an answer means, by what the settings say of it. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from destinations.contract import Answer, Later, Reason, Settings, Stuck, by_status
from destinations.described.places import found_at, value_of


def refusal(answer: Answer, settings: Settings, now: datetime) -> Later | Stuck | None:
    """Why an answer as a whole is no yes; None where it is one."""
    if not answer.ok:
        return by_status(answer, now)
    if _is_page(answer) or ((settings.success or settings.results) and answer.json() is None):
        return Later(Reason.GARBLED, detail="the answer cannot be read")
    if settings.results and not isinstance(found_at(settings.results, answer.json()), list):
        return Later(Reason.GARBLED, detail=f"there is no list at {settings.results}")
    return None if settings.results else unlike(answer.json(), settings)


def unlike(said: Any, settings: Settings) -> Stuck | None:
    """Which of the lines that make a yes does not hold."""
    for path, expected in (settings.success or {}).items():
        if found_at(path, said) != value_of(expected, {}):
            return Stuck(Reason.REJECTED_DATA, f"{path} is not {expected}")
    return None


def each_of(answer: Answer, told: Sequence[Any], settings: Settings) -> list[Stuck | None]:
    """What a yes says of each, in their order. Raises ValueError where it leaves some out."""
    refused = _refused(answer, settings)
    named: list[Stuck | None] = [
        Stuck(Reason.REJECTED_DATA, "listed as refused") if refused & set(_texts(each)) else None
        for each in told
    ]
    if not settings.results:
        return named
    listed = found_at(settings.results, answer.json())
    if len(listed) != len(told):
        raise ValueError(f"{len(listed)} results for {len(told)}")
    return [one or unlike(result, settings) for one, result in zip(named, listed, strict=True)]


def _refused(answer: Answer, settings: Settings) -> set[str]:
    paths = [each.strip() for each in str(settings.refused or "").split(",") if each.strip()]
    lists = [found_at(path, answer.json()) for path in paths]
    return {text.casefold() for each in lists if isinstance(each, list) for text in _texts(each)}


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value.casefold()] if isinstance(value, str) else []


def _is_page(answer: Answer) -> bool:
    """A page for people is no yes, whatever its status."""
    kind = answer.headers.get("content-type", "")
    return "html" in kind or answer.body.lstrip()[:9].lower() in {b"<!doctype", b"<html"}
