"""What only a person can settle is put before staff."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from preferences.errors import Malformed
from preferences.models import Review


def put_before_staff(kind: Review.Kind, same: Mapping[str, Any], **more: Any) -> None:
    """Open a matter unless the same one is open. Two callers at once may open it twice: staff settle both."""
    if not Review.objects.filter(kind=kind, settled_at__isnull=True, **same).exists():
        Review.objects.create(kind=kind, **same, **more)


@transaction.atomic
def settle_review(*, review: Review, by: str, note: str) -> None:
    """Settle a matter, with what was done about it. What is settled stays as it is.

    Raises Malformed where the note is missing or somebody has settled it meanwhile.
    """
    if not note.strip():
        raise Malformed("say how it was settled")
    opened = Review.objects.filter(pk=review.pk, settled_at__isnull=True)
    if not opened.update(settled_at=timezone.now(), settled_by=by, note=note.strip()):
        raise Malformed("somebody has settled this already")
