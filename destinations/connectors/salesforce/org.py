"""The organisation behind an address, within a session."""

from datetime import datetime
from typing import Any

from destinations.connectors.salesforce.answers import code_of, refusal
from destinations.connectors.salesforce.records import Person
from destinations.connectors.salesforce.soql import OBJECTS
from destinations.contract import Call, Reason, Refused, Settings, Steps, Stuck, read
from destinations.sessions import bearer, in_session, signed_in


class Org:
    """The organisation behind an address, within a session."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now
        self.waiting: list[Person] = []
        self.data = f"/services/data/{settings.api_version}"

    def kinds(self) -> list[str]:
        kinds = [name.strip() for name in self.settings.objects.split(",")]
        if set(kinds) - set(OBJECTS):
            raise Refused(Stuck(Reason.REJECTED_CONFIG, f"objects may be {', '.join(OBJECTS)}"))
        return kinds

    def ask(self, method: str, path: str, shape: type[Any], **more: Any) -> Steps[Any]:
        """What a call brings, within a session. Raises Refused."""

        def bearing(token: str) -> Call:
            claims = {person.wanted.id: person.held for person in self.waiting}
            return Call(method, path, headers=bearer(token), claims=claims, **more)

        answer = yield from in_session(self.settings.memory, bearing, self.sign_in)
        if not answer.ok:
            raise Refused(refusal(answer, self.now))
        return read(answer, shape, self.now)

    def sign_in(self) -> Steps[str]:
        form = {"grant_type": "client_credentials", "client_id": self.settings.client_id}
        form["client_secret"] = self.settings.client_secret
        call = Call("POST", "/services/oauth2/token", form=form, base=self.settings.login_url)
        return (
            yield from signed_in(call, self.settings.memory, self.now, lambda answer: code_of(answer.json()))
        )
