"""The fault switch: how a system that is down, slow, lying or half asleep is put on for a while."""

import random
from dataclasses import asdict, dataclass, fields, replace
from threading import Event, Lock
from typing import Any


class Unclear(ValueError):
    """The wished fault cannot be understood; the words are for whoever wished it."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, how often (`rate`, `times`), and whether the work is done before it does (`apply`).

    `about`: only with calls that hold these words, as one bad row spoils the call it is in.
    """

    status: int = 0
    rate: float = 1.0
    delay_ms: int = 0
    retry_after: int = 0
    times: int | None = None
    hang: bool = False
    drip_ms: int = 0
    garbage: bool = False
    apply: bool = False
    partial: bool = False
    about: str = ""

    @property
    def fails(self) -> bool:
        """Whether the true answer is withheld."""
        return bool(self.status or self.hang or self.garbage)

    @classmethod
    def wished(cls, wish: dict[str, Any]) -> "Fault":
        """The fault that a JSON object asks for; 503 when it names no symptom."""
        for name, value in wish.items():
            if name not in KINDS:
                raise Unclear(f"{name} is no fault; known are {', '.join(KINDS)}")
            if type(value) not in KINDS[name] or (not isinstance(value, str) and value < 0):
                raise Unclear(f"{name} must be {SPOKEN[KINDS[name]]}")
        fault = cls(**wish)
        slow_or_odd = fault.delay_ms or fault.drip_ms or fault.partial
        return fault if fault.fails or slow_or_odd else replace(fault, status=503)


FLAG, NUMBER, SHARE, WORDS = (bool,), (int,), (int, float), (str,)
SPOKEN = {FLAG: "true or false", NUMBER: "a whole number", SHARE: "a number between 0 and 1", WORDS: "text"}
OF_THEIR_OWN: dict[str, tuple[type, ...]] = {"rate": SHARE, "about": WORDS}
KINDS: dict[str, tuple[type, ...]] = {
    field.name: OF_THEIR_OWN.get(field.name, FLAG if field.default is False else NUMBER)
    for field in fields(Fault)
}


class FaultSwitch:
    """At most one fault at a time, shared by all connections."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fault: Fault | None = None
        self._cleared = Event()

    def set(self, fault: Fault) -> None:
        """Put this fault on instead of any other."""
        with self._lock:
            self._end()
            self._fault, self._cleared = fault, Event()

    def clear(self) -> None:
        """Back to health; calls that hang are let go."""
        with self._lock:
            self._end()

    def shown(self) -> dict[str, Any]:
        """The fault that is on, with the `times` that are left."""
        with self._lock:
            return asdict(self._fault) if self._fault else {}

    def strike(self, said: str) -> tuple[Fault, Event] | None:
        """The fault that hits a call that says this, if one does, and the event that ends it."""
        with self._lock:
            fault = self._fault
            if fault is None or fault.about not in said or fault.times == 0 or random.random() >= fault.rate:  # noqa: S311
                return None
            if fault.times:
                self._fault = replace(fault, times=fault.times - 1)
            return fault, self._cleared

    def _end(self) -> None:
        self._fault = None
        self._cleared.set()
