"""The preference page: look, save, and confirm what needs a second step."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal import forms, keeping, selectors, services, stepup, visits
from portal.building import confirm_page, preference_page
from portal.evidence import circumstances
from portal.forms import Filled, Pick
from portal.responses import private, see_other, show, visit_over
from portal.rows import Asked
from portal.services import Saved
from portal.signals import GPC, is_news, signalled
from portal.views.looking_after import looking_after
from portal.visits import Visit
from portal.wording import language, words


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """The page of the person whose visit this is."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    now = timezone.now()
    visits.stay(request)
    if request.method == "POST":
        return save_form(request, visit, now)
    if request.method == "GET" and _signals(request, visit) and is_news(selectors.see(visit.profile_id, now)):
        # The one thing that looking at a page may record, once per change of state.
        services.heed_signal(
            profile_id=visit.profile_id, evidence=circumstances(request, page=request.path), now=now
        )
    return show_page(request, visit, now)


def _signals(request: HttpRequest, visit: Visit) -> bool:
    """A browser's signal is about whoever sits before it (R9), and about nobody whom they look after."""
    return visit.proxy_id is None and signalled(request)


def show_page(
    request: HttpRequest,
    visit: Visit,
    now: datetime,
    ask_again: Sequence[Pick] = (),
    *,
    others_saved: bool = False,
    newer_pause: str = "",
) -> HttpResponse:
    """The page as things stand now, with what is to be chosen again."""
    seen = visit.within(selectors.see_with_deliverability(visit.profile_id, now))
    asked = Asked(
        words(),
        language(),
        services.form_version(seen),
        visit.address_id,
        visit.category,
        frozenset(pick.cell for pick in ask_again),
        others_saved,
        _signals(request, visit),
        newer_pause,
        visit.proxy_id is not None,
    )
    page, others = preference_page(seen, asked), looking_after(visit, now)
    status = 409 if ask_again or newer_pause else 200
    return show(request, "page", page, status=status, others=others, chosen=visits.chosen(request, visit))


def save_form(request: HttpRequest, visit: Visit, now: datetime) -> HttpResponse:
    """Record what the person changed, and lead them on."""
    filled = forms.read(request.POST)
    result = record_form(request, visit, filled, now)
    keeping.keep_to_confirm(request, result.ask_twice, filled.form)
    if not result.already or result.changes:
        keeping.keep_saved(request, result.changes, stop=filled.stop, waits=result.ask_code)
    if result.ask_code and (ask := stepup.needed(request, visit)):
        return ask
    if result.ask_again:
        return show_page(request, visit, now, result.ask_again, others_saved=_others_saved(request))
    return see_other("portal:confirm" if result.ask_twice else "portal:saved")


def _others_saved(request: HttpRequest) -> bool:
    """Was anything of this save recorded, before a code was asked for or since?"""
    done = keeping.saved(request)
    return bool(done and done.changes)


def record_form(
    request: HttpRequest, visit: Visit, filled: Filled, now: datetime, *, second_step: bool = False
) -> Saved:
    """Record a filled form in this visit."""
    return services.save(
        profile_id=visit.profile_id,
        filled=filled,
        evidence=circumstances(request, page=request.path),
        now=now,
        reached_at=visit.address_id,
        by_code=visit.by_code,
        proxy_id=visit.proxy_id,
        categories=visit.categories,
        second_step=second_step,
        despite=GPC if second_step and _signals(request, visit) else "",
    )


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask once more for what counts only in a second step (DESIGN, R9)."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    filled = keeping.to_confirm(request)
    if filled is None:
        return see_other("portal:saved")
    now = timezone.now()
    visits.stay(request)
    if request.method != "POST":
        seen = selectors.see(visit.profile_id, now)
        page = confirm_page(
            seen,
            filled,
            words(),
            language(),
            others_saved=_others_saved(request),
            signal=_signals(request, visit),
        )
        return show(request, "confirm", page, visit=visit)
    if not forms.is_about(request.POST, filled.of):
        return see_other("portal:confirm")
    keeping.keep_to_confirm(request, (), "")
    if request.POST.get("act") != "yes":
        return see_other("portal:saved")
    result = record_form(request, visit, filled, now, second_step=True)
    if result.ask_again:
        return show_page(request, visit, now, result.ask_again)
    keeping.add_saved(request, result.changes)
    return see_other("portal:saved")
