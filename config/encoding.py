"""What comes in is UTF-8, whatever it says of itself."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Request(WSGIRequest):
    """A request whose `Content-Type` names no codec to read it by.

    Django takes any that Python has: `hex` is one, too, and fails outside of all that answers with a page. To
    refuse it would refuse the one-click of a mail program that says `us-ascii`.
    """

    @property
    def encoding(self) -> None:
        """None: the default, which is UTF-8."""

    @encoding.setter
    def encoding(self, named: str) -> None:
        """It decides nothing."""


class Handler(WSGIHandler):
    """Django's own, but for that."""

    request_class = Request
