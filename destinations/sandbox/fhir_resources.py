"""FHIR R4 resources as plain JSON: what a Consent must have, Bundles, outcomes. https://hl7.org/fhir/R4/consent.html"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from destinations.sandbox.exchange import Document

STATUSES = {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"}
CONSENT_DOCUMENT = "59284-0"  # LOINC: what every consent is
TELECOM = {"email": "email", "phone": "phone", "sms": "phone"}


def faults(consent: Document) -> list[str]:
    """What R4 finds wrong with a Consent, in words; empty when it may be kept."""
    provision = consent.get("provision", {})
    asked = {
        "resourceType must be Consent": consent.get("resourceType") == "Consent",
        f"status must be one of {', '.join(sorted(STATUSES))}": consent.get("status") in STATUSES,
        "scope is required": isinstance(consent.get("scope"), dict) and bool(consent["scope"]),
        "category is required": isinstance(consent.get("category"), list) and bool(consent["category"]),
        "ppc-1: either a policy or a policyRule": bool(consent.get("policy") or consent.get("policyRule")),
        "patient must be a reference to a Patient": reference(consent).startswith("Patient/"),
        "provision.type must be deny or permit": isinstance(provision, dict)
        and provision.get("type", "deny") in {"deny", "permit"},
    }
    return [words for words, holds in asked.items() if not holds]


def reference(consent: Document) -> str:
    """`Patient/123`."""
    patient = consent.get("patient")
    return str(patient.get("reference", "")) if isinstance(patient, dict) else ""


def identifiers(held: Document) -> Iterator[tuple[str, str]]:
    """(system, value) of each; R4 has a list of them in both resources."""
    for each in held.get("identifier", []):
        yield each.get("system", ""), each.get("value", "")


def filed_under_identifiers(held: Document) -> list[str]:
    """How a resource is found by `system|value`, `|value` and `value`."""
    pairs = list(identifiers(held))
    return [f"{system}|{value}" for system, value in pairs] + [value for _, value in pairs]


def addresses(held: Document) -> Iterator[tuple[str, str]]:
    """(kind, value) of a Patient's telecoms and record numbers."""
    if held["resourceType"] == "Patient":
        yield from (("mrn", value) for _, value in identifiers(held))
        for each in held.get("telecom", []):
            if each.get("system") in TELECOM:
                yield TELECOM[each["system"]], each.get("value", "")


def filed(parameter: str, value: str) -> str:
    """What a search parameter is filed under."""
    return f"Patient/{value.removeprefix('Patient/')}" if parameter == "patient" else value


def any_of(value: str) -> list[str]:
    """What a comma separates, unless a backslash stands before it. https://hl7.org/fhir/R4/search.html#escaping"""
    return [re.sub(r"\\([\\$,|])", r"\1", each) for each in re.split(r"(?<!\\),", value)]


def searchset(
    base: str, matches: Iterable[Document], included: Iterable[Document] = (), *, more: bool = False
) -> Document:
    """A Bundle of what was found; `total` counts matches only. `more`: another page follows."""
    matched = list(matches)
    modes = [(each, "match") for each in matched] + [(each, "include") for each in included]
    entries = [
        {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": mode}}
        for each, mode in modes
    ]
    link = {"link": [{"relation": "next", "url": f"{base}?page=2"}]} if more else {}
    return {"resourceType": "Bundle", "type": "searchset", "total": len(matched), "entry": entries, **link}


def outcome(code: str, words: str) -> Document:
    """An OperationOutcome with one issue."""
    issue = {"severity": "error", "code": code, "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def capabilities(base: str, searches: dict[str, set[str]], *, batch: bool) -> Document:
    """The CapabilityStatement: two resources, JSON, conditional update of Consents."""
    resources = [
        {
            "type": type_,
            "interaction": [{"code": code} for code in ("read", "search-type")],
            "conditionalUpdate": type_ == "Consent",
            "searchParam": [
                {"name": name, "type": "reference" if name == "patient" else "token"}
                for name in sorted(names)
            ],
        }
        for type_, names in searches.items()
    ]
    system_wide = {"interaction": [{"code": "batch"}]} if batch else {}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "implementation": {"description": "Heed sandbox", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": resources, **system_wide}],
    }


def in_words(consent: Document) -> Iterator[tuple[str, str, bool | None]]:
    """A Consent for people: its subject, what it says, whether messages may go; then its exceptions."""
    about = next(
        (said(each) for each in consent.get("category", []) if CONSENT_DOCUMENT not in codes(each)), ""
    )
    provision = consent.get("provision", {})
    topics = [said(code) for code in provision.get("code", [])]
    topic = ", ".join(filter(None, topics)) or about or "Consent"
    if consent["status"] != "active":
        yield topic, f"consent is {consent['status']}", None
        return
    yield topic, *verdict(provision, said(consent.get("policyRule", {})))
    for inner in provision.get("provision", []):
        yield f"{topic}: {', '.join(said(code) for code in inner.get('code', []))}", *verdict(inner)


def verdict(provision: Document, rule: str = "") -> tuple[str, bool]:
    """ "denied" or "permitted"; without a type of its own the policy rule (OPTIN, OPTOUT) decides."""
    permitted = provision["type"] == "permit" if "type" in provision else rule.upper() == "OPTIN"
    return ("permitted", True) if permitted else ("denied", False)


def codes(concept: Document) -> set[str]:
    """The codes of a CodeableConcept."""
    return {str(coding.get("code")) for coding in concept.get("coding", [])}


def said(concept: Any) -> str:
    """The words of a CodeableConcept."""
    coding: Document = next(iter(concept.get("coding", [])), {})
    return str(concept.get("text") or coding.get("display") or coding.get("code") or "")


def encoded(held: Document) -> bytes:
    """As it would travel."""
    return json.dumps(held).encode()
