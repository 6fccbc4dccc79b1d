"""Who may ask a FHIR server for tokens: clients that prove themselves. https://hl7.org/fhir/smart-app-launch/"""

import secrets
import time

import jwt
import jwt.types

from destinations.sandbox.exchange import Document
from destinations.sandbox.store import Store

CLIENT, ASSERTION, TOKEN = "Client", "Assertion", "Token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST, LIFE = 300, 300  # seconds: until an assertion ends, and how long a token holds


class Unproved(Exception):
    """OAuth's code for it, and words for whoever reads the log."""


def token_for(store: Store, form: Document, audience: str) -> Document:
    """A token: for anybody where no client is registered, else for one that is. Raises Unproved."""
    if form.get("grant_type") != "client_credentials":
        raise Unproved("unsupported_grant_type", "only client_credentials")
    if store.all(CLIENT):
        _check(store, form, audience)
    scope = form.get("scope") or "system/Patient.rs system/Consent.cruds"
    token = secrets.token_urlsafe(24)
    store.put(TOKEN, token, {"until": time.time() + LIFE, "scope": scope})
    return {"access_token": token, "token_type": "bearer", "expires_in": LIFE, "scope": scope}


def is_known(store: Store, token: str) -> bool:
    """Any token will do where no client is registered."""
    held = store.get(TOKEN, token)
    return bool(token) and (held["until"] > time.time() if held else not store.all(CLIENT))


def _check(store: Store, form: Document, audience: str) -> None:
    try:
        given = form["client_assertion"]
        head = jwt.get_unverified_header(given)
        claimed = jwt.decode(given, options={"verify_signature": False}, algorithms=[])
        client = store.get(CLIENT, claimed["iss"])
        keys = [each for each in client["jwks"]["keys"] if each["kid"] == head["kid"]] if client else []
        key = jwt.PyJWK(keys[0])
        needed: jwt.types.Options = {"require": ["iss", "sub", "aud", "exp", "jti"]}
        told = jwt.decode(given, key, algorithms=["RS384", "ES384"], audience=audience, options=needed)
    except (jwt.PyJWTError, KeyError, IndexError) as wrong:
        raise Unproved("invalid_client", type(wrong).__name__) from wrong
    if form.get("client_assertion_type") != JWT_BEARER or told["sub"] != told["iss"]:
        raise Unproved("invalid_client", "sub, or the type of the assertion")
    if told["exp"] > time.time() + LONGEST:
        raise Unproved("invalid_client", "it lives for longer than five minutes")
    if store.get(ASSERTION, told["jti"]):
        raise Unproved("invalid_client", "this assertion was used before")
    store.put(ASSERTION, told["jti"], {"until": told["exp"]})
