"""Comparing what a system holds with what Heed says, and what was found."""

from django.db import models
from django.utils import timezone

from destinations.models.destination import Destination
from destinations.terms import Fault, Mended, Side


class Reconciliation(models.Model):
    """One look through a whole system; `after` is where it goes on, should it be broken off.

    First whoever Heed knows (until `compared_at`), then the system's own lists from `listed_after` on.
    """

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="reconciliations")
    asked_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(default=timezone.now)
    after = models.UUIDField(null=True)
    looked_at = models.PositiveIntegerField("looked at", default=0)
    unread = models.PositiveIntegerField("could not be looked at", default=0)
    why = models.CharField(max_length=20, blank=True)
    compared_at = models.DateTimeField(null=True)
    listed = models.PositiveIntegerField("read from its lists", default=0)
    listed_after = models.CharField(max_length=100, blank=True)
    unlisted = models.CharField("why its lists could not be read", max_length=20, blank=True)
    finished_at = models.DateTimeField(null=True)
    # Who asked, while it is being done: row by row, and gone on with should it be broken off.
    adopting_by = models.CharField(max_length=150, blank=True)
    holding_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "comparison", "comparisons"
        constraints = [
            models.UniqueConstraint(
                fields=["destination"],
                name="reconciliation_one_at_a_time",
                condition=models.Q(finished_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.destination}, {self.started_at:%d %B %Y}"


class Discrepancy(models.Model):
    """One target about one identifier that stands otherwise there than here."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="found")
    identifier = models.ForeignKey("preferences.Identifier", on_delete=models.PROTECT, related_name="+")
    target = models.CharField(max_length=120)
    side = models.CharField(max_length=14, choices=Side)
    mended = models.CharField(max_length=8, choices=Mended, blank=True)
    mended_by = models.CharField(max_length=150, blank=True)
    mended_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=10, choices=Fault, blank=True)

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "identifier", "target"], name="discrepancy_once"
            )
        ]
        indexes = [models.Index(fields=["reconciliation", "side", "mended"], name="discrepancy_open")]

    def __str__(self) -> str:
        return f"{self.target}: {self.get_side_display()}"


class UnknownAddress(models.Model):
    """An address that is out at a system, and of which Heed has never heard.

    It is known by its fingerprint, sealed until staff say what becomes of it, and destroyed then.
    """

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="unknown")
    target = models.CharField(max_length=120)
    fingerprint = models.BinaryField(max_length=32)
    sealed = models.BinaryField(null=True)
    mended = models.CharField(max_length=8, choices=Mended, blank=True)
    mended_by = models.CharField(max_length=150, blank=True)
    mended_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=10, choices=Fault, blank=True)

    class Meta:
        verbose_name_plural = "unknown addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "fingerprint", "target"], name="unknown_address_once"
            )
        ]
        indexes = [models.Index(fields=["reconciliation", "mended"], name="unknown_address_open")]

    def __str__(self) -> str:
        return f"{self.target}: an address that only the system knows"
