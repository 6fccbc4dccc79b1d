"""What partners tracked about people, on its way to the systems that may have it."""

from django.db import models

from destinations.terms import EventKind


class Event(models.Model):
    """One event that was taken in, as the allow list of that moment (`number`) let it through.

    The id is drawn from the source and its messageId, so a repeat is the same row, and vendors that drop
    repeats are given it. `person` and `browser` are the identifiers by which somebody was known when it came;
    whoever sends it on looks again. `body` is sealed (`destinations.tracked`), and destroyed after some days
    (HEED_EVENT_DAYS). `received_at` also orders: those of one batch are a microsecond apart.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.ForeignKey("preferences.Source", on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=8, choices=EventKind)
    name = models.CharField(max_length=100)
    number = models.PositiveIntegerField("revision of the allow list")
    received_at = models.DateTimeField()
    occurred_at = models.DateTimeField()
    content_hash = models.BinaryField(max_length=32)
    body = models.BinaryField(null=True, editable=False)
    person = models.ForeignKey(
        "preferences.Identifier", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    browser = models.ForeignKey(
        "preferences.Identifier", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    routed = models.BooleanField(default=False)
    conflicts = models.PositiveIntegerField(
        default=0, help_text="How often the same messageId came again with other content."
    )

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="event_of", condition=models.Q(person__isnull=False)),
            models.Index(fields=["browser"], name="event_in", condition=models.Q(browser__isnull=False)),
            models.Index(fields=["received_at"], name="event_to_route", condition=models.Q(routed=False)),
            models.Index(
                fields=["received_at"], name="event_with_body", condition=models.Q(body__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {str(self.id)[:8]}"
