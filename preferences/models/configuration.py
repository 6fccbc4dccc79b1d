"""What staff set up: publications, sources and their keys."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from preferences.terms import RevisionKind, RevisionState, SourceKind


class Revision(models.Model):
    """One numbered publication of something staff configure. Rows are only ever added: triggers see to it."""

    kind = models.CharField(max_length=20, choices=RevisionKind)
    key = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=150)
    approved_by = models.CharField("second person", max_length=150, blank=True)
    reason = models.CharField(max_length=500)
    body = models.JSONField()
    digest = models.BinaryField(max_length=32)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "number"], name="revision_number_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=RevisionKind.values), name="revision_kind_known"
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="revision_number_from_1"),
        ]
        indexes = [models.Index(fields=["kind", "digest"], name="revision_by_digest")]

    def __str__(self) -> str:
        return f"{self.key}, revision {self.number}"


class Draft(models.Model):
    """What somebody prepares for publication: it may change until it is published or discarded.

    `based_on` is the number of the revision that it was made from: published meanwhile, the draft is stale.
    `asked_at`: since when it waits for a second person. `note` says why it was discarded.
    """

    kind = models.CharField(max_length=20, choices=RevisionKind)
    key = models.CharField(max_length=100)
    body = models.JSONField()
    author = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)
    based_on = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.DRAFT)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "author"],
                condition=models.Q(state=RevisionState.DRAFT),
                name="open_draft_once_an_author",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RevisionState.values), name="draft_state_known"
            ),
        ]
        indexes = [models.Index(fields=["kind", "key"], name="draft_of")]

    def __str__(self) -> str:
        return f"Draft of {self.key}"


class InForce(models.Manager[Any]):
    """The latest revision of each key."""

    def __init__(self, kind: RevisionKind) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> models.QuerySet[Any]:
        latest = (
            Revision.objects.filter(kind=self.kind)
            .values("key")
            .annotate(latest=models.Max("id"))
            .values("latest")
        )
        return super().get_queryset().filter(id__in=latest)


class Category(Revision):
    """What a person decides about: the publication in force, read through `preferences.catalogue`."""

    objects: ClassVar[models.Manager[Any]] = InForce(RevisionKind.CATEGORY)

    class Meta:
        proxy = True
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return str(self.body["texts"]["en"]["name"])


class Notice(Revision):
    """The exact wording people are shown now."""

    objects: ClassVar[models.Manager[Any]] = InForce(RevisionKind.NOTICE)

    class Meta:
        proxy = True


class Appearance(Revision):
    """How patients' pages look, and in which languages they speak: `preferences.appearance` reads it."""

    objects: ClassVar[models.Manager[Any]] = InForce(RevisionKind.APPEARANCE)

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "look and languages"


class Banner(Revision):
    """A website banner as it stands. Its key is the slug of the source whose keys its sites bear."""

    objects: ClassVar[models.Manager[Any]] = InForce(RevisionKind.BANNER)

    class Meta:
        proxy = True

    def __str__(self) -> str:
        return str(self.body["name"])


class Source(models.Model):
    """A place that changes come from. Its slug is the namespace of the external ids it gives."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=SourceKind)
    speaks_for_person = models.BooleanField(
        "speaks for the person",
        default=False,
        help_text="Its opt-ins count as the person's own: a portal behind the person's login, for instance.",
    )
    is_active = models.BooleanField("in use", default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=SourceKind.values), name="source_kind_known")
        ]

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """What a source shows to be let in: kept as a SHA-256 hash, with the scopes it has."""

    id = models.CharField(primary_key=True, max_length=8)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(max_length=100)
    hash = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} (heed_{self.id}…)"

    def is_good_at(self, moment: datetime) -> bool:
        """May it be used then: neither revoked nor expired, and its source in use?"""
        expired = self.expires_at is not None and self.expires_at <= moment
        return self.revoked_at is None and not expired and self.source.is_active
