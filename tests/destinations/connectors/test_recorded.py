"""What connectors say that no contract describes whole: to the letter, with the answer to it.

The calls by HTTP are worked examples of docs/connectors, as those vendors document them.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hl7apy.parser import parse_message
from hl7apy.validation import Validator

from destinations.connectors import CONNECTORS
from destinations.contract import Answer, Call, Done, Field, Wanted
from tests.destinations.connectors.conftest import Engine, email, mrn, wanted
from tests.destinations.connectors.test_published import published

MORNING = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
OUT = Field(True, True, datetime(2026, 4, 30, 15, tzinfo=UTC), "choice")
ANA = "ana@example.org"


class Recorded(Engine):
    """It is answered as the fixture says."""

    def __init__(self, slug: str, **settings: object) -> None:
        super().__init__(CONNECTORS[slug], "https://vendor.example", **settings)
        [self.shown] = published(slug)

    def _answer(self, session: Any, call: Call, patience: float) -> Answer:
        self.calls.append(call)
        shown = self.shown["answer"]
        body = json.dumps(shown["json"]) if "json" in shown else shown.get("text", "")
        return Answer(shown["status"], body.encode())

    def says_what_is_shown(self, said: Wanted) -> None:
        outcome = self.deliver(replace(said, id="p1", now=MORNING))
        [call] = self.calls

        assert isinstance(outcome, Done), outcome
        assert f"{call.method} {call.path}" == self.shown["call"]
        assert self.shown.get("headers", {}).items() <= dict(call.headers).items()
        assert (call.json, (call.body or b"").decode()) == (
            self.shown.get("json"),
            self.shown.get("text", ""),
        )


def test_an_hl7_message_and_its_acknowledgment():
    engine = Recorded("hl7", authorities={"st-mary": "STMARY"}, receiving_application="EPIC")
    engine.says_what_is_shown(wanted(fields={"PD1-11.phone": OUT}, identifiers=[mrn("4711"), email(ANA)]))

    assert Validator.validate(parse_message(engine.shown["text"], find_groups=True))
    assert Validator.validate(parse_message(engine.shown["answer"]["text"], find_groups=True))


def test_dynamics_365_as_its_page_describes_it():
    described = {"method": "PATCH", "path": "/api/data/v9.2/contacts(new_mrn='{mrn}')"}
    described |= {"secret": "Bearer key", "absent": "404"}
    engine = Recorded("http", headers={"If-Match": "*"}, **described)

    engine.says_what_is_shown(wanted(fields={"donotbulkemail": OUT}, identifiers=[mrn("4711")]))


def test_braze_as_its_page_describes_it():
    group = "pto81fff-734f-80e5-b7b2-b880562888ww"
    body = {"email[0]": "{email}", "subscription_group_id": group}
    success = {"message": "success"}
    engine = Recorded(
        "http_address", path="/subscription/status/set", secret="Bearer key", body=body, success=success
    )

    engine.says_what_is_shown(wanted(ANA, fields={"subscription_state": replace(OUT, value="unsubscribed")}))
