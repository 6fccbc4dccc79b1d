"""A system without an API, looked after by colleagues: what is to be done there stands on their desk."""

from collections.abc import Sequence
from datetime import datetime

from destinations.by_hand import WORDS, ByHand
from destinations.contract import Checked, Probe, Setting, Settings


class Manual(ByHand):
    """Somebody here is asked at once, and confirms on the desk what they did."""

    slug, name = "manual", "By hand"
    settings = {"asked_of": Setting("Who does it", "A colleague's user name, or a team"), "words": WORDS}
    may_call = ()

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        yield from ()
        words = f"There is no system to call: {settings.asked_of} finds what is to be done on the desk."
        return [Checked(None, words)]
