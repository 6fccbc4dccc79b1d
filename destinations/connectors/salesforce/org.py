"""The organisation behind an address, within a session."""

from datetime import datetime
from typing import Any

from destinations.connectors.salesforce.answers import code_of, refusal
from destinations.connectors.salesforce.records import Person
from destinations.connectors.salesforce.soql import OBJECTS
from destinations.contract import Answer, Call, Later, Reason, Refused, Settings, Steps, Stuck, ask, read


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
        """What a call brings, within a session; one that has ended meanwhile is renewed once."""
        memory, answer = self.settings.memory, Answer(401)
        for _ in range(2):
            session = memory.get("session") or (yield from self.sign_in())
            headers = {"Authorization": f"Bearer {session}"}
            claims = {person.wanted.id: person.held for person in self.waiting}
            answer = yield from ask(Call(method, path, headers=headers, claims=claims, **more))
            if answer.status != 401:
                break
            if memory.get("session") == session:  # else another delivery has renewed it
                del memory["session"]
        if not answer.ok:
            raise Refused(refusal(answer, self.now))
        return read(answer, shape, self.now)

    def sign_in(self) -> Steps[str]:
        form = {"grant_type": "client_credentials", "client_id": self.settings.client_id}
        form["client_secret"] = self.settings.client_secret
        answer = yield from ask(
            Call("POST", "/services/oauth2/token", form=form, base=self.settings.login_url)
        )
        if answer.status in {400, 401, 403}:
            raise Refused(Stuck(Reason.REJECTED_AUTH, code_of(answer.json())))
        session = read(answer, dict, self.now).get("access_token")
        if not isinstance(session, str):
            raise Refused(Later(Reason.GARBLED))
        self.settings.memory["session"] = session
        return session
