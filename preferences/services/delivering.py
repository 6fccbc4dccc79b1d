"""What becomes of messages to an address: they come back, or somebody has read one there.

It is kept on the address, apart from what people chose, and outside the ledger: no answer depends on it.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from preferences import clock, ledger
from preferences.deliverability import CameBack
from preferences.models import Identifier, Source
from preferences.terms import SubjectKind


@transaction.atomic
def came_back(*, identifier_id: UUID, source: Source, at: datetime) -> None:
    """What was sent there came back then. A report that is older than what is known changes nothing."""
    ledger.lock(SubjectKind.IDENTIFIER, [identifier_id])  # of two reports at once the newer one stays
    report = CameBack(min(at, clock.now()), source.name)
    known = CameBack.load(Identifier.objects.values_list("deliverability", flat=True).get(pk=identifier_id))
    if known is None or known.at < report.at:
        Identifier.objects.filter(pk=identifier_id).update(deliverability=report.kept())


def arrived(*, identifier_id: UUID) -> None:
    """Somebody has read there what was just sent: it works again."""
    Identifier.objects.filter(pk=identifier_id, deliverability__isnull=False).update(deliverability=None)
