"""One audience at Mailchimp: calls to it, and what their refusals mean."""

from base64 import b64encode
from datetime import datetime
from typing import Any
from urllib.parse import quote

from destinations.connectors.mailchimp.member import Member
from destinations.contract import Answer, Call, Later, Reason, Refused, Settings, Steps, ask, by_status, read

LISTS = "/3.0/lists"


class Audience:
    """Calls to one audience, and what their refusals mean."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.now, self.waiting = now, list[Member]()
        self.path = f"{LISTS}/{quote(settings.list_id, safe='')}"
        self.headers = {"Authorization": f"Basic {b64encode(f'heed:{settings.api_key}'.encode()).decode()}"}

    def called(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        """An answer about one person; what concerns everybody is raised."""
        claims = {member.wanted.id: member.held for member in self.waiting}
        answer = yield from ask(Call(method, path, headers=self.headers, claims=claims, **more))
        if answer.ok or answer.status in {400, 404}:
            return answer
        if answer.status == 403 and not title_of(answer):  # without a reason it is throttling
            raise Refused(Later(Reason.THROTTLED, answer.retry_after(self.now)))
        raise Refused(by_status(answer, self.now))

    def ask(self, method: str, path: str, **more: Any) -> Steps[dict[str, Any]]:
        """The object that a call brings."""
        answer = yield from self.called(method, path, **more)
        return read(answer, dict, self.now)

    def groups(self) -> Steps[set[str]]:
        kinds = yield from self.ask("GET", f"{self.path}/interest-categories", params=[("count", "100")])
        found = set()
        for kind in kinds.get("categories", ()):
            path = f"{self.path}/interest-categories/{quote(str(kind.get('id')), safe='')}/interests"
            listed = yield from self.ask("GET", path, params=[("count", "100")])
            found |= {str(each.get("id")) for each in listed.get("interests", ())}
        return found


def title_of(answer: Answer) -> str:
    problem = answer.json() if not answer.ok else None
    return str(problem.get("title", "")) if isinstance(problem, dict) else ""
