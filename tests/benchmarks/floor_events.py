"""The floor of `events`: the same rows, ready-made, in one transaction by a bare driver, without Heed.

Frozen: other statements would change what every earlier figure meant.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg

TABLES = (
    """CREATE TABLE floor_event (id {uuid} PRIMARY KEY, source_id bigint NOT NULL, kind varchar(8) NOT NULL,
    name varchar(100) NOT NULL, number integer NOT NULL, received_at {time} NOT NULL,
    occurred_at {time} NOT NULL, content_hash {blob} NOT NULL, body {blob}, person_id {uuid},
    browser_id {uuid}, routed boolean NOT NULL, conflicts integer NOT NULL)""",
    "CREATE INDEX floor_to_route ON floor_event (received_at) WHERE NOT routed",
    "CREATE INDEX floor_with_body ON floor_event (received_at) WHERE body IS NOT NULL",
    "CREATE INDEX floor_of ON floor_event (person_id) WHERE person_id IS NOT NULL",
    "CREATE INDEX floor_in ON floor_event (browser_id) WHERE browser_id IS NOT NULL",
)
ON_SQLITE = {"uuid": "char(32)", "blob": "BLOB", "time": "datetime"}
ON_POSTGRESQL = {"uuid": "uuid", "blob": "bytea", "time": "timestamptz"}
INSERT = f"INSERT INTO floor_event VALUES ({', '.join(['%s'] * 13)})"  # noqa: S608


class Floor:
    """One open connection, sqlite3 or psycopg."""

    def __init__(self, url: str, synchronous: str) -> None:
        self.db: Any
        if url.startswith("sqlite:///"):
            self.db = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self.db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};")
            self.db.execute("PRAGMA cache_size=-20000")
            self.begin, self.words, self.insert = "BEGIN IMMEDIATE", ON_SQLITE, INSERT.replace("%s", "?")
        else:
            self.db = psycopg.connect(url, autocommit=True)
            self.begin, self.words, self.insert = "BEGIN", ON_POSTGRESQL, INSERT
        for statement in TABLES:
            self.db.execute(statement.format(**self.words))

    def keep(self, rows: Sequence[Sequence[object]]) -> None:
        """One batch."""
        self.db.execute(self.begin)
        cursor = self.db.cursor()
        cursor.executemany(self.insert, rows)
        self.db.execute("COMMIT")

    def written(self) -> list[tuple[str, str, int]]:
        """What it wrote, to be compared: id, name, and how long the body is."""
        rows = self.db.execute("SELECT id, name, length(body) FROM floor_event ORDER BY id")
        return [(str(pk).replace("-", ""), name, size) for pk, name, size in rows]

    def close(self) -> None:
        self.db.close()
