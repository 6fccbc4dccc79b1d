"""Calls within a session at a vendor: a token that is kept, and renewed once where it has run out.

OAuth 2.0 (RFC 6749), whichever grant the vendor wants: a connector says how it signs in, and how a call bears
the token.
"""

from base64 import b64encode
from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

from destinations.contract import Answer, Call, Later, Reason, Refused, Settings, Steps, Stuck, ask, read

Memory = MutableMapping[str, Any]  # `Settings.memory`: it outlives a delivery, not the process
TOKEN = "token"  # noqa: S105 - where it is kept


def in_session(
    memory: Memory, bearing: Callable[[str], Call], sign_in: Callable[[], Steps[str]]
) -> Steps[Answer]:
    """The answer to a call that bears the token, which is renewed once where it is refused with 401."""
    answer = Answer(401)
    for _ in range(2):
        token = memory.get(TOKEN) or (yield from sign_in())
        answer = yield from ask(bearing(token))
        if answer.status != 401:
            break
        if memory.get(TOKEN) == token:  # else another delivery has renewed it
            del memory[TOKEN]
    return answer


def signed_in(
    call: Call, memory: Memory, now: datetime, why: Callable[[Answer], str] | None = None
) -> Steps[str]:
    """Make the call that signs in, and keep the token that it brings. Raises Refused.

    `why`: what is said of a refusal, where the vendor says more than its status.
    """
    answer = yield from ask(call)
    if answer.status in {400, 401, 403}:
        said = why(answer) if why else f"HTTP {answer.status} at sign-in"
        raise Refused(Stuck(Reason.REJECTED_AUTH, said))
    token = read(answer, dict, now).get("access_token")
    if not isinstance(token, str):
        raise Refused(Later(Reason.GARBLED))
    memory[TOKEN] = token
    return token


def bearer(token: str) -> dict[str, str]:
    """RFC 6750."""
    return {"Authorization": f"Bearer {token}"}


def client(settings: Settings) -> dict[str, str]:
    """A client's own credentials by HTTP Basic (RFC 6749, section 2.3.1)."""
    pair = f"{settings.client_id}:{settings.client_secret}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}
