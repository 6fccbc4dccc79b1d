"""A practice at athenahealth: its session, and what its answers mean."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from destinations.contract import (
    Answer,
    Call,
    Held,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    ask,
    by_status,
    read,
)

SCOPE = "athena/service/Athenanet.MDP.*"
TOO_MANY = re.compile(r"over (qps|rate|quota)|quota|rate limit", re.I)


class Practice:
    """What is asked of it, within a session; `memory` holds the session."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now, self.memory = settings, now, settings.memory
        self.path = f"/v1/{quote(str(settings.practice_id), safe='')}"
        self.claims: Mapping[str, Mapping[str, Held]] = {}

    def ask(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        """An answer within a session; one that has ended meanwhile is renewed once. Raises Refused."""
        answer = Answer(401)
        for _ in range(2):
            token = self.memory.get("token") or (yield from self.sign_in())
            headers = {"Authorization": f"Bearer {token}"}
            call = Call(method, f"{self.path}{path}", headers=headers, claims=self.claims, **more)
            answer = yield from ask(call)
            if answer.status != 401:
                break
            if self.memory.get("token") == token:  # else another delivery has renewed it
                del self.memory["token"]
        return answer

    def sign_in(self) -> Steps[str]:
        pair = f"{self.settings.client_id}:{self.settings.client_secret}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        answer = yield from ask(
            Call("POST", "/oauth2/v1/token", form=form, headers=headers, claims=self.claims)
        )
        if answer.status in {400, 401, 403}:
            raise Refused(Stuck(Reason.REJECTED_AUTH, f"HTTP {answer.status} at sign-in"))
        token = read(answer, dict, self.now).get("access_token")
        if not isinstance(token, str):
            raise Refused(Later(Reason.GARBLED))
        self.memory["token"] = token
        return token


def refusal(answer: Answer, now: datetime) -> Later | Stuck:
    """403 stands for too many calls too; only its words tell which, and they name nobody."""
    said = answer.json()
    words = str(said.get("error", "")) if isinstance(said, dict) else ""
    if answer.status == 403 and TOO_MANY.search(words):
        return Later(Reason.THROTTLED, answer.retry_after(now))
    return by_status(answer, now)
