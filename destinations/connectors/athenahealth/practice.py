"""A practice at athenahealth: its session, and what its answers mean."""

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
    Settings,
    Steps,
    Stuck,
    by_status,
)
from destinations.sessions import bearer, client, in_session, signed_in

SCOPE = "athena/service/Athenanet.MDP.*"
TOO_MANY = re.compile(r"over (qps|rate|quota)|quota|rate limit", re.I)


class Practice:
    """What is asked of it, within a session; `memory` holds the session."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now, self.memory = settings, now, settings.memory
        self.path = f"/v1/{quote(str(settings.practice_id), safe='')}"
        self.claims: Mapping[str, Mapping[str, Held]] = {}

    def ask(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        """An answer within a session. Raises Refused."""

        def bearing(token: str) -> Call:
            return Call(method, f"{self.path}{path}", headers=bearer(token), claims=self.claims, **more)

        return (yield from in_session(self.memory, bearing, self.sign_in))

    def sign_in(self) -> Steps[str]:
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        call = Call("POST", "/oauth2/v1/token", form=form, headers=client(self.settings), claims=self.claims)
        return (yield from signed_in(call, self.memory, self.now))


def refusal(answer: Answer, now: datetime) -> Later | Stuck:
    """403 stands for too many calls too; only its words tell which, and they name nobody."""
    said = answer.json()
    words = str(said.get("error", "")) if isinstance(said, dict) else ""
    if answer.status == 403 and TOO_MANY.search(words):
        return Later(Reason.THROTTLED, answer.retry_after(now))
    return by_status(answer, now)
