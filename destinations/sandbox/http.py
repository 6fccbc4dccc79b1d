"""A system that somebody built in house: records by number, addresses in bulk, errors behind a 200."""

from destinations.sandbox.addresses import filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

PERSON, ADDRESS, TOKEN = "person", "address", "token"
SECRET = "in-house"  # noqa: S105 - a sandbox's


class HttpSandbox(Sandbox):
    """Seed: `people`, {number, email?, out?, locked?}. A number that is locked is refused behind a 200."""

    slug, name, kind = "http", "In-house system", "In house"

    def refused(self, request: Request) -> Answer | None:
        """Its secret, or a token that has not run out."""
        given = request.bearer()
        if request.path == "/token" or given == SECRET or self.store.get(TOKEN, given):
            return None
        return self.error(401, "who are you")

    def error(self, status: int, message: str = "") -> Answer:
        """`{"code": …}`."""
        return Answer(status, {"code": message or f"refused with {status}"})

    @route("POST", "/token")
    def token(self, request: Request) -> Answer:
        """A token for the secret."""
        if request.form().get("client_secret") != SECRET:
            return self.error(401, "invalid_client")
        token = f"t{self.store.next_number()}"
        self.store.put(TOKEN, token, {"token": token})
        return Answer(200, {"access_token": token})

    def expire(self) -> None:
        """Every token runs out."""
        with self.store:
            self.store.remove(TOKEN)

    @route("GET", "/about")
    def about(self, request: Request) -> Answer:
        """Something that is about nobody."""
        return Answer(200, {"version": 3})

    @route("PUT", "/people/{number}")
    def set_person(self, request: Request, number: str) -> Answer:
        """Fields of somebody it knows."""
        person = self.store.get(PERSON, number)
        if person is None:
            return self.error(404, "nobody")
        if person.get("locked"):
            return Answer(200, {"code": "locked"})
        told = request.form() if "form" in request.headers.get("content-type", "") else request.document()
        self._keep(PERSON, number, {**person, **told})
        return Answer(200, {"code": "ok"})

    @route("POST", "/addresses")
    def set_addresses(self, request: Request) -> Answer:
        """Many addresses; one that is none spoils the call, one that is locked has a result of its own."""
        people = request.document().get("people")
        if not isinstance(people, list) or not people:
            raise Unreadable("people is missing")
        if any("@" not in str(each.get("email")) or "bad" in each["email"] for each in people):
            return self.error(400, "one of the addresses is none")
        results = []
        for each in people:
            locked = "locked" in each["email"]
            results.append({"code": "locked" if locked else "ok"})
            if not locked:
                self._keep(ADDRESS, each["email"].lower(), each)
        return Answer(200, {"results": results[:1] if request.partial else results})

    def _keep(self, kind: str, key: str, document: Document) -> None:
        pairs = [("mrn", document.get("number")), ("email", document.get("email"))]
        self.store.put(kind, key, document, filed_under(pairs))
        self.store.wrote(key)

    def found(self, under: list[str]) -> Found:
        """The record, or what is kept of the address."""
        kept = [*self.store.filed(PERSON, under), *self.store.filed(ADDRESS, under)]
        return Found(
            kept[-1] if kept else {}, {str(each.get("number") or each.get("email")) for each in kept}
        )

    def believes(self, record: Document) -> list[Belief]:
        """Field by field."""
        hidden = {"number", "email", "locked"}
        return [Belief(name, str(value), None) for name, value in record.items() if name not in hidden]

    def plant(self, kind: str, document: Document) -> str:
        """A person."""
        if kind != "people" or not document.get("number"):
            raise Unreadable("a person has a number")
        pairs = [("mrn", document["number"]), ("email", document.get("email"))]
        self.store.put(PERSON, str(document["number"]), document, filed_under(pairs))
        return str(document["number"])
