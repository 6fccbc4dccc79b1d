"""Where a sandbox keeps what it acknowledged: one SQLite file, from which a kill -9 takes nothing back."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from threading import RLock
from types import TracebackType

from destinations.sandbox.exchange import Document

# With synchronous OFF a commit is in the kernel's hands: it outlives the process, not the machine.
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS document (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS filed (
    kind TEXT NOT NULL, under TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, under, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS filed_key ON filed (kind, key);
CREATE TABLE IF NOT EXISTS written (who TEXT PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID;
"""


class Store:
    """Documents by kind and key. `with store:` is one transaction, one caller at a time."""

    def __init__(self, path: str | Path = ":memory:", indexed: Iterable[str] = ()) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = RLock()
        self._spoiled = False
        self._db.executescript(SCHEMA)
        for field in indexed:
            self._db.execute(f"CREATE INDEX IF NOT EXISTS by_{field} ON document ({column(field)})")

    def __enter__(self) -> "Store":
        self._lock.acquire()
        try:
            self._db.execute("BEGIN")
        except sqlite3.Error:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("ROLLBACK" if error or self._spoiled else "COMMIT")
        self._spoiled = False
        self._lock.release()

    def spoil(self) -> None:
        """Take back what this transaction wrote, when it ends."""
        self._spoiled = True

    def get(self, kind: str, key: str) -> Document | None:
        """One document."""
        rows = self._documents("SELECT body FROM document WHERE kind = ? AND key = ?", (kind, key))
        return next(iter(rows), None)

    def all(self, kind: str) -> list[Document]:
        """All documents of a kind, in the order in which they were first made."""
        return self._documents("SELECT body FROM document WHERE kind = ? ORDER BY seq", (kind,))

    def filed(self, kind: str, under: Iterable[str]) -> list[Document]:
        """Documents filed under any of these words."""
        words = list(under)
        marks = ", ".join("?" * len(words))
        chosen = f"SELECT key FROM filed WHERE kind = ? AND under IN ({marks})"  # noqa: S608
        sql = f"SELECT body FROM document WHERE kind = ? AND key IN ({chosen}) ORDER BY seq"  # noqa: S608
        return self._documents(sql, (kind, kind, *words))

    def where(
        self, kind: str, condition: str, values: Sequence[object], page: tuple[int, int]
    ) -> list[Document]:
        """Documents for which a condition over `column(…)` holds; the page is (limit, offset)."""
        # The plus keeps SQLite from walking a whole kind where the condition has indexes of its own.
        sql = f"SELECT body FROM document WHERE +kind = ? AND ({condition}) ORDER BY seq LIMIT ? OFFSET ?"  # noqa: S608
        return self._documents(sql, (kind, *values, *page))

    def count(self, kind: str, condition: str, values: Sequence[object]) -> int:
        """How many documents of a kind there are for which the condition holds."""
        sql = f"SELECT count(*) FROM document WHERE +kind = ? AND ({condition})"  # noqa: S608
        return int(self._db.execute(sql, (kind, *values)).fetchone()[0])

    def next_number(self) -> int:
        """A number that no document of any kind was made under."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) + 1 FROM document").fetchone()[0])

    def count_filed(self, kind: str, under: str) -> int:
        """How many documents are filed under this word."""
        sql = "SELECT count(*) FROM filed WHERE kind = ? AND under = ?"
        return int(self._db.execute(sql, (kind, under)).fetchone()[0])

    def count_all(self, kind: str) -> int:
        """How many documents of a kind there are."""
        return int(self._db.execute("SELECT count(*) FROM document WHERE kind = ?", (kind,)).fetchone()[0])

    def count_about(self, kind: str, under: Iterable[str]) -> int:
        """How many documents of a kind are filed under any of these words."""
        words = list(under)
        marks = ", ".join("?" * len(words))
        sql = f"SELECT count(DISTINCT key) FROM filed WHERE kind = ? AND under IN ({marks})"  # noqa: S608
        return int(self._db.execute(sql, (kind, *words)).fetchone()[0])

    def last(self, kind: str, limit: int, under: Iterable[str] | None = None) -> list[Document]:
        """The newest of a kind, the newest first; of those filed under these words, where there are any."""
        # The plus lets SQLite walk back from the newest, and stop soon.
        words = list(under or ())
        chosen = f"SELECT key FROM filed WHERE kind = ? AND under IN ({', '.join('?' * len(words))})"  # noqa: S608
        sql, values = "SELECT body FROM document WHERE +kind = ?", [kind]
        if under is not None:
            sql, values = f"{sql} AND key IN ({chosen})", [kind, kind, *words]
        return self._documents(f"{sql} ORDER BY seq DESC LIMIT {limit}", values)

    def put(self, kind: str, key: str, document: Document, under: Iterable[str] = ()) -> None:
        """Keep this document instead of what stood there, filed under these words."""
        self._db.execute(
            "INSERT INTO document (kind, key, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, json.dumps(document)),
        )
        self._db.execute("DELETE FROM filed WHERE kind = ? AND key = ?", (kind, key))
        self._db.executemany(
            "INSERT OR IGNORE INTO filed VALUES (?, ?, ?)", [(kind, word, key) for word in under]
        )

    def remove(self, kind: str, key: str | None = None) -> bool:
        """Forget one document, or all of a kind; whether there was any."""
        which, values = ("", (kind,)) if key is None else (" AND key = ?", (kind, key))
        self._db.execute(f"DELETE FROM filed WHERE kind = ?{which}", values)  # noqa: S608
        return self._db.execute(f"DELETE FROM document WHERE kind = ?{which}", values).rowcount > 0  # noqa: S608

    def wrote(self, who: str) -> None:
        """Count one write about this person or address."""
        self._db.execute(
            "INSERT INTO written VALUES (?, 1) ON CONFLICT (who) DO UPDATE SET times = times + 1", (who,)
        )

    def writes(self) -> Counter[str]:
        """How many writes there were, per person or address."""
        return Counter(dict(self._db.execute("SELECT who, times FROM written")))

    def writes_about(self, people: Iterable[str]) -> int:
        """How many writes there were about all of these together."""
        who = list(people)
        sql = f"SELECT coalesce(sum(times), 0) FROM written WHERE who IN ({', '.join('?' * len(who))})"  # noqa: S608
        return int(self._db.execute(sql, who).fetchone()[0])

    def empty(self) -> None:
        """Forget everything."""
        for table in ("document", "filed", "written"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608

    def close(self) -> None:
        """Let go of the file, once nobody is inside."""
        with self._lock:
            self._db.close()

    def _documents(self, sql: str, values: Sequence[object]) -> list[Document]:
        with closing(self._db.execute(sql, values)) as rows:
            return [json.loads(body) for (body,) in rows]


def column(field: str) -> str:
    """The SQL that reads one field of a document, blind to case, as vendors compare text."""
    return f"json_extract(body, '$.{field}') COLLATE NOCASE"
