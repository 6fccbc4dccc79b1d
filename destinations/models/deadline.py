"""By when an opt-out must be heeded: the rules, a clock per opt-out and system, and alarms."""

from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from destinations.models.destination import Destination
from destinations.models.propagation import Propagation
from destinations.terms import AlarmKind, Mail, Unit
from preferences.terms import CategoryKind


class DeadlineRule(models.Model):
    """One rule of law (or of the house) that dates opt-outs, from a day on, until (excluded) another.

    Never altered, but ended once; its successor is the next `version` under the same slug, so a clock that
    names a row says exactly what it was measured by. An empty condition is none. `fallback`: only where no
    other rule applies.
    """

    slug = models.SlugField("short name", max_length=50)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    name = models.CharField(max_length=100)
    categories = models.JSONField(default=list, blank=True)
    kind = models.CharField("about", max_length=20, choices=CategoryKind, blank=True)
    marketing = models.BooleanField("marketing", null=True, blank=True)
    channels = models.JSONField(default=list, blank=True)
    restrictions = models.JSONField(default=list, blank=True)
    came_in = models.JSONField(default=list, blank=True)
    jurisdictions = models.JSONField(default=list, blank=True)
    fallback = models.BooleanField("only where no other rule applies", default=False)
    amount = models.PositiveSmallIntegerField("time")
    unit = models.CharField("counted in", max_length=15, choices=Unit)
    starts = models.DateField("in force from")
    ends = models.DateField("in force until", null=True, blank=True)
    source = models.CharField(max_length=200)
    link = models.CharField(max_length=200, blank=True, validators=[URLValidator(["https"])])
    note = models.CharField(max_length=500, blank=True)
    added_by = models.CharField(max_length=150, editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = "deadline rule"
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="deadline_rule_version_once"),
            models.CheckConstraint(condition=~models.Q(source=""), name="deadline_rule_has_a_source"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, unit__in=Unit.values), name="deadline_rule_measures"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(ends__gte=models.F("starts")),
                name="deadline_rule_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def time(self) -> str:
        """`10 business days`, `1 hour`."""
        unit = Unit(self.unit).label
        return f"{self.amount} {unit[:-1] if self.amount == 1 else unit}"


class Clock(models.Model):
    """By when one system must have been told of one opt-out (a change in the ledger).

    It stops once the propagation has acknowledged `wanted`, its counter when the change was marked; `met_at`
    is written by the sweep. `near_at`: from when on staff are warned. `late_from_start`: the time was over
    before Heed heard of it, or before the system was connected, which no alarm can help.
    """

    propagation = models.ForeignKey(
        Propagation, on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    change = models.ForeignKey("preferences.Change", on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(DeadlineRule, on_delete=models.PROTECT, db_index=False)
    wanted = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    near_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    late_from_start = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["propagation", "change"], name="clock_once")]
        indexes = [
            models.Index(fields=["due_at"], name="clock_runs", condition=models.Q(met_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"due {self.due_at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """An episode: from when the first deadline at a system was near (or missed) until none is any more."""

    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, related_name="alarms", verbose_name="system"
    )
    kind = models.CharField(max_length=6, choices=AlarmKind)
    opened_at = models.DateTimeField("since")
    closed_at = models.DateTimeField(null=True)
    count = models.PositiveIntegerField("opt-outs", help_text="Opt-outs when last counted.")
    oldest_due_at = models.DateTimeField("the first was due")
    mail = models.CharField(max_length=7, choices=Mail, default=Mail.NONE, blank=True)
    mail_at = models.DateTimeField("mailed", null=True)
    mail_tries = models.PositiveSmallIntegerField("tries to mail", default=0)
    mail_detail = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "kind"],
                condition=models.Q(closed_at__isnull=True),
                name="alarm_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.destination}"
