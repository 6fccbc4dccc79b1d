"""Meta's Graph API: how a call bears the token, and what refusals mean. Pure; shared by connectors."""

from datetime import datetime

from destinations.contract import Answer, Later, Reason, Refused, Settings, Stuck, by_status

FLAGGED, FLAGGED_STATUS = 1713230, 471
SLOW, PASSING, TOKEN = {4, 17, 32, 341, 613, 80003, 80004}, {1, 2}, {10, 102, 190, 200, 294}
INVALID, MISSING = 100, 33  # a subcode: no such audience, or none that may be seen
BLOCKED = (
    "Meta has flagged this audience (it may tell of health), and changes nothing in it: appeal there, or "
    "delete the audience there"
)


def bearer(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.access_token}"}


def refusal(answer: Answer, now: datetime) -> Stuck:
    """What hangs on the data of one. Raises Refused with what concerns everybody."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or answer.status < 400:
        if (fault := by_status(answer, now)).reason is Reason.REJECTED_DATA:
            return Stuck(fault.reason, fault.detail)
        raise Refused(fault)
    code, subcode = error.get("code"), error.get("error_subcode")
    words = f"code {code}" if isinstance(code, int) else "no code"
    if subcode == FLAGGED:
        raise Refused(Stuck(Reason.REJECTED_CONFIG, BLOCKED))
    if code in SLOW or answer.status == 429:
        raise Refused(Later(Reason.THROTTLED, answer.retry_after(now), words))
    if code in PASSING or error.get("is_transient") or answer.status >= 500:
        raise Refused(Later(Reason.UNAVAILABLE, answer.retry_after(now), words))
    if code in TOKEN or answer.status in {401, 403}:
        raise Refused(Stuck(Reason.REJECTED_AUTH, words))
    if code != INVALID or subcode == MISSING:
        raise Refused(Stuck(Reason.REJECTED_CONFIG, words))
    return Stuck(Reason.REJECTED_DATA, words)
