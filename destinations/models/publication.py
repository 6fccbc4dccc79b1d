"""Lists that left as a whole."""

from django.db import models

from destinations.models.destination import Destination


class Publication(models.Model):
    """How many lines a list had when it last left: too many gone since, and nobody is taken off."""

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    rows = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destination", "name"], name="publication_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.rows:,} lines"
