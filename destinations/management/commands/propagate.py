"""`manage.py propagate`: tell every system what has changed, in the foreground."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Min, QuerySet
from django.utils import timezone

from destinations.drain import Drain
from destinations.models import Propagation
from destinations.services import beat
from destinations.tasks import something_is_due
from destinations.terms import DestinationState, PropagationState
from preferences.models import Outbox

PAUSE = 2.0  # seconds between two lines of progress


class Command(BaseCommand):
    """Beside the background work or instead of it: both take different rows."""

    help = "Tell every system what has changed until nothing is due. It may run beside qcluster."

    def handle(self, *args: Any, **options: Any) -> None:
        """Progress to standard error, what is left to standard output."""
        self.quiet, self.said, self.before = options["verbosity"] == 0, time.monotonic(), 0
        while True:
            beat("propagate")
            self.before += Drain(linger=0.0, progress=self._progress).run()
            if not (Outbox.objects.exists() or something_is_due()):
                break
        self.stdout.write(f"{self.before:,} told. {self._left()}")

    def _progress(self, told: int) -> None:
        if not self.quiet and time.monotonic() - self.said >= PAUSE:
            self.said = time.monotonic()
            self.stderr.write(f"{self.before + told:,} told, {self._waiting():,} to go")

    def _waiting(self) -> int:
        return self._due().filter(due_at__lte=timezone.now()).count()

    def _due(self) -> QuerySet[Propagation]:
        rows = Propagation.objects.filter(due_at__isnull=False)
        return rows.exclude(destination__state=DestinationState.PAUSED)

    def _left(self) -> str:
        """What nobody can tell now, and why."""
        later = self._due().exclude(state=PropagationState.STUCK)
        count, first = later.count(), later.aggregate(first=Min("due_at"))["first"]
        stuck = Propagation.objects.filter(state=PropagationState.STUCK).count()
        paused = Propagation.objects.filter(
            destination__state=DestinationState.PAUSED, due_at__isnull=False
        ).count()
        parts = [
            f"{count:,} will be tried again, the first at {first:%H:%M:%S} UTC" if count else "",
            f"{stuck:,} need a person" if stuck else "",
            f"{paused:,} wait for systems that are paused" if paused else "",
        ]
        return f"{'; '.join(filter(None, parts)) or 'Nothing is left'}."
