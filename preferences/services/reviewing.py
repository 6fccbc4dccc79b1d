"""What only a person can settle is put before staff."""

from collections.abc import Mapping
from typing import Any

from preferences.models import Review


def put_before_staff(kind: Review.Kind, same: Mapping[str, Any], **more: Any) -> None:
    """Open a matter unless the same one is open. Two callers at once may open it twice: staff settle both."""
    if not Review.objects.filter(kind=kind, settled_at__isnull=True, **same).exists():
        Review.objects.create(kind=kind, **same, **more)
