"""After saving: what was changed, and who knows of it by now."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import keeping, selectors, visits
from portal.locks import Lock, still_off
from portal.responses import private, see_other, show, visit_over
from portal.result import result_page, still_sent
from portal.selectors import Seen, System
from portal.telling import progress
from portal.visits import Visit
from portal.wording import language, words
from preferences.models import Change

NEWER = "newer"  # asked for where an earlier save was to be undone


# Neither view lengthens the visit: they are asked again by themselves, and that is nobody's doing.
@private()
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """The result of the last save of this visit."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    result = keeping.saved(request)
    if result is None:
        return see_other("portal:page")
    changes, undone = selectors.changes(result.changes), selectors.changes(result.undone)
    now = timezone.now()
    seen = selectors.see(visit.profile_id, now)
    if result.final or _off(seen, changes):
        seen = selectors.see_with_addresses(visit.profile_id, now)
    page = result_page(
        changes,
        seen,
        progress(_systems(visit, undone or changes)),
        still=still_sent(visit.within(seen), language()) if result.stop else (),
        stopped=result.stop,
        language=language(),
        due=selectors.due(changes),
        can_undo=result.can_undo,
        undone=undone,
        reach=result.final,
        of=result.of,
        newer=NEWER in request.GET,
        off=_off(seen, changes),
    )
    return show(request, "saved", page, visit=visit, left_out=result.left_out)


def _systems(visit: Visit, changes: Iterable[Change]) -> tuple[System, ...]:
    return selectors.systems(visit.profile_id, language(), about=selectors.cells_of(changes))


def _off(seen: Seen, changes: Iterable[Change]) -> tuple[Lock, ...]:
    return still_off(seen, changes, words=words(), language=language())


@private()
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """How far the telling has come, for the page to follow."""
    visit = visits.current(request)
    if visit is None:
        return JsonResponse({"over": True}, status=403)
    last = keeping.saved(request)
    now = progress(_systems(visit, selectors.changes((last.undone or last.changes) if last else ())))
    return JsonResponse(
        {
            "done": now.done,
            "summary": now.summary,
            "systems": [
                {"label": each.label, "state": each.telling, "words": each.words} for each in now.systems
            ],
        }
    )
