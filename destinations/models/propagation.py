"""What each system must hold, and every time it was told."""

import uuid

from django.db import models
from django.utils import timezone

from destinations.models.destination import Destination
from destinations.terms import DestinationState, PropagationState


class Propagation(models.Model):
    """What one destination must hold about one identifier.

    `wanted` counts what may have altered it, `acknowledged` what the destination has confirmed of that. A
    lease (`lease_token`, `lease_until`, `leased` = wanted then) says who is calling now. `due_at`: nothing to
    do when null; a lease sets it to its own end, so that a dead worker's row falls due by itself. `digest` is
    of the last confirmed payload; `unknown_at`: when an attempt ended that may still land there, so that one
    confirming repeat must follow.
    `denied_at`: since when an unconfirmed opt-out waits; `deadline_at`: by when it must be told. Such rows go
    first, the nearest deadline before the others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, db_index=False)
    identifier = models.ForeignKey("preferences.Identifier", on_delete=models.PROTECT)
    wanted = models.PositiveIntegerField(default=1)
    acknowledged = models.PositiveIntegerField(default=0)
    leased = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    denied_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=PropagationState, default=PropagationState.PENDING)
    reason = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)
    digest = models.BinaryField(max_length=32, null=True)
    unknown_at = models.DateTimeField(null=True)
    job = models.CharField(max_length=200, blank=True)
    targets = models.TextField(default="{}")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identifier", "destination"], name="propagation_once"),
            models.CheckConstraint(
                condition=models.Q(acknowledged__lte=models.F("wanted")), name="acknowledged_was_wanted"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=PropagationState.values), name="propagation_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["destination", "due_at"],
                name="propagation_due",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["destination", "deadline_at"],
                name="propagation_deadline",
                condition=models.Q(deadline_at__isnull=False),
            ),
            models.Index(
                fields=["destination", "lease_until"],
                name="propagation_leased",
                condition=models.Q(lease_token__isnull=False),
            ),
            models.Index(
                fields=["destination", "reason"], name="propagation_stuck", condition=models.Q(state="stuck")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destination_id}: {self.get_state_display()}"

    @property
    def standing(self) -> PropagationState:
        """Where it stands for whoever asks: nothing is under way at a system that is paused."""
        waits = self.acknowledged < self.wanted
        if waits and self.destination.state == DestinationState.PAUSED:
            return PropagationState.PAUSED
        return PropagationState(self.state)


class Attempt(models.Model):
    """One telling of one destination about one identifier, and its answer. Rows are only ever added."""

    propagation = models.ForeignKey(Propagation, on_delete=models.PROTECT, related_name="attempts")
    token = models.UUIDField()
    leased = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=12, choices=PropagationState)
    reason = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    call = models.CharField(
        max_length=200, blank=True, help_text="The last call: its method and path pattern."
    )
    calls = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    excerpt = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="attempt_started")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} at {self.started_at:%Y-%m-%d %H:%M:%S}"


class Disclosure(models.Model):
    """A system knows this confidential address, though it is told such addresses no longer.

    It goes on hearing what is refused there, and nothing else (45 CFR 164.522(b)).
    """

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT)
    identifier = models.ForeignKey("preferences.Identifier", on_delete=models.PROTECT)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identifier", "destination"], name="disclosure_once")]

    def __str__(self) -> str:
        return f"{self.destination_id} knows it: noted {self.noted_at:%Y-%m-%d}"
