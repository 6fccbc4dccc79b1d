"""Where vendors' own changes come in, and what they said."""

from django.db import models
from django.utils import timezone

from destinations.terms import EventState


class Inbound(models.Model):
    """One address at which a vendor tells us: `POST /inbound/{source}`. Its secrets are never shown again.

    `cursor`: up to where a vendor that must be asked has been read.
    """

    source = models.OneToOneField(
        "preferences.Source", on_delete=models.PROTECT, primary_key=True, related_name="inbound"
    )
    vendor = models.CharField(max_length=50)
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.BinaryField(default=bytes, editable=False)
    cursor = models.CharField(max_length=500, blank=True, editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refused_why = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "incoming connection"

    def __str__(self) -> str:
        return str(self.source)


class InboundEvent(models.Model):
    """One thing that a vendor said: kept, encrypted, before it was answered; counted once.

    `body` is destroyed some days after it was read (HEED_INBOUND_DAYS); what it became stays.
    """

    inbound = models.ForeignKey(Inbound, on_delete=models.PROTECT, db_index=False)
    key = models.BinaryField(max_length=32)  # keyed: an event's id may tell who it is about
    body = models.BinaryField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=EventState, default=EventState.WAITING)
    event = models.CharField("the vendor's word", max_length=100, blank=True)
    became = models.CharField("what it became", max_length=200, blank=True)
    fault = models.CharField("why it could not be counted", max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    read_at = models.DateTimeField(null=True)
    identifiers = models.ManyToManyField("preferences.Identifier", related_name="+")

    class Meta:
        verbose_name = "incoming event"
        constraints = [models.UniqueConstraint(fields=["inbound", "key"], name="inbound_event_once")]
        indexes = [
            models.Index(fields=["due_at"], name="inbound_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["state", "received_at"], name="inbound_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.event or 'event'} of {self.received_at:%d %B %Y}"
