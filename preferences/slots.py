"""What rooms above fill in at start-up; this room never names them."""

from collections.abc import Callable


def _nobody() -> None:
    """Nobody waits for changes."""


_on_outbox: Callable[[], None] = _nobody


def fill_on_outbox(wake: Callable[[], None]) -> None:
    """Called after each commit that wrote to the outbox: a hint that may be lost without harm."""
    global _on_outbox  # noqa: PLW0603 - a slot is filled once, when Django starts
    _on_outbox = wake


def on_outbox() -> None:
    _on_outbox()
