"""What every route has in common: who calls, what they sent, and how answers look."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from preferences.api import problems, reading
from preferences.api.access import KeyThrottle, key_with, no_key, secret_in_header
from preferences.api.operations import Operation
from preferences.errors import Refused
from preferences.models import ApiKey
from preferences.written import written

WITH_BODY = frozenset({"POST", "PATCH", "DELETE"})


class Door(APIView):
    """A route of the partner API. A view finds `self.key` and, if it takes one, `self.body` less writeKey."""

    operations: ClassVar[Mapping[str, Operation]]  # by method
    http_method_names = ["get", "head", "post", "patch", "delete"]
    key: ApiKey
    body: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """All that must hold before a view is asked: 405, then 401, 403, 4xx for the body, 429."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method), detail=", ".join(self.allowed_methods))
        operation = self.operations["GET" if request.method == "HEAD" else str(request.method)]
        secret = secret_in_header(request._request)
        if secret is not None:
            self.key = key_with(secret, operation.scopes)
        if request.method in WITH_BODY:
            self.body = self._read(request, operation, stranger=secret is None)
            write_key = self.body.pop("writeKey", None)
            secret = secret or write_key
        if not hasattr(self, "key"):
            self.key = key_with(secret, operation.scopes)
        self.headers.update(KeyThrottle().check(request, self))

    def _read(self, request: Request, operation: Operation, *, stranger: bool) -> dict[str, Any]:
        try:
            return reading.read(request._request, operation.largest, needed=operation.needs_body)
        except Refused:
            if stranger:
                raise no_key() from None
            raise

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "no-store"}

    def get_exception_handler(self) -> Callable[..., Any]:
        return problems.handler


def answer(data: object, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """JSON, without a renderer to negotiate: there is only one."""
    return HttpResponse(written(data), "application/json", status=status, headers=headers)
