"""Ratios that can be believed: both sides in turn, the median of the ratios, and their range."""

import platform
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import gettempdir
from typing import Any

PACKAGES = ("Django", "djangorestframework", "django-q2", "psycopg", "requests", "gunicorn")


class Differs(Exception):
    """The two sides did not do the same work: no rate is worth printing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One result. `ratio` is the median over rounds of Heed to its floor; `at_most`: lower is better.

    `void`: why no aim was met, whatever the figure.
    """

    what: str
    heed: str
    floor: str
    ratio: float
    low: float
    high: float
    aim: float | None = None
    at_most: bool = False
    void: str = ""

    @property
    def verdict(self) -> str:
        if self.aim is None:
            return ""
        if self.void:
            return self.void
        return "met" if (self.ratio <= self.aim if self.at_most else self.ratio >= self.aim) else "missed"

    def cells(self) -> tuple[str, ...]:
        aim = "" if self.aim is None else f"{'≤' if self.at_most else '≥'} {self.aim:g}"
        ratio = f"{self.ratio:.2f} ({self.low:.2f}–{self.high:.2f})"
        return self.what, self.heed, self.floor, ratio, aim, self.verdict

    def plain(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict}


def in_turn(rounds: int, heed: Callable[[], float], floor: Callable[[], float]) -> list[tuple[float, float]]:
    """A B A B …: what disturbs the machine for a while disturbs both."""
    return [(heed(), floor()) for _ in range(rounds)]


def compared(
    what: str,
    pairs: Sequence[tuple[float, float]],
    unit: str = "/s",
    *,
    aim: float | None = None,
    at_most: bool = False,
) -> Line:
    """The line of pairs of figures that were taken in turn."""
    ratios = [heed / floor for heed, floor in pairs]
    mine, theirs = (median(column) for column in zip(*pairs, strict=True))
    return Line(
        what,
        f"{_figure(mine)}{unit}",
        f"{_figure(theirs)}{unit}",
        median(ratios),
        min(ratios),
        max(ratios),
        aim,
        at_most,
    )


def absolute(
    what: str, figure: float, rounds: Sequence[float], unit: str, goal: float, *, at_most: bool = False
) -> Line:
    """A figure against a fixed one: the floor is the goal. The range is that of single rounds."""
    low, high = min(rounds) / goal, max(rounds) / goal
    heed = f"{_figure(figure)}{unit}"
    return Line(what, heed, f"{goal:g}{unit}, fixed", figure / goal, low, high, 1.0, at_most)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(lines: Iterable[Line]) -> str:
    """A Markdown table, as docs/benchmarks.md has it."""
    head = ("what", "Heed", "floor", "ratio (range)", "aim", "")
    rows = [head, ("---",) * len(head), *(line.cells() for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def file_system(path: str) -> str:
    """Of what kind the file system is that a path is on: one in memory makes every fsync free."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    over = [(len(point), kind) for point, kind in mounts if Path(path).is_relative_to(point)]
    return max(over)[1] if over else "unknown"


def machine() -> str:
    """What it ran on."""
    cpus = Path("/proc/cpuinfo")
    models = [line.partition(": ")[2] for line in cpus.read_text().splitlines() if "model name" in line]
    processor = f"{len(models)} × {models[0]}" if models else platform.processor()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = Path("/proc/loadavg").read_text().split()[0]
    return (
        f"{processor}, load {load}, {platform.system()} {platform.release()}, temporary files on "
        f"{file_system(gettempdir())}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}"
    )
