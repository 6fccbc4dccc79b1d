"""`python -m tests.benchmarks [name …]`: each on each of its databases, in a process of its own."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.comparing import Line, machine, table
from tests.benchmarks.listed import BENCHMARKS, WORDS, Benchmark

ROUNDS = 5


def main() -> int:
    """Run what was asked for and print one table; 1 when a benchmark broke (a missed aim is no failure)."""
    asked = parser().parse_args()
    lines: list[Line] = []
    broken = 0
    sys.stdout.write(f"{machine()}\n")
    for benchmark in BENCHMARKS:
        for database in benchmark.databases:
            if benchmark.name in (asked.names or [each.name for each in BENCHMARKS]) and database in (
                asked.database or WORDS
            ):
                found = _run(benchmark, database, asked)
                broken += found is None
                lines += found or []
    sys.stdout.write(
        f"\n{machine()}\n{'QUICK: figures mean nothing' if asked.quick else ''}\n{table(lines)}\n"
    )
    if asked.json:
        content = {"machine": machine(), "quick": asked.quick, "lines": [line.plain() for line in lines]}
        asked.json.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return 1 if broken else 0


def _run(benchmark: Benchmark, database: str, asked: argparse.Namespace) -> list[Line] | None:
    with TemporaryDirectory(prefix="heed-bench-") as directory:
        found = Path(directory) / "lines.json"
        command = [sys.executable, "-m", "tests.benchmarks.inside", benchmark.name, database, str(found)]
        command += ["--rounds", str(asked.rounds), *(["--quick"] if asked.quick else [])]
        sys.stdout.write(f"\n== {benchmark.name}, {WORDS[database]}\n")
        sys.stdout.flush()
        if subprocess.run(command, check=False).returncode:
            return None
        return [Line(**line) for line in json.loads(found.read_text())]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    names = [benchmark.name for benchmark in BENCHMARKS]
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    made.add_argument("names", nargs="*", metavar="name", help=f"any of: {', '.join(names)} (all)")
    made.add_argument("--database", action="append", choices=list(WORDS), help="only on this (all)")
    made.add_argument("--quick", action="store_true", help="small: to see that it works, not how fast")
    made.add_argument("--rounds", type=int, default=ROUNDS, help=f"of Heed and floor in turn ({ROUNDS})")
    made.add_argument("--json", type=Path, help="write the results here, too")
    return made


if __name__ == "__main__":
    sys.exit(main())
