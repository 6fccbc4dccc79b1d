"""How many events Heed has withheld from each system, where these sandboxes run beside a demo of Heed.

A system can't know what it was not sent; Heed's own record says it, read here from outside Django.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

TABLE, SYSTEMS = "destinations_forwarding", "destinations_destination"  # a test holds them to the models
BLOCKED = f"""
SELECT d.slug, count(*), coalesce(sum(f.subject = ?), 0)
  FROM {SYSTEMS} d JOIN {TABLE} f ON f.destination_id = d.id
 WHERE f.state = 'blocked' GROUP BY d.slug
"""  # noqa: S608 - our constants


def withheld(database: Path | None, profile: str = "") -> Mapping[str, tuple[int, int]]:
    """Slug -> how many in all, and how many of this profile's. Empty where no record can be read."""
    if database is None or not database.exists():
        return {}
    try:
        whose = UUID(profile).hex if profile else ""
        with closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=1)
        ) as connection:
            return {slug: (every, theirs) for slug, every, theirs in connection.execute(BLOCKED, [whose])}
    except (sqlite3.Error, ValueError):
        return {}
