"""One subject's chain in the ledger, read from its first entry to its last."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from preferences import keys
from preferences.clock import micros
from preferences.ledger import NO_EVIDENCE, seal
from preferences.models import Change, DataKey
from preferences.ties import Entered

CHUNK = 500
COLUMNS = (
    "subject_id",
    "seq",
    "id",
    "source_id",
    "source__slug",
    "occurred_at",
    "recorded_at",
    "entries",
    "notice_id",
    "evidence",
    "commitment",
    "hash",
)
Link = tuple[Any, ...]  # those columns of one change


@dataclass(slots=True)
class Chain:
    """What was read: how long it is, how it ends, what it says, and what is wrong with it."""

    kind: str
    subject: UUID
    evidence_key: keys.Wrapped | None = None
    seq: int = 0
    head: bytes = bytes(32)
    entered: list[Entered] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def read(self, links: Iterable[Link]) -> None:
        """Follow the chain; after a break it goes on from what is written there: each is told once."""
        data_key = self._data_key()
        for _, seq, change, source, *rest, notice, evidence, commitment, written in links:
            if seq != self.seq + 1:
                self.problems.append(f"entries {self.seq + 1} to {seq - 1} are missing")
            entries = self._entries(rest[-1], seq)
            if not self._follows(seq, rest[:-1], entries, bytes(commitment), bytes(written)):
                self.problems.append(f"entry {seq} was altered, or does not follow the one before")
            elif {entry.get("notice") for entry in entries} - {notice}:
                self.problems.append(f"entry {seq} points to another wording than the one that was shown")
            else:
                self.entered.append(Entered(change, source, micros(rest[2]), entries))
            if not _evident(evidence, bytes(commitment), data_key, self.subject):
                self.problems.append(f"the evidence of entry {seq} was altered or taken away")
            self.seq, self.head = seq, bytes(written)

    def _entries(self, text: str, seq: int) -> list[dict[str, Any]]:
        try:
            return [dict(entry) for entry in json.loads(text)]
        except (TypeError, ValueError):
            self.problems.append(f"entry {seq} can't be read")
            return []

    def _follows(
        self, seq: int, origin: list[Any], entries: list[dict[str, Any]], commitment: bytes, written: bytes
    ) -> bool:
        source, occurred_at, recorded_at = origin
        return written == seal(
            self.head,
            subject=f"{self.kind}:{self.subject}",
            seq=seq,
            source=source,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            entries=entries,
            commitment=commitment,
        )

    def _data_key(self) -> bytes | None:
        """None where it was destroyed, with the evidence, when somebody was forgotten (R19)."""
        if self.evidence_key is None:
            return None
        try:
            return keys.unwrap(self.evidence_key, self.subject.bytes)
        except (InvalidTag, KeyError):
            self.problems.append("its evidence is locked under a key that HEED_KEYS does not list")
            return None


def _evident(evidence: Any, commitment: bytes, data_key: bytes | None, subject: UUID) -> bool:
    """Is the evidence what was committed to? Where its key is gone nobody can tell, and nobody should."""
    if evidence is None:
        return commitment == NO_EVIDENCE
    if data_key is None:
        return True
    try:
        plaintext = keys.decrypt(data_key, bytes(evidence), subject.bytes)
    except InvalidTag:
        return False
    return hashlib.sha256(plaintext).digest() == commitment


def read_chains(kind: str, ids: Iterable[UUID]) -> dict[UUID, Chain]:
    """The chains of some subjects, one entry in memory at a time: two queries."""
    wanted = list(ids)
    locked = _evidence_keys(wanted)
    changes = Change.objects.filter(subject_kind=kind, subject_id__in=wanted).order_by("subject_id", "seq")
    read = {}
    for pk, links in groupby(changes.values_list(*COLUMNS).iterator(chunk_size=CHUNK), key=itemgetter(0)):
        read[pk] = Chain(kind, pk, locked.get(pk))
        read[pk].read(links)
    return read


def _evidence_keys(owners: list[UUID]) -> dict[UUID, keys.Wrapped]:
    rows = DataKey.objects.filter(owner__in=owners, use=DataKey.EVIDENCE)
    return {
        owner: keys.Wrapped(key_id, bytes(nonce), bytes(wrapped))
        for owner, key_id, nonce, wrapped in rows.values_list("owner", "key_id", "nonce", "wrapped")
    }
