"""What a connector is: facts about an outside system, and a generator that says what to call.

A connector opens no socket and imports no Django: `deliver` yields Calls, is sent Answers, and yields one
Result per Wanted. The engine (`destinations.delivery`) owns leases, deadlines, retries, pools and records.
"""

from destinations.contract.calls import Answer, Call, is_one_of
from destinations.contract.connector import Connector, Delivery, Probe, Steps, ask
from destinations.contract.declared import (
    STILL_NEEDED,
    BackIn,
    Confirms,
    Glyph,
    Grain,
    Items,
    Shows,
    Stranger,
    Window,
)
from destinations.contract.facts import By, Checked, Kind, Rate, Setting, Settings, Target, missing
from destinations.contract.forwarded import DENIED, GRANTED, SHARING, UNASKED, Forwarded
from destinations.contract.forwarder import Forwarder
from destinations.contract.held import Field, Held
from destinations.contract.listed import Listed, Page
from destinations.contract.outcomes import (
    About,
    Done,
    Identified,
    Job,
    Later,
    Outcome,
    Reason,
    Refused,
    Result,
    Stuck,
    Wanted,
    by_status,
    read,
)

__all__ = [
    "STILL_NEEDED",
    "DENIED",
    "GRANTED",
    "SHARING",
    "UNASKED",
    "About",
    "Answer",
    "BackIn",
    "By",
    "Call",
    "Checked",
    "Confirms",
    "Connector",
    "Delivery",
    "Done",
    "Field",
    "Forwarded",
    "Forwarder",
    "Glyph",
    "Grain",
    "Held",
    "Identified",
    "Items",
    "Job",
    "Kind",
    "Later",
    "Listed",
    "Outcome",
    "Page",
    "Probe",
    "Rate",
    "Reason",
    "Refused",
    "Result",
    "Setting",
    "Settings",
    "Shows",
    "Steps",
    "Stranger",
    "Stuck",
    "Target",
    "Wanted",
    "Window",
    "ask",
    "by_status",
    "is_one_of",
    "missing",
    "read",
]
