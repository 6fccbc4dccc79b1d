"""Logs: one JSON object a line, scrubbed as it is written, with the id of the request it belongs to."""

import logging
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter

from config.scrubbing import scrub, scrub_value

logger = logging.getLogger("heed.request")
request_id: ContextVar[str] = ContextVar("request_id", default="")

OURS = frozenset({"at", "level", "logger", "process"})  # no caller fills these
MESSAGES = frozenset({"message", "exc_info", "stack_info"})


class ScrubbedJson(JsonFormatter):
    """The last hands a record passes through, so that message, args, extra and exceptions are all covered."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """UTC, whatever zone the process is in."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def process_log_record(self, log_data: dict[str, object]) -> dict[str, object]:
        """Scrub every field, whoever set it."""
        scrubbed = {name: _scrubbed(name, value) for name, value in log_data.items()}
        if current := request_id.get():
            scrubbed["request_id"] = current
        return scrubbed


def _scrubbed(name: str, value: object) -> object:
    if name in OURS:
        return value
    return scrub(str(value)) if name in MESSAGES else scrub_value(value, name)


class RequestLog:
    """Gives each request an id of our own making (a caller's could name a person) and logs one line about it.

    The line names the route, never the path: a path holds tokens, a route only their place.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request between two readings of the clock."""
        token = request_id.set(uuid.uuid4().hex[:16])
        request.META["heed.request_id"] = request_id.get()
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id.get()
            logger.info("%s %s", request.method, _route(request), extra=_outcome(response, started))
            return response
        finally:
            request_id.reset(token)


def _route(request: HttpRequest) -> str:
    return f"/{request.resolver_match.route}" if request.resolver_match else "(no route)"


def _outcome(response: HttpResponse, started: float) -> dict[str, object]:
    return {"status": response.status_code, "ms": round((time.monotonic() - started) * 1000, 1)}
