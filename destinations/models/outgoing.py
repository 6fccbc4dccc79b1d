"""Messages of Heed's own."""

from django.db import models
from django.utils import timezone

from destinations.models.inbound import Inbound
from destinations.terms import TextPurpose, TextState


class OutgoingText(models.Model):
    """One text message of Heed's own: written down before it is sent, and sent once.

    `body` is sealed, and destroyed as soon as it is plain that the text has left, or never will. `begun_at`:
    since when a call may have sent it, without an answer that says so. `name`: what the vendor calls it.
    `sender`: which of our numbers it leaves from; empty: the connection's. `offered`: the kinds of texts that
    it asks about, in their order.
    """

    connection = models.ForeignKey(Inbound, on_delete=models.PROTECT, related_name="texts")
    identifier = models.ForeignKey("preferences.Identifier", on_delete=models.PROTECT, related_name="+")
    key = models.BinaryField(max_length=32, unique=True)  # keyed: who asks twice for one text gets one
    purpose = models.CharField("what for", max_length=20, choices=TextPurpose)
    body = models.BinaryField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=TextState, default=TextState.WAITING)
    sender = models.CharField(max_length=20, blank=True)
    offered = models.JSONField(default=list)
    fault = models.CharField("why", max_length=200, blank=True)
    name = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField("asked for", default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    until = models.DateTimeField("of no use after")
    begun_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField("settled", null=True)

    class Meta:
        verbose_name = "text that Heed sent"
        verbose_name_plural = "texts that Heed sent"
        indexes = [
            models.Index(fields=["due_at"], name="text_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["name"], name="text_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.created_at:%d %B %Y}"
