"""What a server says of itself, and whether that is what Heed needs. https://hl7.org/fhir/R4/capabilitystatement.html"""

from collections.abc import Iterator, Mapping
from typing import Any

from destinations.contract import Checked


def capabilities(states: Mapping[str, Any], *, bundles: bool) -> Iterator[Checked]:
    """`bundles`: staff want people to travel together."""
    version = str(states.get("fhirVersion", ""))
    four = Checked(True, f"A FHIR server answers, version {version}. Rights are tried with the first person.")
    other = f"The server speaks FHIR {version or 'of no known version'}."
    yield four if version.startswith("4.") else Checked(False, other, "Enter its R4 address.")
    servers = [each for each in states.get("rest", ()) if isinstance(each, dict)]
    kinds = {each.get("type"): each for rest in servers for each in rest.get("resource", ())}
    for kind in ("Patient", "Consent") if kinds else ():
        if kind not in kinds:
            yield Checked(False, f"The server does not offer {kind}.", "Ask its vendor to open it for Heed.")
    if kinds.get("Consent", {}).get("conditionalUpdate") is False:
        words = "Consents can't be written by their identifier (conditional update)."
        yield Checked(False, words, "Ask its vendor to allow conditional updates of Consent.")
    system_wide = {each.get("code") for rest in servers for each in rest.get("interaction", ())}
    yield from batches(system_wide, bundles)


def batches(system_wide: set[str], bundles: bool) -> Iterator[Checked]:
    if "batch" in system_wide and not bundles:
        yield Checked(True, "The server takes Bundles: enter how large one may be, and fewer calls are made.")
    elif bundles and "batch" not in system_wide:
        words = "The server does not say that it takes Bundles. If it refuses one, each Consent goes alone."
        yield Checked(True, words)
