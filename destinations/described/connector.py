"""What both connectors for described calls have in common."""

import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from destinations.contract import (
    Answer,
    BackIn,
    Call,
    Checked,
    Connector,
    Delivery,
    Items,
    Kind,
    Probe,
    Reason,
    Refused,
    Settings,
    Stuck,
    Target,
    Wanted,
    ask,
    by_status,
)
from destinations.described import places
from destinations.described.places import PATH, Values
from destinations.described.settings import SETTINGS, allowed, check
from destinations.described.telling import Line, Row


class Described(Connector):
    """Any system that takes one HTTP call about somebody; settings describe the call."""

    channels = frozenset({"email", "sms", "phone", "mail", "push"})
    items, back_in = Items.TOGETHER, BackIn.OURS
    account = ("base_url", "client_id")
    settings = SETTINGS
    may_call = ()  # what the settings describe, and nothing else
    rows = ({"target": "unsubscribed", "source": "answer:marketing_emails:email"},)
    targets = (
        Target(PATH, "preferences[0].out", "a path into the body", frozenset(Kind) - {Kind.DATE}, facts=True),
    )
    keys: ClassVar[frozenset[str]]  # placeholders by which somebody is found
    beside: ClassVar[frozenset[str]] = frozenset()  # and such as may stand in the body besides

    @abstractmethod
    def records(self, wanted: Wanted, settings: Settings) -> Iterator[Values]:
        """What stands for the placeholders, for each record that is to be told."""

    def allowed(self, settings: Settings) -> tuple[str, ...]:
        return allowed(settings)

    def reserved(self, settings: Settings) -> frozenset[str]:
        return frozenset(settings.body or {})

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Fields are set to what they must hold, so a repeat after a lost answer sets the same again.
        try:
            check(settings, self.keys, self.beside)
        except ValueError as words:
            yield from (each.is_(Stuck(Reason.REJECTED_CONFIG, str(words))) for each in batch)
            return
        ours = settings.ours == "yes"
        rows = [Row(each, list(self.records(each, settings)), ours=ours) for each in batch]
        yield from Line(rows, settings, batch[0].now).told()

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """A yes, as the settings say what one looks like."""
        yes = {path: places.value_of(text, {}) for path, text in (settings.success or {}).items()}
        body = places.placed(yes.items())
        body = places.placed([(settings.results, [body])]) if settings.results else body
        return Answer(200, json.dumps({"access_token": "t", **body}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        found = list[Checked]()
        secret = settings.secret
        if settings.token_url:
            secret = f"Bearer {(yield from Line([], settings, now).sign_in())}"
            found.append(Checked(True, "The client secret is accepted."))
        if settings.test_path:
            headers = {**(settings.headers or {}), settings.secret_header: secret}
            answer = yield from ask(Call("GET", settings.test_path, headers=headers))
            if not answer.ok:
                raise Refused(by_status(answer, now))
            found.append(Checked(True, f"The test address answers (HTTP {answer.status})."))
        if not found:
            words = "Nothing was called: there is nothing here that could be read without a person."
            found.append(Checked(None, words, "Enter a path for a test, if the system has one."))
        return found
