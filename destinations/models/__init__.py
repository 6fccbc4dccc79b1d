"""Which systems there are, what each must hold, and every time one was told."""

from destinations.models.destination import Destination, Heartbeat, WakeUp
from destinations.models.propagation import Attempt, Propagation

__all__ = ["Attempt", "Destination", "Heartbeat", "Propagation", "WakeUp"]
