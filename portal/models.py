"""Codes that let somebody in."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from preferences.terms import IdentifierKind


class Code(models.Model):
    """One code that somebody asked for, whether or not the address is known: both are the same work.

    The code itself is kept nowhere: `nonce` and the key named by `key_id` make it (see `portal.digits`).
    `identifier`: the address, where it is known; `profile`: whose page it is for, where a page is open.
    `address`: the fingerprint of what was entered, to count by. `due_at`: when it has its turn to be sent;
    none where nothing is left to do. `fault`: why it was not sent. `sealed`: the address itself, where it is
    to become that person's; whether anybody has it already is looked up in the background, and told nobody.
    """

    kind = models.CharField(max_length=12, choices=IdentifierKind)
    address = models.BinaryField(max_length=32)
    network = models.CharField(max_length=50)
    identifier = models.ForeignKey(
        "preferences.Identifier", on_delete=models.PROTECT, null=True, related_name="+"
    )
    profile = models.ForeignKey("preferences.Profile", on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField(default=b"", db_default=b"")
    language = models.CharField(max_length=16)
    nonce = models.BinaryField(max_length=16)
    key_id = models.CharField(max_length=50)
    created_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    sends = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=50, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["address", "created_at"], name="code_by_address"),
            models.Index(fields=["network", "created_at"], name="code_by_network"),
            models.Index(fields=["created_at"], name="code_by_age"),
            models.Index(fields=["due_at"], name="code_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Code of {self.created_at:%d %B %Y}"
