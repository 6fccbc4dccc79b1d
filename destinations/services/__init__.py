"""Every way in which connections and propagations change, other than by the engine itself."""

from destinations.services.agreeing import Acted, agree, do_or_ask, reach, refuse, save_or_ask
from destinations.services.connections import (
    check_connection,
    has_answered,
    look_again,
    rate_of,
    save_destination,
    set_state,
    try_now,
)
from destinations.services.handing import confirm_done, hand_over
from destinations.services.telling import retry, send_again, send_again_to_all
from destinations.services.waking import answer_wake_up, ask_anew, beat, still_at_work, wake

__all__ = [
    "Acted",
    "agree",
    "answer_wake_up",
    "ask_anew",
    "beat",
    "check_connection",
    "confirm_done",
    "do_or_ask",
    "hand_over",
    "has_answered",
    "look_again",
    "rate_of",
    "reach",
    "refuse",
    "retry",
    "save_destination",
    "save_or_ask",
    "send_again",
    "send_again_to_all",
    "set_state",
    "still_at_work",
    "try_now",
    "wake",
]
