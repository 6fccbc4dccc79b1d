"""What staff fill in to describe a call, and whether that is enough. Pure."""

from urllib.parse import urlsplit

from destinations.contract import Setting, Settings
from destinations.described import places

SETTINGS = {
    "base_url": Setting("Address of the API", "https://api.example.com"),
    "method": Setting("Method", "POST, PUT or PATCH", default="POST"),
    "path": Setting("Path", "/people/{mrn}: each placeholder is one part of it"),
    "headers": Setting("Headers", many=True, required=False),
    "secret": Setting("Credentials", "As the header says them: Bearer …; or the client secret", secret=True),
    "secret_header": Setting("Header of the credentials", default="Authorization"),
    "token_url": Setting("Token address", "Where the client secret buys a token (OAuth 2)", required=False),
    "client_id": Setting("Client id", required=False),
    "scope": Setting("Scope", required=False),
    "format": Setting("Body", "json or form", default="json"),
    "body": Setting("What stands in the body", "path: value or placeholder", many=True, required=False),
    "items": Setting("List of people", "Where it stands, if one call takes many", required=False),
    "success": Setting("A yes says", "path: value", many=True, required=False),
    "results": Setting("List of results", "Where it stands in the answer, in our order", required=False),
    "refused": Setting("Lists of refused", "Where they stand in the answer", required=False),
    "absent": Setting("Not known there", "A status: 404 say", required=False),
    "ours": Setting("Only Heed writes these fields", "yes or no", default="no"),
    "test_path": Setting("Path for a test", "Something to read that is about nobody", required=False),
}


def allowed(settings: Settings) -> tuple[str, ...]:
    """Only the call that is described, the token's, and the test's."""
    described = f"{settings.method} {places.pattern(settings.path)}"
    calls = [described] if settings.method in places.METHODS else []
    calls += [f"POST {urlsplit(settings.token_url).path}"] if settings.token_url else []
    calls += [f"GET {settings.test_path.partition('?')[0]}"] if settings.test_path else []
    return tuple(calls)


def asked(settings: Settings) -> set[str]:
    """The placeholders in path and body."""
    return places.named_in(" ".join([settings.path, *(settings.body or {}).values()]))


def check(settings: Settings, keys: frozenset[str], beside: frozenset[str]) -> None:
    """Does it say by which of these keys somebody is found? Raises ValueError with what must be put right."""
    in_path, in_all = places.named_in(settings.path), asked(settings)
    if settings.method not in places.METHODS:
        raise ValueError(f"the method must be {', '.join(places.METHODS)}")
    if settings.items and in_path:
        raise ValueError("a call for many people names nobody in its path")
    if len(in_all & keys) != 1 or not in_path <= keys or not in_all <= keys | beside:
        names = ", ".join(f"{{{each}}}" for each in sorted(keys))
        raise ValueError(f"path and body must find a person by exactly one of {names}")
