"""People, how they are recognised and reached, and the keys that lock it."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from preferences.terms import IdentifierKind, Relation, Verified


class Profile(models.Model):
    """One person: patient, prospect or visitor.

    `seq` and `head` are the length and last hash of the person's chain in the ledger. `choices` is a
    projection of it (see `preferences.projection`), `order` one of the confidential-communications order.
    `also_in`: where else records that were merged into this one say that the person lives.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    is_anonymous = models.BooleanField(default=False)
    jurisdiction = models.CharField(max_length=6, blank=True)
    language = models.CharField(max_length=16, blank=True)
    time_zone = models.CharField(max_length=50, blank=True)
    also_in = models.JSONField(default=list)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    link_epoch = models.PositiveIntegerField(default=0)
    seq = models.PositiveIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=bytes(32))
    choices = models.TextField(default="{}")
    pauses = models.JSONField(default=dict)
    order = models.JSONField(null=True)
    deceased_at = models.DateTimeField(null=True)
    next_change_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        permissions = (
            ("void_change", "Can void and move what was recorded in error"),
            ("merge_profile", "Can merge people, and part them again"),
            ("set_order", "Can set and end confidential-communications orders"),
            ("set_deceased", "Can report a death, and correct a report"),
            ("lift_restriction", "Can lift restrictions of addresses"),
        )
        indexes = [
            models.Index(
                fields=["next_change_at"],
                name="profile_changes_next",
                condition=models.Q(next_change_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"Person {str(self.id)[:8]}"


class Identifier(models.Model):
    """One distinct value by which people are recognised or reached. It may be held by nobody.

    The identifier of kind `heed` has the UUID of its profile as its own key. `restrictions` is a projection
    of the identifier's own chain in the ledger; `deliverability` is what vendors report and no choice
    (`preferences.deliverability`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=IdentifierKind)
    namespace = models.CharField(max_length=50, blank=True)
    fingerprint = models.BinaryField(max_length=32)
    generation = models.PositiveSmallIntegerField()
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    seq = models.PositiveIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=bytes(32))
    restrictions = models.TextField(default="{}")
    deliverability = models.JSONField(null=True)
    next_change_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "kind", "namespace"], name="identifier_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=IdentifierKind.values), name="identifier_kind_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_change_at"],
                name="identifier_changes_next",
                condition=models.Q(next_change_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.id)[:8]}"


class DataKey(models.Model):
    """A random key, locked under a master key: without it what it locked is gone for good (R19)."""

    VALUE, EVIDENCE = "value", "evidence"

    owner = models.UUIDField()
    use = models.CharField(max_length=8, choices=[(VALUE, "identifier"), (EVIDENCE, "evidence")])
    key_id = models.CharField(max_length=50)
    nonce = models.BinaryField(max_length=12)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    keep_until = models.DateTimeField(null=True)
    legal_hold = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "use"], name="data_key_once")]

    def __str__(self) -> str:
        return f"{self.use} key of {str(self.owner)[:8]}"


class Counted(models.Manager[Any]):
    """Holdings that were not voided."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(void=False)


class Holding(models.Model):
    """A source says that a person holds an identifier. The address is *former* once no source says so.

    `confidential`: an order names it (45 CFR 164.522(b)), for as long as that stands; what nothing else has
    ever named is for systems marked for such addresses only. `void`:
    recorded in error, so it counts only in answers as known before (R15): see `Holding.ever`. `disowned`: the
    person said that it is no longer theirs, so no list that still has it brings it back.
    """

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="holdings")
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, related_name="holdings")
    source = models.ForeignKey("preferences.Source", on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_how = models.CharField(max_length=8, choices=Verified, blank=True)
    confidential = models.BooleanField(default=False)
    void = models.BooleanField(default=False)
    disowned = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[models.Manager[Any]] = Counted()
    ever: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "profile", "source", "confidential"], name="holding_once_a_source"
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="holding_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} holds {self.identifier}"


class ProxyGrant(models.Model):
    """Somebody may choose for a person, from (included) until (excluded), for these categories (R11).

    A projection of the ledger: entry `change` of the person's chain made it.
    """

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="proxies")
    proxy = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="represents")
    relation = models.CharField(max_length=20, choices=Relation)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    categories = models.JSONField(default=list)
    change = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "proxy", "change"], name="proxy_grant_once"),
            models.CheckConstraint(
                condition=~models.Q(profile=models.F("proxy")), name="nobody_is_their_own_proxy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proxy} for {self.profile}"
