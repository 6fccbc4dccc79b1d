"""What websites load and call: the script, what it shows, and what visitors chose."""

from collections.abc import Callable
from functools import lru_cache, wraps
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_POST, require_safe

from portal.banner import flood, selectors, services
from portal.banner.regions import place_of
from portal.banner.said import read
from portal.evidence import circumstances
from portal.signals import signalled
from preferences import clock
from preferences.api import problems
from preferences.api.access import key_with
from preferences.errors import Forbidden, Refused
from preferences.models import Revision
from preferences.terms import Scope

SCRIPT = settings.BASE_DIR / "static/heed/banner.js"
MOST = 8_192  # bytes of a post
View = Callable[..., HttpResponse]


@lru_cache(maxsize=1)
def _script(changed: int) -> tuple[bytes, str]:
    code = SCRIPT.read_bytes()
    return code, f'"{sha256(code).hexdigest()[:32]}"'


def _now() -> tuple[bytes, str]:
    return _script(SCRIPT.stat().st_mtime_ns)


@gzip_page
@require_safe
@condition(etag_func=lambda request: _now()[1])
def script(request: HttpRequest) -> HttpResponse:
    """The banner's script, at an address that never changes."""
    response = HttpResponse(_now()[0], "text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=600, stale-if-error=604800"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"  # for integrity=, which needs it
    return response


def _refusing(view: View) -> View:
    """What is refused is told as a problem document."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Refused as refused:
            problem = problems.handler(refused, {"request": request})
            assert problem is not None  # noqa: S101 - a Refused always has one
            response = problem
            # Why there is no banner is read on every site: the script tells whoever builds it.
            if request.method == "GET":
                response.headers["Access-Control-Allow-Origin"] = "*"
        patch_vary_headers(response, ("Origin",))
        return response

    return answered


@gzip_page
@require_safe
@_refusing
def config(request: HttpRequest, key_id: str) -> HttpResponse:
    """What one visitor of a site is shown: it hangs on where they are, their language and their signal."""
    revision = selectors.published(selectors.key_of(key_id).source.slug)
    origin = request.headers.get("Origin", "")
    if origin:
        _check_origin(origin, revision)
    shown = selectors.shown(revision, place_of(request.headers), request.GET.get("language", ""))
    response = JsonResponse(selectors.config(shown, signal=signalled(request)))
    # Private: not every shared cache heeds Vary, and one region's banner must not be shown in another.
    response.headers["Cache-Control"] = "private, max-age=60"
    patch_vary_headers(response, ("Sec-GPC", *settings.HEED_REGION_HEADERS))
    return _readable(response, origin)


@csrf_exempt
@require_POST
@_refusing
def choices(request: HttpRequest) -> HttpResponse:
    """What somebody chose in a browser. It names no person, and tells nothing about one."""
    posted = read(_body(request), clock.now())
    key = key_with(posted.key, [Scope.WRITE_ANONYMOUS])
    if Scope.WRITE_CHOICES in key.scopes:
        raise Forbidden(
            "this key may name people: anybody can read it in a page. Revoke it, and make one for a website"
        )
    origin = request.headers.get("Origin", "")
    _check_origin(origin, selectors.published(selectors.key_of(key.pk).source.slug))
    flood.check(request, key)
    evidence = {**circumstances(request, page="banner"), "site": origin}
    changed = services.choose(key=key, posted=posted, place=place_of(request.headers), evidence=evidence)
    answer = JsonResponse({"status": "recorded" if changed else "unchanged"})
    answer.headers["Cache-Control"] = "no-store"
    return _readable(answer, origin)


def _body(request: HttpRequest) -> bytes:
    """Raises Problem (413), without reading what is said to be too much."""
    said = request.headers.get("Content-Length", "")
    if not said.isdigit() or int(said) > MOST:
        raise problems.Problem("too_large", f"send {MOST} bytes at most, and say how many")
    return request.body


def _check_origin(origin: str, revision: Revision) -> None:
    """Raises Forbidden. `null` and no origin at all are no site either."""
    if origin not in revision.body["origins"]:
        raise Forbidden("this site is not among those of the banner: staff list them under Settings, Banners")


def _readable(response: HttpResponse, origin: str) -> HttpResponse:
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response
