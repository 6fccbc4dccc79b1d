"""Why an event went to a system, or did not: the same answer today as then, without what the event said."""

from governance.allowed import event_as
from governance.facts import Facts
from governance.models import FactsKept
from governance.policy import numbered
from governance.tracing import Trace, trace
from governance.verdicts import Place


def replayed(*, policy: int, event: str, number: int, facts: int, hits: int, place: Place) -> Trace:
    """An earlier verdict with its trace.

    `policy` and `number`: of the revisions of policy and event (0: it was on no list). `facts`: the key of
    their row. `place`: the system as it was then. A few small queries.
    """
    kept = FactsKept.objects.get(pk=facts)
    allowed = event_as(event, number) if number else None
    return trace(numbered(policy), allowed, Facts.load(kept.body), hits, place)
