"""Where the demo's systems are: who is told by Heed, and at which address. It knows nothing of Django."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

# By which of its sandbox's addresses a system is told, where that is not the one at which it is watched.
OWN_DOORS = {"hl7": "hl7_mllp", "csv": "csv_files"}
PHONES = "twilio"  # they tell Heed, and get its own texts
TELL_ONLY = {"systems", PHONES}


def told_by_heed(sandboxes: Mapping[str, str]) -> dict[str, str]:
    """Slug -> base URL of the sandbox, of those that Heed tells."""
    return {slug: url for slug, url in sandboxes.items() if slug not in TELL_ONLY | set(OWN_DOORS.values())}


def door(slug: str, sandboxes: Mapping[str, str]) -> str:
    """Where a system takes what it is told; empty where it does not run."""
    return sandboxes.get(OWN_DOORS.get(slug, slug), "")


def reachable(sandboxes: Mapping[str, str]) -> dict[str, list[str]]:
    """What HEED_PRIVATE_HOSTS must name: host and port, or the directory of files."""
    called = [*told_by_heed(sandboxes), *({PHONES} & sandboxes.keys())]
    doors = {slug: urlsplit(door(slug, sandboxes)) for slug in called}
    return {slug: [each.netloc or unquote(each.path)] for slug, each in doors.items()}
