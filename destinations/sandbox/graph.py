"""How Meta's Graph API lets in and refuses. https://developers.facebook.com/docs/graph-api/guides/error-handling"""

from destinations.sandbox.exchange import Answer, Request
from destinations.sandbox.server import Sandbox

CODES = {401: 190, 403: 200, 404: 803, 429: 17}


class Graph(Sandbox):
    """What all of Meta's sandboxes have in common."""

    def refused(self, request: Request) -> Answer | None:
        """A system user's token."""
        return None if request.bearer().startswith("EAA") else self.error(401)

    def error(self, status: int, message: str = "", subcode: int = 0) -> Answer:
        """`{"error": {"message", "code", "error_subcode"}}`; a token that is none is refused with 400."""
        body = {"message": message or "refused", "type": "OAuthException", "code": CODES.get(status, 100)}
        body |= {"error_subcode": subcode} if subcode else {}
        body |= {"is_transient": True, "code": 2} if status >= 500 else {}
        return Answer(400 if status == 401 else status, {"error": {**body, "fbtrace_id": "A"}})
