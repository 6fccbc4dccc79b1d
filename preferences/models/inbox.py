"""What came in: messages seen, requests answered, matters for staff, and who looked at whom."""

from django.db import models
from django.utils import timezone

from preferences.models.configuration import ApiKey, Source
from preferences.models.people import Identifier, Profile


class Message(models.Model):
    """A partner's message that has been counted: it counts once per source, for ever (R5)."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    message_hash = models.BinaryField(max_length=32)
    content_hash = models.BinaryField(max_length=32)
    answer = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_hash"], name="message_once")]

    def __str__(self) -> str:
        return f"Message {self.pk} from {self.source_id}"


class IdempotentRequest(models.Model):
    """An Idempotency-Key in use: the same body gets the same answer for 24 hours (R5)."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, db_index=False)
    name_hash = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "name_hash"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"Request {self.pk}"


class Review(models.Model):
    """Something that only a person can settle: put before staff, never dropped."""

    class Kind(models.TextChoices):
        POSSIBLE_DUPLICATE = "possible_duplicate", "Two records may be one person"
        CONFLICTING_REPEAT = "conflicting_repeat", "A message came twice with different content"
        OPT_IN_NOT_COUNTED = "opt_in_not_counted", "An opt-in that does not count"
        OPT_OUT_UNPLACED = "opt_out_unplaced", "An opt-out that could not be placed"
        TWO_ORDERS = "two_orders", "Whose order stands"

    kind = models.CharField(max_length=24, choices=Kind)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, null=True, related_name="reviews")
    other = models.ForeignKey(Profile, on_delete=models.PROTECT, null=True, related_name="+")
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "matter for staff"
        verbose_name_plural = "matters for staff"
        indexes = [
            models.Index(
                fields=["created_at"], name="review_open", condition=models.Q(settled_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ViewLog(models.Model):
    """Somebody searched for, listed or looked at a person (45 CFR 164.312(b)). Rows are only ever added."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=150)
    page = models.CharField(max_length=100)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, null=True, related_name="+")
    found = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = "view of a person"
        verbose_name_plural = "views of people"
        indexes = [models.Index(fields=["profile", "at"], name="view_of_profile")]

    def __str__(self) -> str:
        return f"{self.actor} saw {self.page}"
