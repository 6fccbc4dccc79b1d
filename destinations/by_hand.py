"""Systems without an API: somebody is asked, and their word is the acknowledgement. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from destinations.contract import (
    Answer,
    BackIn,
    By,
    Call,
    Confirms,
    Connector,
    Delivery,
    Done,
    Glyph,
    Held,
    Kind,
    Reason,
    Settings,
    Stuck,
    Target,
    Wanted,
)
from destinations.contract.facts import Setting

WORDS = Setting("What to do there", "Name nobody: the list leads to each person’s page")


class ByHand(Connector):
    """A system in which people do what Heed would write: a no, and the end of one they wrote."""

    channels = frozenset({"email", "sms", "phone", "mail", "push"})
    glyph = Glyph.HAND
    addresses, confirms, back_in, batch_max = By.PERSON, Confirms.BY_HAND, BackIn.OURS, 200
    rows = tuple(
        {"target": f"{category}.{channel}", "source": f"answer:{category}:{channel}"}
        for category, channel in (
            ("marketing_emails", "email"),
            ("appointment_reminders", "sms"),
            ("patient_surveys", "email"),
            ("care_follow_ups", "phone"),
            ("phone_outreach", "phone"),
        )
    )
    targets = (
        Target(
            r"[A-Za-z][A-Za-z0-9 _.-]{0,59}",
            "marketing_emails.email",
            "what somebody sets there, in words of your own",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Nobody is asked twice for the same: see destinations.services.handing.
        for wanted in batch:
            held = known(wanted)
            asked = sorted(target for target in held if not is_left_alone(target, wanted))
            words = ", ".join(asked)
            yield wanted.is_(Stuck(Reason.IN_HANDS, words, held) if asked else Done(held))

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        return Answer(204)


def known(wanted: Wanted) -> dict[str, Held]:
    """What stands there by somebody's hand, or will: every no, and every no of before that may be over."""
    now = wanted.now.isoformat()
    new = {
        target: replace(wanted.held.get(target, Held(wrote=True)), because=field.because, at=now)
        for target, field in wanted.fields.items()
        if field.denies
    }
    return {**wanted.held, **new}


def is_left_alone(target: str, wanted: Wanted) -> bool:
    field = wanted.fields.get(target)
    return field is not None and field.denies is None
