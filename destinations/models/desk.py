"""What waits for people: acts that reach many, and what only somebody can do in a system."""

from django.db import models
from django.utils import timezone

from destinations.models.destination import Destination
from destinations.models.propagation import Propagation
from destinations.terms import Act


class Approval(models.Model):
    """An act that reaches many at one system: asked for by one member of staff, agreed to by another.

    `group` says which rows, where not everyone's (`stuck:rejected_data`). The reach is as it was when asked.
    """

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT)
    act = models.CharField(max_length=12, choices=Act)
    group = models.CharField(max_length=40, blank=True)
    people = models.PositiveIntegerField(help_text="Whom the system is about.")
    differ = models.PositiveIntegerField(help_text="For how many the act would change something.")
    exact = models.BooleanField(default=True)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(default=timezone.now)
    settled_by = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "act that reaches many"
        verbose_name_plural = "acts that reach many"
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "act", "group"],
                name="approval_asked_once",
                condition=models.Q(settled_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=~models.Q(agreed=True) | ~models.Q(settled_by=models.F("asked_by")),
                name="approval_takes_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.destination}"


class ManualTask(models.Model):
    """What somebody shall do by hand in a system, because Heed cannot; doing it acknowledges `counter`.

    `counter` is what was wanted when it was handed over. `asked_of`: an account, or an owner's address.
    `remind_at`: when an owner is to be mailed that it waits.
    """

    propagation = models.ForeignKey(Propagation, on_delete=models.PROTECT, related_name="tasks")
    counter = models.PositiveIntegerField()
    asked_of = models.CharField(max_length=254)
    words = models.CharField(max_length=1000)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    done_by = models.CharField(max_length=150, blank=True)
    done_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    remind_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "manual task"
        constraints = [
            models.UniqueConstraint(
                fields=["propagation"], name="manual_task_open_once", condition=models.Q(done_at__isnull=True)
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="manual_task_open", condition=models.Q(done_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"For {self.asked_of}: {self.propagation}"
