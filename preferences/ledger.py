"""Writing the ledger: one hash chain per subject, sealed as DESIGN section 7 fixes it.

Hand-written SQL, because this is the hottest path there is: one SELECT, one INSERT, one UPDATE, one INSERT.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from django.db import connection
from django.utils import timezone

from preferences import keys
from preferences.clock import micros
from preferences.models import Change, DataKey
from preferences.sql import for_update, time_in, uuid_in, uuid_out
from preferences.terms import SubjectKind

SALT_BYTES = 16
NO_EVIDENCE = hashlib.sha256(b"").digest()
TABLE_OF = {SubjectKind.PROFILE: "preferences_profile", SubjectKind.IDENTIFIER: "preferences_identifier"}
PROJECTION_OF = {SubjectKind.PROFILE: "choices", SubjectKind.IDENTIFIER: "restrictions"}


@dataclass(slots=True)
class Subject:
    """A locked row: the end of its chain, and the projection that goes with it."""

    kind: SubjectKind
    id: UUID
    seq: int
    head: bytes
    projection: dict[str, list[int]]
    evidence_key: keys.Wrapped | None
    catalogue_version: int
    pauses: dict[str, list[int]] = field(default_factory=dict)
    erased: bool = False
    columns: dict[str, Any] = field(default_factory=dict)  # further columns that the change sets

    @property
    def name(self) -> str:
        return f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from, and when it occurred and was recorded."""

    source_id: int
    source_slug: str
    occurred_at: datetime
    recorded_at: datetime
    notice_id: int | None = None
    evidence: Mapping[str, Any] | None = field(default=None, repr=False)


def lock(kind: SubjectKind, ids: Sequence[UUID], *, standing: bool = False) -> list[Subject]:
    """Lock subjects in key order (identifiers before profiles: that is the lock order everywhere).

    `standing`: only people who are not part of another. Whoever is, is locked after whom they are part of.
    """
    table, projection = TABLE_OF[kind], PROJECTION_OF[kind]
    is_person = kind == SubjectKind.PROFILE
    pauses = "s.pauses" if is_person else "'{}'"
    unmerged = " AND s.merged_into_id IS NULL" if standing else ""
    query = (
        f"SELECT s.id, s.seq, s.head, s.{projection}, k.key_id, k.nonce, k.wrapped, {pauses},"  # noqa: S608
        " s.erased_at IS NOT NULL,"
        " (SELECT max(id) FROM preferences_revision WHERE kind = 'category')"
        f" FROM {table} s LEFT JOIN preferences_datakey k ON k.owner = s.id AND k.use = 'evidence'"
        f" WHERE s.id IN ({', '.join(['%s'] * len(ids))}){unmerged} ORDER BY s.id{for_update('s')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [uuid_in(each) for each in ids])
        return [_subject(kind, *row) for row in cursor.fetchall()]


def _subject(kind: SubjectKind, pk: Any, seq: int, head: bytes, projection: str, *rest: Any) -> Subject:
    key_id, nonce, wrapped, pauses, erased, version = rest
    key = keys.Wrapped(key_id, bytes(nonce), bytes(wrapped)) if key_id else None
    return Subject(
        kind,
        uuid_out(pk),
        seq,
        bytes(head),
        json.loads(projection),
        key,
        version or 0,
        json.loads(pauses),
        bool(erased),
    )


def seal(
    previous: bytes,
    *,
    subject: str,
    seq: int,
    source: str,
    occurred_at: datetime,
    recorded_at: datetime,
    entries: Sequence[Mapping[str, Any]],
    commitment: bytes,
) -> bytes:
    """The hash of one change: SHA-256(0x01 ‖ previous hash ‖ RFC 8785 JSON)."""
    content: dict[str, Any] = {
        "subject": subject,
        "seq": seq,
        "source": source,
        "occurred_at": micros(occurred_at),
        "recorded_at": micros(recorded_at),
        "entries": entries,
        "evidence": commitment.hex(),
    }
    return hashlib.sha256(b"\x01" + previous + rfc8785.dumps(content)).digest()


def append(subject: Subject, entries: Sequence[Mapping[str, Any]], origin: Origin) -> int:
    """Add one change to a locked subject's chain and return its id. `finish` writes the subject itself."""
    subject.seq += 1
    evidence, commitment = _evidence(subject, origin.evidence)
    subject.head = seal(
        subject.head,
        subject=subject.name,
        seq=subject.seq,
        source=origin.source_slug,
        occurred_at=origin.occurred_at,
        recorded_at=origin.recorded_at,
        entries=entries,
        commitment=commitment,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO preferences_change (subject_kind, subject_id, seq, source_id, occurred_at,"
            " recorded_at, entries, notice_id, evidence, commitment, hash)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            [
                subject.kind.value,
                uuid_in(subject.id),
                subject.seq,
                origin.source_id,
                time_in(origin.occurred_at),
                time_in(origin.recorded_at),
                json.dumps(entries, separators=(",", ":")),
                origin.notice_id,
                evidence,
                commitment,
                subject.head,
            ],
        )
        return int(cursor.fetchone()[0])


def _evidence(subject: Subject, evidence: Mapping[str, Any] | None) -> tuple[bytes | None, bytes]:
    if not evidence:
        return None, NO_EVIDENCE
    plaintext = os.urandom(SALT_BYTES) + json.dumps(evidence, sort_keys=True).encode()
    subject.evidence_key = subject.evidence_key or _evidence_key(subject.id)
    data_key = keys.unwrap(subject.evidence_key, subject.id.bytes)
    return keys.encrypt(data_key, plaintext, subject.id.bytes), hashlib.sha256(plaintext).digest()


def _evidence_key(owner: UUID) -> keys.Wrapped:
    """A new one, unless there is one: `lock` may have read before whoever held the lock last made it."""
    made = keys.wrap(keys.new_data_key(), owner.bytes)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO preferences_datakey (owner, use, key_id, nonce, wrapped, created_at, legal_hold)"
            " VALUES (%s, %s, %s, %s, %s, %s, '') ON CONFLICT (owner, use) DO NOTHING",
            [
                uuid_in(owner),
                DataKey.EVIDENCE,
                made.key_id,
                made.nonce,
                made.ciphertext,
                time_in(timezone.now()),
            ],
        )
        if cursor.rowcount:
            return made
    return wrapped(DataKey.objects.get(owner=owner, use=DataKey.EVIDENCE))


