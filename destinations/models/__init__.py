"""Which systems there are, what each must hold and by when, and every time one was told."""

from destinations.models.deadline import Alarm, Clock, DeadlineRule
from destinations.models.desk import Approval, ManualTask
from destinations.models.destination import Account, Destination, Heartbeat, WakeUp
from destinations.models.event import Event
from destinations.models.forwarding import Forwarding
from destinations.models.impact import Impact
from destinations.models.inbound import Inbound, InboundEvent
from destinations.models.outgoing import OutgoingText
from destinations.models.propagation import Attempt, Disclosure, Propagation
from destinations.models.publication import Publication
from destinations.models.reconciliation import Discrepancy, Reconciliation, UnknownAddress

__all__ = [
    "Account",
    "Alarm",
    "Approval",
    "Attempt",
    "Clock",
    "DeadlineRule",
    "Destination",
    "Disclosure",
    "Discrepancy",
    "Event",
    "Forwarding",
    "Heartbeat",
    "Impact",
    "Inbound",
    "InboundEvent",
    "ManualTask",
    "OutgoingText",
    "Propagation",
    "Publication",
    "Reconciliation",
    "UnknownAddress",
    "WakeUp",
]
