"""`manage.py reconcile`: compare what a system holds with what Heed says."""

import math
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from destinations import credentials
from destinations.connectors import CONNECTORS
from destinations.models import Destination, Reconciliation
from destinations.services import do_or_ask
from destinations.services.mending import leave, mend_on, open_at, open_unknown
from destinations.services.reconciling import NotNow, begin, look_on
from destinations.terms import Act, Side
from preferences.errors import Refused

PAUSE = 2.0  # seconds between two lines of progress
LONGEST = 10.0  # seconds until it looks again whether a system has written its list out
BY = "manage.py reconcile"


class Command(BaseCommand):
    """It changes nothing unless it is told in which direction to mend."""

    help = (
        "Compare what a system holds with what Heed says: who is out here and not there, who is out there "
        "and not here. Broken off, it goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("system", help="the system's slug")
        parser.add_argument("--push", action="store_true", help="tell the system again what is missing there")
        parser.add_argument("--adopt", action="store_true", help="count their opt-outs here, too")
        parser.add_argument(
            "--hold", action="store_true", help="hold the opt-outs of addresses that Heed does not know"
        )
        parser.add_argument("--leave", action="store_true", help="leave their opt-outs as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        """Progress to standard error, what was found to standard output."""
        if options["leave"] and (options["adopt"] or options["hold"]):
            raise CommandError("choose one: --leave, or --adopt and --hold")
        system = Destination.objects.filter(slug=options["system"]).first()
        if system is None:
            known = ", ".join(Destination.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"there is no system {options['system']!r}; there are {known or 'none'}")
        try:
            found = begin(destination=system, by=BY)
            self._look(found, quiet=options["verbosity"] == 0)
            self._say(found)
            self._mend(found, options)
        except Refused as refused:
            raise CommandError(refused.message) from None
        except credentials.Unreadable:
            raise CommandError("its credentials can't be read any more: enter them again") from None

    def _look(self, found: Reconciliation, *, quiet: bool) -> None:
        said = time.monotonic()
        while not self._step(found):
            if not quiet and time.monotonic() - said >= PAUSE:
                said = time.monotonic()
                self.stderr.write(f"{found.looked_at:,} looked at")

    def _step(self, found: Reconciliation) -> bool:
        try:
            return look_on(reconciliation=found)
        except NotNow as wait:
            if not wait.by_itself:
                raise
            time.sleep(min(wait.after, LONGEST))
            return False

    def _say(self, found: Reconciliation) -> None:
        missing, only = (open_at(found, side).count() for side in (Side.MISSING_THERE, Side.ONLY_THERE))
        unread = f"; {found.unread:,} could not be looked at ({found.why})" if found.unread else ""
        self.stdout.write(
            f"{found.looked_at:,} looked at{unread}. "
            f"{missing:,} are out here and not there, {only:,} are out there and not here."
        )
        connector = CONNECTORS[found.destination.connector]
        if found.unlisted:
            self.stdout.write(f"Its lists could not be read ({found.unlisted}).")
        elif connector.lists_out:
            unknown = open_unknown(found).values("fingerprint").distinct().count()
            self.stdout.write(f"{found.listed:,} read from its lists: {unknown:,} addresses unknown here.")

    def _mend(self, found: Reconciliation, options: dict[str, Any]) -> None:
        for act in [act for act in (Act.PUSH, Act.ADOPT, Act.HOLD) if options[act.value]]:
            done = do_or_ask(destination=found.destination, act=act, group=str(found.pk), by=BY)
            words = f"{done.count:,}" if not done.approval else "a second person must agree: see the desk"
            self.stdout.write(f"{act.label}: {words}.")
        mend_on(math.inf, found)
        if options["leave"]:
            self.stdout.write(f"Left as they are: {leave(reconciliation=found, by=BY):,}.")
