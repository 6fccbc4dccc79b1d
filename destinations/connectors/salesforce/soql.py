"""Objects and fields as Salesforce spells them, and queries in its language (SOQL)."""

import re
from collections.abc import Iterable

from destinations.contract import Identified

PREFIX = "consent."  # how a target begins that is a consent, not a field
# Per object: email fields, phone fields, and which of its records are people who can be written to.
OBJECTS = {
    "Contact": (("Email",), ("Phone", "MobilePhone", "HomePhone", "OtherPhone"), ()),
    "Lead": (("Email",), ("Phone", "MobilePhone"), ("IsConverted = false",)),
    "Account": (
        ("PersonEmail",),
        ("Phone", "PersonMobilePhone", "PersonHomePhone"),
        ("IsPersonAccount = true",),
    ),
}


def named(kind: str, target: str) -> str:
    """A field of Contact as a person Account spells it."""
    if kind != "Account":
        return target
    return f"{target[:-3]}__pc" if target.endswith("__c") else f"Person{target}"


def spellings(identified: Identified) -> list[str]:
    """A US phone as Salesforce's own pages write it, and as people do."""
    us = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", identified.value) if identified.kind == "phone" else None
    if not us:
        return [identified.value]
    area, exchange, line = us.groups()
    spaced = f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}"
    return [identified.value, f"{area}{exchange}{line}", *spaced]


def among(field: str, way: str, keys: Iterable[tuple[str, str]]) -> str:
    """`Email IN ('ana@example.org')`, with quotes and backslashes escaped; nothing for nobody."""
    values = sorted(re.sub(r"(['\\])", r"\\\1", value) for each, value in keys if each == way)
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{field} IN ({listed})" if values else ""


def any_of(*conditions: str) -> str:
    joined = " OR ".join(filter(None, conditions))
    return f"({joined})" if joined else ""
