"""The ledger, and the handover of what it may have altered."""

from django.db import models
from django.utils import timezone

from preferences.models.configuration import Revision, Source
from preferences.terms import SubjectKind


class Change(models.Model):
    """One append-only entry about one subject: what, by whom, from which source, with what evidence.

    The database itself refuses UPDATE, DELETE and TRUNCATE (see `preferences.triggers`).
    `hash` = SHA-256(0x01 ‖ previous hash ‖ RFC 8785 JSON of what `preferences.ledger.sealed` lists).
    `evidence` is encrypted under the subject's evidence key, with a random salt in front; `commitment` is
    SHA-256 of that plaintext, so that the chain still verifies when the key is destroyed.
    """

    subject_kind = models.CharField(max_length=12, choices=SubjectKind)
    subject_id = models.UUIDField()
    seq = models.PositiveIntegerField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    entries = models.TextField()
    notice = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, db_index=False)
    evidence = models.BinaryField(null=True)
    commitment = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "ledger"
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "seq", "subject_kind"], name="change_seq_once"),
            models.CheckConstraint(
                condition=models.Q(subject_kind__in=[SubjectKind.PROFILE, SubjectKind.IDENTIFIER]),
                name="change_subject_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["recorded_at"], name="change_recorded")]

    def __str__(self) -> str:
        return f"Change {self.seq} of {self.subject_kind} {str(self.subject_id)[:8]}"


class Outbox(models.Model):
    """Something that may have altered payloads; written with its cause, deleted when every system is marked.

    `cursor` is how far a subject with many people has been expanded. `denies` puts opt-outs first; `change`
    is the ledger entry behind it, where there is one.
    """

    subject_kind = models.CharField(max_length=12, choices=SubjectKind)
    subject = models.CharField(max_length=100)
    denies = models.BooleanField(default=False)
    change = models.BigIntegerField(null=True)
    cursor = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "outbox"

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject[:8]}"
