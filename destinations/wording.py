"""What a mapper's rows say, in staff's words. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from destinations.terms import AlarmKind
from preferences.catalogue import Catalogue
from preferences.terms import Channel


def source_words(source: str, catalogue: Catalogue) -> str:
    """`answer:marketing_emails:email` -> Marketing emails by email."""
    name, *arguments = source.split(":")
    match name, arguments:
        case "answer", [category, *channel]:
            known = catalogue.by_slug.get(category)
            called = known.in_("en").name if known else f"{category} (no such category)"
            return f"{called} {_by(channel[0] if channel else '')}".strip()
        case "all_out", [channel]:
            return f"No to everything {_by(channel)}"
        case "suppressed", [channel]:
            return f"The address may not be used {_by(channel)}"
    return source


def _by(channel: str) -> str:
    return f"by {Channel(channel).label.lower()}" if channel in Channel.values else channel


def rows_words(rows: Sequence[Mapping[str, str]], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Each row: what it says, and the field that holds it there."""
    return ((source_words(row["source"], catalogue), row["target"]) for row in rows)


def deadline_words(kind: str, count: int) -> str:
    """`3 opt-outs missed their deadline.`"""
    what = f"{count:,} opt-out{'s'[: count != 1]}"
    if kind == AlarmKind.MISSED:
        return f"{what} missed {'its' if count == 1 else 'their'} deadline."
    return f"{what} will miss {'its' if count == 1 else 'their'} deadline soon."
