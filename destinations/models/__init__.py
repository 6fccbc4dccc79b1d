"""Which systems there are, what each must hold and by when, and every time one was told."""

from destinations.models.deadline import Alarm, Clock, DeadlineRule
from destinations.models.destination import Destination, Heartbeat, WakeUp
from destinations.models.propagation import Attempt, Propagation

__all__ = ["Alarm", "Attempt", "Clock", "DeadlineRule", "Destination", "Heartbeat", "Propagation", "WakeUp"]
