"""What a room above puts in here when Django starts, since nothing here may know of it."""

from collections.abc import Callable


def _nobody_waits() -> bool:
    return False


_somebody_waits: Callable[[], bool] = _nobody_waits


def fill_somebody_waits(waits: Callable[[], bool]) -> None:
    """`waits`: is there work that a person sits and waits for, a sign-in code say? One query."""
    global _somebody_waits  # noqa: PLW0603 - a slot is filled once, when Django starts
    _somebody_waits = waits


def somebody_waits() -> bool:
    return _somebody_waits()
