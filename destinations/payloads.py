"""From the latest state of identifiers to what one system is to be told: a constant number of queries."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from destinations.contract import By, Connector, Field, Held, Wanted
from destinations.mapping import compiled
from destinations.mapping.evaluating import Row as MapperRow
from destinations.mapping.published import mapper_of
from destinations.models import Destination
from destinations.reading import Reading, held_from
from preferences import keys


@dataclass(frozen=True, slots=True)
class Row:
    """A propagation that is due, as the lease read it."""

    id: UUID
    identifier_id: UUID
    wanted: int
    digest: bytes | None
    unknown_at: datetime | None
    targets: str
    job: str
    previous_token: UUID | None
    failures: int
    denied: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A due row with what is to be told. `idle`: there is nothing to tell, and nothing was ever told."""

    row: Row
    wanted: Wanted
    digest: bytes
    idle: bool
    shared: Mapping[str, Held]


@dataclass(frozen=True, slots=True)
class Told:
    """What one system would be told about one identifier now. `nothing`: it would not be told at all."""

    content: Mapping[str, Any]
    digest: bytes
    nothing: bool

    @property
    def values(self) -> dict[str, Any]:
        """Target by target, what the vendor would notice."""
        return {
            f"{address} {target}".strip(): [field.value, field.denies]
            for address, fields in (("", self.content["fields"]), *self.content["fields_at"].items())
            for target, field in fields.items()
        }


def would_tell(
    destination: Destination,
    connector: Connector,
    ids: Collection[UUID],
    now: datetime,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> dict[UUID, Told]:
    """The same without anybody being told: by the mapper in force, or by these rows."""
    mapper = mapper_of(destination) if rows is None else compiled(rows)
    reading = Reading(destination, connector, ids, now, mapper)
    return {pk: _told_about(reading, pk) for pk in ids}


def _told_about(reading: Reading, pk: UUID) -> Told:
    content = reading.content(pk)
    # *Tell everyone again* counts: what was confirmed before it is no longer the same.
    again = {"again": reading.destination.again} if reading.destination.again else {}
    told = json.dumps(_told(content) | again, sort_keys=True, default=str)
    digest = keys.keyed_digest("digest", told.encode())
    said = content["fields"] or content["snapshot"] or any(content["fields_at"].values())
    return Told(content, digest, not said or reading.is_unreachable(pk, content))


def prepare(
    destination: Destination, connector: Connector, rows: Sequence[Row], now: datetime
) -> list[Prepared]:
    """What each row's system must hold, read now."""
    ids = [row.identifier_id for row in rows]
    reading = Reading(destination, connector, ids, now, mapper_of(destination))
    return [_prepared(reading, row, now) for row in rows]


def _prepared(reading: Reading, row: Row, now: datetime) -> Prepared:
    told = _told_about(reading, row.identifier_id)
    perhaps = _perhaps_written(reading, row, told.content["fields"])
    by_record = reading.connector.shared_records
    own = {} if by_record else {target: Held(wrote=True) for target in perhaps}
    own |= held_from(row.targets, reading.destination.moved_at)
    under_way = bool(own or perhaps or row.job) and not reading.is_unreachable(
        row.identifier_id, told.content
    )
    shared = reading.held_by_sharers(row.identifier_id)
    wanted = Wanted(
        id=str(row.id),
        counter=row.wanted,
        digest=told.digest.hex(),
        now=now,
        held={**shared, **own},
        job=row.job,
        perhaps=perhaps if by_record else frozenset(),
        unsure=bool(row.previous_token or row.unknown_at),
        **told.content,
    )
    return Prepared(row, wanted, told.digest, told.nothing and not under_way, shared)


def _perhaps_written(reading: Reading, row: Row, fields: Mapping[str, Field]) -> frozenset[str]:
    """Where the end of an earlier call is lost: what it may have denied, though nothing is to be said of it.

    So it is read, and put before staff where a denial stands: wherever what stands there can be read.
    """
    if reading.connector.addresses == By.ADDRESS:
        is_lost = bool(row.previous_token or row.unknown_at)
    else:  # what an unanswered call claimed is known; a record's other boxes are ticked by others too
        is_lost = bool(row.previous_token and reading.connector.reads)
    if not is_lost:
        return frozenset()
    rows = reading.mapper.rows
    return frozenset(each.target for each in rows if each.target not in fields and _is_telling(reading, each))


def _is_telling(reading: Reading, row: MapperRow) -> bool:
    """Where a record is a person's, other rows hold words and facts of which nobody knows what denies."""
    return row.plain or reading.connector.addresses == By.ADDRESS


def held_to(held: Mapping[str, Held], shared: Mapping[str, Held]) -> str:
    """The same for storing, without what was only borrowed from people who share an address."""
    own = {
        key: {part: getattr(each, part) for part in Held.__slots__}
        for key, each in held.items()
        if shared.get(key) != each
    }
    return json.dumps(own, separators=(",", ":"))


def _told(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the vendor would notice: values and identifiers, not since when or why."""

    def values(all_fields: Mapping[str, Field]) -> dict[str, Any]:
        return {target: [field.value, field.denies] for target, field in all_fields.items()}

    return {
        "address": content["address"],
        "identifiers": [
            (each.kind, each.namespace, each.value, each.current) for each in content["identifiers"]
        ],
        "fields": values(content["fields"]),
        "fields_at": {address: values(each) for address, each in content["fields_at"].items()},
        "snapshot": content["snapshot"],
    }
