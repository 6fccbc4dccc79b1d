"""Connections to outside systems, and the background work's signs of life."""

from django.db import models
from django.utils import timezone

from destinations.terms import DestinationState, Label, Purpose
from preferences.languages import ENGLISH


class Account(models.Model):
    """Whose calls are counted together: systems at one address with the same credentials.

    A bucket (`destinations.rates`): `tokens` at `at`, `calls` in `seconds` flow in.
    """

    key = models.CharField(max_length=64, unique=True)
    calls = models.PositiveIntegerField()
    seconds = models.PositiveIntegerField()
    tokens = models.FloatField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.calls} calls in {self.seconds} s"


class Destination(models.Model):
    """One connection to an outside system. Its credentials are encrypted and never shown again."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    public_label = models.CharField(max_length=100, help_text="What patients read: “our email service”.")
    public_labels = models.JSONField(
        "public label in other languages",
        default=dict,
        blank=True,
        help_text="By language; who reads one that is not there sees the English label.",
    )
    connector = models.CharField(max_length=50)
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.OTHER)
    state = models.CharField(max_length=10, choices=DestinationState, default=DestinationState.PAUSED)
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.BinaryField(default=bytes, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Calls that failed in a row.")
    failing_since = models.DateTimeField(null=True, editable=False)
    failing_reason = models.CharField(max_length=20, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False, help_text="It is left alone until then.")
    facts_after = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Only opt-outs are told until then: its rate limit is nearly used.",
    )
    event_failures = models.PositiveIntegerField(default=0, editable=False)
    events_after = models.DateTimeField(
        null=True, editable=False, help_text="No event is sent until then; preferences are told."
    )
    trial = models.UUIDField(
        null=True,
        editable=False,
        help_text="Which row tries for all that are stuck on its sign-in or settings (destinations.trials).",
    )
    trials = models.PositiveIntegerField(default=0, editable=False, help_text="Trials refused in a row.")
    in_flight_max = models.PositiveSmallIntegerField(null=True, blank=True)
    rate = models.CharField(
        "rate limit",
        max_length=30,
        blank=True,
        help_text="“5/second”, “600/minute”, “100000/day”. Empty: as fast as this kind of system allows.",
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, editable=False)
    reads_back = models.BooleanField(
        "read back after writing",
        default=True,
        help_text="One call more for each batch; what was read back counts as verified.",
    )
    again = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="How often everyone was to be told again, whatever was confirmed.",
    )
    moved_at = models.DateTimeField(
        null=True, editable=False, help_text="What was learnt of targets before then was learnt elsewhere."
    )
    agreement = models.CharField(
        "agreement (BAA)",
        max_length=200,
        blank=True,
        help_text="The business associate agreement on record. Without one no health information goes there.",
    )
    told_confidential = models.BooleanField(
        "is told confidential addresses",
        default=False,
        help_text="Addresses that only a person's confidential-communications order names "
        "(45 CFR 164.522(b)) reach no other system.",
    )
    confidential_since = models.DateTimeField(
        null=True, editable=False, help_text="When it was last marked for confidential addresses."
    )
    source = models.OneToOneField(
        "preferences.Source",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="The source under which this system's own changes come in.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "system"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=DestinationState.values), name="destination_state_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def label_in(self, language: str) -> Label:
        """What patients call it in a language, else in English."""
        own = self.public_labels.get(language, "")
        return Label(own, language) if own else Label(self.public_label, ENGLISH)


class WakeUp(models.Model):
    """One row: has somebody been asked to propagate? A burst of changes needs one task, not one each."""

    name = models.CharField(primary_key=True, max_length=20)
    pending = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a kind of background work last showed that it runs."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
