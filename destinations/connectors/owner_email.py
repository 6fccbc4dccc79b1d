"""A system without an API, looked after by somebody outside: they are mailed that something waits."""

from collections.abc import Sequence
from datetime import datetime

from destinations.by_hand import WORDS, ByHand
from destinations.contract import Call, Checked, Probe, Refused, Setting, Settings, ask, by_status


class OwnerEmail(ByHand):
    """A mail names no person: how many wait, and where the desk is."""

    slug, name = "owner_email", "By hand, with a mail to the owner"
    probe_sends = "a mail to the owner that says it is a test"
    settings = {
        "base_url": Setting("Owner's address", "mailto:owner@example.org"),
        "system": Setting("The system", "As its owner calls it"),
        "words": WORDS,
    }
    may_call = ("MAIL ",)

    def reminder(self, waiting: int, desk: str, settings: Settings) -> Call:
        """One for all that wait."""
        who = "1 person waits" if waiting == 1 else f"{waiting:,} people wait"
        lines = [
            f"{who} to be set in {settings.system}.",
            "",
            settings.words,
            "",
            f"Who, and your word: {desk}",
        ]
        return mail(f"{settings.system}: {who}", lines)

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        words = "This is a test. Mails like this one will say how many people wait to be set there."
        answer = yield from ask(mail(f"{settings.system}: a test", [words]))
        if not answer.ok:
            raise Refused(by_status(answer, now))
        return [Checked(True, "The mail server took a mail to the owner.")]


def mail(subject: str, lines: Sequence[str]) -> Call:
    return Call("MAIL", "", json={"subject": subject, "text": "\n".join(lines)})
