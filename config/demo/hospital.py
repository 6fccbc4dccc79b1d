"""The synthetic hospital that a demo begins with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Hospital:
    """What a visitor of the demo is told, beyond what can be read from the database."""

    patient_email: str = ""
    api_key: str = ""
    webhook_secrets: dict[str, str] = field(default_factory=dict)


def seed(*, patients: int, progress: Progress) -> Hospital:
    """Fill an empty database, once. The sandboxes answer already; HEED_PRIVATE_HOSTS names them."""
    progress(f"A hospital with {patients} patients: not built yet")
    return Hospital()


def connect(sandboxes: Mapping[str, str]) -> None:
    """At every start: point each destination at where its sandbox listens this time (slug -> base URL)."""


def patient_path(hospital: Hospital) -> str:
    """At every start: a fresh link for the patient that the demo shows, as a path."""
    return "/"