def finish(subject: Subject) -> None:
    """Write projection and end of the chain to the subject's own row (else a cut tail would verify)."""
    columns = {
        "seq": subject.seq,
        "head": subject.head,
        PROJECTION_OF[subject.kind]: json.dumps(subject.projection, separators=(",", ":"), sort_keys=True),
        **subject.columns,
    }
    assignments = ", ".join(f'"{column}" = %s' for column in columns)  # `order` is a word of SQL
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE_OF[subject.kind]} SET {assignments} WHERE id = %s",  # noqa: S608
            [*columns.values(), uuid_in(subject.id)],
        )


def hand_over(
    subjects: Sequence[tuple[SubjectKind, str]],
    recorded_at: datetime,
    *,
    denies: bool,
    change: int | None = None,
) -> None:
    """Write the outbox rows of a change, in the change's own transaction."""
    rows = [(kind.value, str(subject), denies, change, time_in(recorded_at)) for kind, subject in subjects]
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO preferences_outbox (subject_kind, subject, denies, change, created_at)"  # noqa: S608
            f" VALUES {values}",
            [value for row in rows for value in row],
        )


def wrapped(row: DataKey) -> keys.Wrapped:
    """A data key as it is kept."""
    return keys.Wrapped(row.key_id, bytes(row.nonce), bytes(row.wrapped))


def read_evidence(change_evidence: bytes | None, subject_id: UUID, key: keys.Wrapped | None) -> Any:
    """The evidence of a change; None where there is none, or where its key was destroyed."""
    if change_evidence is None or key is None:
        return None
    plaintext = keys.decrypt(keys.unwrap(key, subject_id.bytes), bytes(change_evidence), subject_id.bytes)
    return json.loads(plaintext[SALT_BYTES:])


def evidence_of(change: Change) -> dict[str, Any]:
    """The evidence of one change: one query. Empty where there is none, or where its key was destroyed."""
    row = DataKey.objects.filter(owner=change.subject_id, use=DataKey.EVIDENCE).first()
    sealed = None if change.evidence is None else bytes(change.evidence)
    return read_evidence(sealed, change.subject_id, wrapped(row) if row else None) or {}
