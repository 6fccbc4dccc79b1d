"""What Salesforce answers: rows, codes, and what they mean."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from destinations.contract import Answer, Later, Reason, Refused, Stuck, by_status

# statusCode or errorCode; the words beside a code may quote the record, so nobody is told them.
PASSING = {
    "UNABLE_TO_LOCK_ROW": Reason.UNAVAILABLE,
    "SERVER_UNAVAILABLE": Reason.UNAVAILABLE,
    "REQUEST_LIMIT_EXCEEDED": Reason.THROTTLED,
    "ENTITY_IS_DELETED": Reason.PARTIAL,  # deleted or merged since it was found: look again
    "INVALID_QUERY_LOCATOR": Reason.PARTIAL,
}
# The rest of what is said quotes the query, addresses and all; these two are names of the organisation's own.
NO_FIELD = re.compile(r"No such column '(\w{1,80})' on (?:entity|sobject of type) '?(\w{1,40})'?")
MISCONFIGURED = {"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY", "NOT_FOUND", "URI_TOO_LONG"}


def rows_of(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = page.get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("Id") for row in rows):
        raise Refused(Later(Reason.GARBLED))
    return rows


def code_of(body: Any) -> str:
    """The code of the first error, and only if it looks like one."""
    first = body[0] if isinstance(body, list) and body else body
    codes = first if isinstance(first, dict) else {}
    said = codes.get("errorCode") or codes.get("statusCode") or codes.get("error")
    return str(said) if re.fullmatch(r"[A-Za-z_]{1,60}", str(said)) else "no code"


def missed(result: Any) -> Later | Stuck | None:
    """How one record of a collection fared: the answer as a whole says 200 either way."""
    if not isinstance(result, dict) or result.get("success") is True:
        return None if isinstance(result, dict) else Later(Reason.GARBLED)
    code = code_of(result.get("errors"))
    return Later(PASSING[code], detail=code) if code in PASSING else Stuck(Reason.REJECTED_DATA, code)


def _no_field(answer: Answer) -> str:
    """Which field is not there, in words; empty where it is something else."""
    body = answer.json()
    first = body[0] if isinstance(body, list) and body else None
    found = NO_FIELD.search(str(first.get("message", ""))) if isinstance(first, dict) else None
    if found is None:
        return ""
    words = "correct its row in the mapper, or make it there and let Heed see it"
    return f"{found[2]} has no field {found[1]}: {words}"


def refusal(answer: Answer, now: datetime) -> Later | Stuck:
    """What an answer means that refuses the call as a whole."""
    code = code_of(answer.json())
    if code in PASSING:
        return Later(PASSING[code], answer.retry_after(now), code)
    if code in MISCONFIGURED:
        return Stuck(Reason.REJECTED_CONFIG, _no_field(answer) or code)
    return by_status(answer, now)
