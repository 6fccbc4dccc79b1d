"""The API's document (OpenAPI 3.1): what each route declares beside its view, put together in one place."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import condition, require_safe

from destinations.api.batch import NOT_USED
from destinations.terms import EventKind
from preferences.api import restriction_ids, schemas
from preferences.api.conditional import etag
from preferences.api.door import Door
from preferences.api.operations import Operation
from preferences.api.problems import KINDS
from preferences.api.schemas import Schema
from preferences.terms import Scope

PREFIX = "v1/"
PROBLEM = "application/problem+json"
ANYWHERE = ("no_key", "forbidden", "throttled")
WITH_A_BODY = ("malformed", "length_required", "too_large", "wrong_content_type")
# What a route calls a part of its path, what the document does, and what it may be.
IN_PATH: Mapping[str, tuple[str, Schema]] = {
    "profile": ("id", schemas.UUID),
    "restriction": ("id", {"type": "string", "pattern": restriction_ids.PATTERN}),
}
HEADERS: Mapping[str, Schema] = {
    "Idempotency-Key": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]+$"},
    "If-Match": {"type": "string", "description": "write only where the answer still has this ETag"},
    "If-None-Match": {"type": "string", "description": "answer 304 where it still has this ETag"},
}
TAGS = {
    **dict.fromkeys(("identify", "batch"), "What people want"),
    **dict.fromkeys(EventKind.values, "What people did"),
    **dict.fromkeys(sorted(NOT_USED), "Taken, and not used"),
    "decisions": "May it be sent?",
    "profiles": "One person",
    "restrictions": "Restrictions",
}
LEFT = {
    "RateLimit": {"schema": schemas.TEXT, "description": "what is left of this minute's requests"},
    "RateLimit-Policy": {"schema": schemas.TEXT, "description": "how many requests a minute a key may make"},
}
LEAD = """\
For systems that tell Heed what people want, and ask it before they send. Show a key as
`Authorization: Bearer heed_…`, or with HTTP Basic as the user name. Every answer that is not a yes is
`application/problem+json` and says what to do.
"""


def routes() -> Iterator[tuple[str, type[Door]]]:
    """Every address of the API, without the twins that end with a slash."""
    for included in get_resolver().url_patterns:
        if isinstance(included, URLResolver) and str(included.pattern) == PREFIX:
            for route in included.url_patterns:
                view = getattr(route.callback, "cls", None) if isinstance(route, URLPattern) else None
                if view is not None and not str(route.pattern).endswith("/"):
                    yield str(route.pattern), view


@cache
def document() -> dict[str, Any]:
    """The whole document. It changes only with the code."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Heed, the partner API of {settings.HEED_ORGANISATION}",
            "version": "1",
            "description": LEAD,
        },
        "servers": [{"url": "/"}],  # wherever the document came from
        "security": [{"key": []}, {"basic": []}],
        "paths": {f"/{PREFIX}{_path(route)}": _methods(route, view) for route, view in routes()},
        "components": {
            "schemas": schemas.COMPONENTS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _path(route: str) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda match: f"{{{IN_PATH[match[1]][0]}}}", route)


def _methods(route: str, view: type[Door]) -> dict[str, Any]:
    return {
        method.lower(): _operation(route, view, method, operation)
        for method, operation in view.operations.items()
    }


def _operation(route: str, view: type[Door], method: str, operation: Operation) -> dict[str, Any]:
    words = " ".join((view.__doc__ or "").split())
    name = re.sub(r"\W+", "_", _path(route)).strip("_")
    return {
        "operationId": f"{method.lower()}_{name}",
        "tags": [TAGS.get(route.partition("/")[0], "Lists")],
        "summary": operation.summary,
        "description": f"{words}\n\n{_scopes(operation)}",
        "parameters": [*_in_path(route), *_in_query(operation), *_in_headers(method, operation)],
        **_body(operation),
        "responses": {
            "200": _answer(operation),
            **({"304": {"description": "As it was"}} if operation.etag and method == "GET" else {}),
            **_problems(route, method, operation),
        },
    }


def _scopes(operation: Operation) -> str:
    if len(operation.scopes) == len(Scope):
        return "Any key may."
    return "Scope: " + " or ".join(f"`{scope.value}`" for scope in sorted(operation.scopes, key=str))


def _in_path(route: str) -> Iterator[dict[str, Any]]:
    for part in re.findall(r"<\w+:(\w+)>", route):
        name, schema = IN_PATH[part]
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(operation: Operation) -> Iterator[dict[str, Any]]:
    for name, schema in operation.query.items():
        yield {"name": name, "in": "query", "schema": schema}


def _in_headers(method: str, operation: Operation) -> Iterator[dict[str, Any]]:
    names = ["Idempotency-Key"] if operation.once else []
    if operation.etag:
        names.append("If-None-Match" if method == "GET" else "If-Match")
    for name in names:
        yield {"name": name, "in": "header", "schema": HEADERS[name]}


def _body(operation: Operation) -> dict[str, Any]:
    if operation.body is None:
        return {}
    content = {"schema": operation.body, "example": operation.example}
    return {
        "requestBody": {
            "required": operation.needs_body,
            "content": dict.fromkeys(operation.takes, content),
        }
    }


def _answer(operation: Operation) -> dict[str, Any]:
    content = {"schema": operation.answer, "example": operation.shown}
    tag = {"ETag": {"schema": schemas.TEXT}} if operation.etag else {}
    return {
        "description": "Done" if operation.body is None else "Done; what was sent is stored durably",
        "headers": {**LEFT, **tag},
        "content": dict.fromkeys(operation.gives, content),
    }


def _problems(route: str, method: str, operation: Operation) -> dict[str, Any]:
    """By status, with the codes that may come under it."""
    by_status: dict[int, list[str]] = {}
    for code in sorted({*ANYWHERE, *operation.problems, *_implied(route, method, operation)}):
        by_status.setdefault(KINDS[code][0], []).append(code)
    return {
        str(status): {
            "description": ", ".join(f"`{code}`: {KINDS[code][1]}" for code in codes),
            "content": {
                PROBLEM: {
                    "schema": {
                        "allOf": [
                            schemas.named("Problem"),
                            {"properties": {"code": schemas.one_of(codes)}},
                        ]
                    }
                }
            },
        }
        for status, codes in sorted(by_status.items())
    }


def _implied(route: str, method: str, operation: Operation) -> Iterator[str]:
    if operation.body is not None:
        yield from WITH_A_BODY
    if operation.query:
        yield "malformed"
    if "<" in route:
        yield from ("malformed", "not_found")
    if operation.once:
        yield from ("in_flight", "other_body")
    if operation.etag and method != "GET":
        yield "stale"


# --- its two pages ---


def _tag(request: HttpRequest) -> str:
    return etag(document())


@require_safe
@condition(etag_func=_tag)
def openapi(request: HttpRequest) -> HttpResponse:
    """The document, for whoever asks: it names nobody."""
    return HttpResponse(json.dumps(document()), "application/json", headers={"Cache-Control": "no-cache"})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same to browse, and to try out with a key."""
    return render(request, "api/docs.html", {"organisation": settings.HEED_ORGANISATION})
