"""Which systems there are, what each must hold, and every time one was told."""

from destinations.models.desk import Approval, ManualTask
from destinations.models.destination import Account, Destination, Heartbeat, WakeUp
from destinations.models.propagation import Attempt, Propagation

__all__ = [
    "Account",
    "Approval",
    "Attempt",
    "Destination",
    "Heartbeat",
    "ManualTask",
    "Propagation",
    "WakeUp",
]
