"""What the page wrote about a person, read back."""

import json
import re
from typing import Any
from uuid import UUID

from preferences.models import Change, Notice, Revision
from tests.portal.forms import words


def entries_of(change: Change) -> list[dict[str, Any]]:
    """What one change says."""
    found: list[dict[str, Any]] = json.loads(change.entries)
    return found


def choices_of(profile_id: UUID) -> list[tuple[str, str, str]]:
    """Everything that the page wrote about a person, in order."""
    entries = [
        entry
        for change in Change.objects.filter(subject_id=profile_id, source__slug="preference_page").order_by(
            "id"
        )
        for entry in entries_of(change)
    ]
    return [
        (entry["category"], entry["channel"], entry["state"]) for entry in entries if entry["do"] == "choice"
    ]


def shown_last() -> Revision:
    """The wording that the last change points to."""
    change = Change.objects.latest("id")
    assert change.notice_id
    shown: Revision = Notice.objects.get(pk=change.notice_id)
    return shown


def read_first(html: str) -> str:
    """Of a page that puts what it tells in focus: that, where whoever has pages read aloud begins."""
    found = re.search(r"(?s)<div [^>]*data-focus>(.*?)</div>", html)
    assert found
    return words(found[1])


def result(client: Any) -> str:
    """What the page after saving says."""
    return words(client.get("/p/saved").text)
