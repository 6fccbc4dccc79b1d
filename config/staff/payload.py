"""What one system is told, or would be, about one identifier: worked out when looked at, kept nowhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from config.staff.selectors import Known
from destinations.connectors import CONNECTORS
from destinations.models import Propagation
from destinations.payloads import would_tell


@dataclass(frozen=True, slots=True)
class Payload:
    """Field by field, and the message where the system is told everything; identifiers are masked."""

    fields: tuple[tuple[str, str], ...] = ()
    message: str = ""


def payload(row: Propagation, known: Known) -> Payload:
    """By the mapper in force, from what holds now."""
    connector = CONNECTORS.get(row.destination.connector)
    if connector is None:
        return Payload()
    told = would_tell(row.destination, connector, [row.identifier_id], timezone.now())[row.identifier_id]
    if told.nothing:
        return Payload()
    masks = {value: known.masked(pk) for pk, value in known.clear.items()}
    fields, snapshot = told.content["fields"], told.content["snapshot"]
    return Payload(
        tuple((target, _words(_masked(field.value, masks))) for target, field in sorted(fields.items())),
        json.dumps(_masked(snapshot, masks), indent=2, ensure_ascii=False) if snapshot else "",
    )


def _masked(value: Any, masks: Mapping[str, str]) -> Any:
    match value:
        case str():
            return masks.get(value, value)
        case dict():
            return {name: _masked(each, masks) for name, each in value.items()}
        case list() | tuple():
            return [_masked(each, masks) for each in value]
    return value


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
