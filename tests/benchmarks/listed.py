"""Which benchmarks there are, and what each needs around it."""

from dataclasses import dataclass

SQLITE_NORMAL, SQLITE, POSTGRESQL = "sqlite-normal", "sqlite", "postgresql"
WORDS = {
    SQLITE_NORMAL: "SQLite, synchronous NORMAL",
    SQLITE: "SQLite, synchronous FULL",
    POSTGRESQL: "PostgreSQL",
}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One module of this package with a `run(scene)`, the databases it runs on, and whom it talks to."""

    name: str
    databases: tuple[str, ...]
    sandboxes: bool = False
    stub: bool = False


BENCHMARKS = (
    Benchmark("record", (SQLITE_NORMAL, SQLITE, POSTGRESQL)),
    Benchmark("events", (SQLITE_NORMAL, SQLITE, POSTGRESQL)),
    Benchmark("fan_out", (SQLITE,)),
    Benchmark("to_the_last", (SQLITE, POSTGRESQL), sandboxes=True, stub=True),
    Benchmark("drain", (SQLITE, POSTGRESQL), stub=True),
    Benchmark("forward", (SQLITE, POSTGRESQL), stub=True),
    Benchmark("hanging", (SQLITE, POSTGRESQL), sandboxes=True),
    Benchmark("save", (POSTGRESQL,)),
    Benchmark("page", (SQLITE, POSTGRESQL)),
    Benchmark("verdict", (SQLITE,)),
    Benchmark("impact", (SQLITE, POSTGRESQL)),
)
