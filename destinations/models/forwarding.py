"""What became of each event at each system, and by which rules."""

from django.db import models
from django.utils import timezone

from destinations.models.destination import Destination
from destinations.models.event import Event
from destinations.terms import ForwardingState


class Forwarding(models.Model):
    """One event at one system: whether it went, and why, as it was judged when its turn came.

    In the order of their ids the events of one `subject` (a person's key; else the identifier's, else the
    event's own) go one after the other. `due_at`: nothing to do when null; a lease sets it to its own end, so
    that a dead worker's row falls due by itself. `left_at`: when it may first have reached the system. The
    verdict's columns say what was asked: policy, allow list, facts about the person, what the system was;
    with `hits` it can be made again (`destinations.forwarding.explaining`). `earlier`: verdicts by which it
    may have left before it was judged otherwise.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="forwardings", db_index=False)
    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, db_index=False, verbose_name="system"
    )
    subject = models.UUIDField(editable=False)
    state = models.CharField(max_length=8, choices=ForwardingState, default=ForwardingState.WAITING)
    reason = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    job = models.CharField(max_length=200, blank=True)
    routed_at = models.DateTimeField("came", default=timezone.now)
    left_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField("over since", null=True)
    outcome = models.CharField(max_length=8, blank=True)
    because = models.CharField(max_length=12, blank=True)
    policy = models.PositiveIntegerField(null=True)
    allowed = models.PositiveIntegerField("revision of the allow list", null=True)
    rules = models.JSONField(default=list)
    hits = models.TextField(blank=True)
    facts = models.ForeignKey("governance.FactsKept", on_delete=models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=20, blank=True)
    has_agreement = models.BooleanField(default=False)
    redacted = models.JSONField(default=dict)
    judged_at = models.DateTimeField(null=True)
    earlier = models.JSONField(default=list)

    class Meta:
        verbose_name = "event at a system"
        verbose_name_plural = "where events went"
        constraints = [
            models.UniqueConstraint(fields=["event", "destination"], name="forwarding_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=ForwardingState.values), name="forwarding_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["destination", "due_at"],
                name="forwarding_due",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["destination", "subject", "id"],
                name="forwarding_in_turn",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["destination", "lease_until"],
                name="forwarding_leased",
                condition=models.Q(lease_token__isnull=False),
            ),
            models.Index(fields=["destination", "-id"], name="forwarding_newest"),
            models.Index(
                fields=["settled_at"],
                name="forwarding_settled",
                condition=models.Q(settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.name} to {self.destination}"
