"""GET /v1/suppressions: who is out, streamed; all of them, or what has changed since the last time."""

from collections.abc import Mapping

from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework.request import Request

from preferences import lists, services
from preferences.api import schemas
from preferences.api.door import Door
from preferences.api.operations import Operation
from preferences.api.people import actor
from preferences.errors import Malformed
from preferences.list_forms import FORMS, Form, in_pieces
from preferences.terms import ANY, Channel, Scope

PARAMETERS = {
    "category": schemas.CATEGORY_OR_ANY,
    "channel": schemas.one_of((*Channel.values, ANY)),
    "since": {"type": "string", "description": "the `cursor` of the list before"},
    "format": schemas.one_of(FORMS),
}
READ = Operation(
    "Who is out, streamed: all of them, or what has changed since",
    scopes=frozenset({Scope.READ_PREFERENCES}),
    query=PARAMETERS,
    answer=schemas.TEXT,
    shown='{"complete":true,"cursor":"…","rows":0,"complete_as_of":"2026-05-01T09:30:00+00:00"}\n',
    problems=frozenset({"unknown_category", "unknown_channel"}),
    gives=tuple(form.content_type.partition(";")[0] for form in FORMS.values()),
)


class Suppressions(Door):
    """A list of denials that somebody decided on. Addresses leave in the clear: the look is logged first."""

    operations = {"GET": READ}
    http_method_names = ["get"]

    def get(self, request: Request) -> HttpResponseBase:
        given = _given(request)
        form = _form(given.get("format"), request.META.get("HTTP_ACCEPT", ""))
        wanted = lists.wanted(
            given.get("category") or ANY, given.get("channel") or ANY, given.get("since", "")
        )
        services.log_view(actor=actor(self.key), page="GET /v1/suppressions", found=lists.count(wanted))
        return StreamingHttpResponse(in_pieces(form.write(lists.read(wanted))), form.content_type)


def _given(request: Request) -> Mapping[str, str]:
    """A slip in a name would otherwise hand out everybody."""
    unknown = sorted(set(request.GET) - set(PARAMETERS))
    if unknown:
        raise Malformed(f"there is no parameter {unknown[0][:50]}; there are {', '.join(PARAMETERS)}")
    return {name: request.GET[name] for name in request.GET}


def _form(named: str | None, accepted: str) -> Form:
    if named is None:
        return FORMS["csv" if "text/csv" in accepted else "ndjson"]
    if named not in FORMS:
        raise Malformed(f"format must be {' or '.join(FORMS)}", key="format")
    return FORMS[named]
