"""What a mapper's rows say, in staff's words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from destinations.contract import By
from destinations.mapping.naming import IDENTIFIERS, RESTRICTED
from destinations.mapping.problems import System
from destinations.mapping.sources import CONSTANTS
from destinations.mapping.steps import STEPS, Form, Parameter
from preferences.catalogue import Catalogue
from preferences.terms import Channel, IdentifierKind

RESTRICTIONS = {
    "suppressed": "The address may not be used",
    "stop": "Sent STOP",
    "do_not_call": "Asked not to be called",
}
PLAIN = {
    "deceased": "Has died",
    "jurisdiction": "Where they live",
    "language": "Their language",
    "heed": "Their number in Heed",
    "constant": "A text, the same for everyone",
    "number": "A number, the same for everyone",
    "yes": "Always yes",
}


def source_words(source: str, catalogue: Catalogue) -> str:
    """`answer:marketing_emails:email` -> Marketing emails by email."""
    name, *arguments = source.split(":")
    match name, arguments:
        case "answer", [category, *channel]:
            return _cell(category, channel, catalogue)
        case "since", [category, *channel]:
            return f"Since when they have answered: {_cell(category, channel, catalogue)}"
        case "all_out", [channel]:
            return f"No to everything {_by(channel)}"
        case "identifier", [kind, *namespace]:
            return _identifier(kind, namespace)
    if name in RESTRICTIONS and arguments:
        return f"{RESTRICTIONS[name]} {_by(arguments[0])}" if name == "suppressed" else RESTRICTIONS[name]
    return PLAIN.get(source, source)


def _cell(category: str, channel: Sequence[str], catalogue: Catalogue) -> str:
    known = catalogue.by_slug.get(category)
    called = known.in_("en").name if known else f"{category} (no such category)"
    return f"{called} {_by(channel[0] if channel else '')}".strip()


def _identifier(kind: str, namespace: Sequence[str]) -> str:
    called = IdentifierKind(kind).label.lower() if kind in IdentifierKind.values else kind
    return f"Every {called} of theirs" + (f" given by {namespace[0]}" if namespace else "")


def _by(channel: str) -> str:
    return f"by {Channel(channel).label.lower()}" if channel in Channel.values else channel


def rows_words(rows: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Each row: what it says, and the field that holds it there."""
    return ((said_by(row, catalogue), row["target"]) for row in rows)


def said_by(row: Mapping[str, Any], catalogue: Catalogue) -> str:
    """A row with all that its steps were told."""
    said = (
        f"“{row['value']}”" if row.get("value") not in (None, "") else source_words(row["source"], catalogue)
    )
    return ", then ".join([said, *(_step(step, catalogue) for step in row.get("steps", ()))])


def _step(body: Mapping[str, Any], catalogue: Catalogue) -> str:
    step = STEPS.get(str(body["do"]))
    if step is None:
        return str(body["do"])
    told = [
        f"{parameter.label.lower()}: {_parameter(body.get(name), parameter, catalogue)}"
        for name, parameter in step.parameters.items()
        if body.get(name) not in (None, "")
    ]
    return f"{step.words.lower()} ({'; '.join(told)})" if told else step.words.lower()


def _parameter(value: Any, parameter: Parameter, catalogue: Catalogue) -> str:
    if parameter.form is Form.SOURCE:
        return source_words(str(value), catalogue)
    if parameter.form is Form.TABLE and isinstance(value, list):
        return ", ".join(" = ".join(map(str, pair)) for pair in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return (parameter.choices or {}).get(str(value), str(value))


def offered(system: System) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a row may draw from, in groups, for a list to choose from: only what fits this system."""
    known, channels = system.catalogue, system.connector.channels
    cells = [
        f"{category.slug}:{channel}"
        for category, channel in known.grid
        if channel == "" or channel in channels
    ]
    groups = {
        "They said no to": [f"answer:{cell}" for cell in cells]
        + [f"all_out:{each.value}" for each in Channel if each in channels],
        "A restriction": [
            f"{name}:{channel.value}"
            for name, on in RESTRICTED.items()
            for channel in Channel
            if channel in on & channels
        ]
        + ["deceased"],
        "About the person": ["language", "jurisdiction"],
        "A date": [f"since:{cell}" for cell in cells],
        "Who they are": _identifiers(system),
        "The same for everyone": sorted(CONSTANTS),
    }
    return [
        (group, [(source, source_words(source, known)) for source in sources])
        for group, sources in groups.items()
        if sources
    ]


def _identifiers(system: System) -> list[str]:
    if system.is_advertising or system.connector.addresses == By.ADDRESS:
        return []
    external = [f"identifier:external_id:{each}" for each in sorted(system.sources)]
    return ["heed", *(f"identifier:{each.value}" for each in IDENTIFIERS), *external]
