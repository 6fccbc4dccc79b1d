"""What the lists say: who is out, per category and channel."""

from django.db import models

from preferences.models.people import Identifier
from preferences.terms import Channel, Reason, Whose


class Standing(models.Model):
    """Whether somebody's denial stands for one identifier, in one category, on one channel.

    There is a row only where a denial stood at some time; it stays after the denial ended, so that whoever
    asks for what has changed is told. Derived from the ledger: `refresh_standing` writes it whenever systems
    are marked. `version` is the row's place in the lists: larger than that of all rows committed before.
    """

    pk = models.CompositePrimaryKey("subject", "category", "channel")
    subject = models.ForeignKey(Identifier, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=100)
    channel = models.CharField(max_length=8, choices=Channel, blank=True)  # none for a use of data
    denied = models.BooleanField()
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    whose = models.CharField(max_length=6, choices=Whose, blank=True)  # none once it has ended
    since = models.BigIntegerField()  # µs since 1970, UTC; 0 where it is not known, or has ended
    version = models.BigIntegerField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["category", "channel", "version"], name="standing_in_a_list")]

    def __str__(self) -> str:
        return f"{self.category} {self.channel}: {'out' if self.denied else 'no longer out'}"


class ListEnd(models.Model):
    """The largest version given to a row of the lists: one row, locked by whoever writes to them."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_end_of_the_lists")]

    def __str__(self) -> str:
        return f"The lists up to {self.version}"
