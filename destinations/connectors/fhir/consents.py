"""Heed's own Consents: what one says, and what is read from one that stands. https://hl7.org/fhir/R4/consent.html"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

TERMS = "http://terminology.hl7.org/CodeSystem"
PRIVACY = {"coding": [{"system": f"{TERMS}/consentscope", "code": "patient-privacy"}]}
CONSENT_DOCUMENT = {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}
OURS, CATEGORY, CHANNEL = "urn:heed", "urn:heed:category", "urn:heed:channel"

Resource = Mapping[str, Any]


def consent(name: str, category: str, says: Mapping[str, bool], given: str) -> dict[str, Any]:
    """One category, of nobody yet: which channels are denied; inactive once nothing is said any more."""
    denied = not says or any(says.values())
    provision: dict[str, Any] = {"code": [concept(CATEGORY, category)]}
    if says:
        # Whoever reads no further than this level must never take a partial refusal for a permission.
        provision["type"] = "deny" if denied else "permit"
    exceptions = [
        {"type": "deny" if no else "permit", "code": [concept(CHANNEL, channel)]}
        for channel, no in sorted(says.items())
        if channel
    ]
    if exceptions:
        provision["provision"] = exceptions
    return {
        "resourceType": "Consent",
        "identifier": [{"system": OURS, "value": name}],
        "status": "active" if says else "inactive",
        "scope": PRIVACY,
        "category": [CONSENT_DOCUMENT],
        "dateTime": given,
        "policyRule": {
            "coding": [{"system": f"{TERMS}/v3-ActCode", "code": "OPTOUT" if denied else "OPTIN"}]
        },
        "provision": provision,
    }


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], "text": code.replace("_", " ").capitalize()}


def said(stands: Resource) -> dict[str, bool]:
    """Channel by channel whether a Consent denies it, as far as it says so; a use of data has no channel."""
    provision = stands.get("provision")
    if stands.get("status") != "active" or not isinstance(provision, dict):
        return {}
    inner = [each for each in provision.get("provision") or () if isinstance(each, dict)]
    found = {code: _denies(each, provision) for each in inner for code in _codes(each, CHANNEL)}
    return found or {"": _denies(provision, {})}


def names(stands: Resource) -> Iterator[str]:
    """The identifiers that Heed gave it."""
    for each in stands.get("identifier") or ():
        if isinstance(each, dict) and each.get("system") == OURS:
            yield str(each.get("value"))


def changed_at(stands: Resource) -> datetime | None:
    """When it was last changed there, if the server says so."""
    meta = stands.get("meta")
    try:
        moment = datetime.fromisoformat(str(meta.get("lastUpdated"))) if isinstance(meta, dict) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def version(stands: Resource) -> str:
    """As `If-Match` names it (https://hl7.org/fhir/R4/http.html#concurrency); empty where it is not told."""
    meta = stands.get("meta")
    number = meta.get("versionId") if isinstance(meta, dict) else None
    return f'W/"{number}"' if number else ""


def _denies(provision: Resource, outer: Resource) -> bool:
    """R4: what is nested is an exception to what stands around it."""
    return bool(provision.get("type", "permit" if outer.get("type") == "deny" else "deny") == "deny")


def _codes(provision: Resource, system: str) -> Iterator[str]:
    for code in provision.get("code") or ():
        for coding in code.get("coding") or () if isinstance(code, dict) else ():
            if isinstance(coding, dict) and coding.get("system") == system:
                yield str(coding.get("code"))
