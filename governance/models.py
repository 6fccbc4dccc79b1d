"""What may flow, as it is kept."""

from typing import Any, ClassVar

from django.db import models

from preferences.models import Revision
from preferences.models.configuration import InForce
from preferences.terms import RevisionKind


class Allowance(Revision):
    """One event that may come in: the publication in force, read through `governance.allowed`."""

    objects: ClassVar[models.Manager[Any]] = InForce(RevisionKind.EVENT)

    class Meta:
        proxy = True
        verbose_name = "allowed event"

    def __str__(self) -> str:
        return self.key


class Policy(Revision):
    """All rules and stances in force, read through `governance.policy`."""

    objects: ClassVar[models.Manager[Any]] = InForce(RevisionKind.POLICY)

    class Meta:
        proxy = True
        verbose_name_plural = "policy"

    def __str__(self) -> str:
        return f"Policy {self.number}"


class FactsKept(models.Model):
    """What was true of somebody when a verdict was made (`governance.facts`); nothing says of whom.

    People in the same state share a row, named by the digest of its body.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    body = models.JSONField()

    class Meta:
        verbose_name = "facts of verdicts"
        verbose_name_plural = "facts of verdicts"

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:8]


class SeenNotAllowed(models.Model):
    """An event (or, with `property`, something in an allowed one) that came, was counted and was dropped.

    Names only, never a value. The row without any name counts what does not look like a name, and what came
    once there were too many.
    """

    event = models.CharField(max_length=100, blank=True)
    property = models.CharField(max_length=100, blank=True)
    count = models.PositiveBigIntegerField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        verbose_name = "seen but not allowed"
        verbose_name_plural = "seen but not allowed"
        constraints = [models.UniqueConstraint(fields=["event", "property"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.event}: {self.property}" if self.property else self.event or "Others"
