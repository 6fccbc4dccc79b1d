"""Mailchimp's audience webhooks. https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/

Mailchimp signs nothing: a secret in the address is all the proof there is. Set the webhook to leave out what
was changed by the API, which is how our own writes do not come back.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlencode

from destinations.contract import Call, Glyph, Setting, Settings, Steps, ask, read
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Unreadable,
    Vendor,
    Who,
)
from destinations.vendors.signatures import same
from destinations.vendors.words import word

Form = Mapping[str, str]
AUDIENCE = "status"  # the connector's target
GROUPS = "heed[interests]"  # in the form, once Mailchimp was asked


class MailchimpEvents(Vendor):
    """Unsubscribes, cleaned and changed addresses of one audience."""

    slug, name, connector = "mailchimp", "Mailchimp events", "mailchimp"
    glyph = Glyph.MAIL
    answers_get = True  # Mailchimp tries the address before it takes it
    resolves = True
    settings = {
        "secret": Setting(
            "Secret in the address", "…/inbound/<this>?secret=<it>: long, and random", secret=True
        )
    }

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        if not same(call.query.get("secret", ""), settings.secret):
            raise NotAuthentic("the secret in the address is missing or wrong")

    def split(self, call: Incoming) -> Sequence[Item]:
        _form(call.body)
        return [Item(call.body.decode(), call.body)]  # no id: the whole, which is dated, tells it from others

    def resolve(self, content: bytes, settings: Settings) -> Steps[bytes]:
        """A changed profile names groups by what members read: which they are, Mailchimp is asked."""
        form = _form(content)
        if form["type"] != "profile" or GROUPS in form:
            return content
        path = f"/3.0/lists/{quote(settings.list_id, safe='')}/members/{hashed(_email(form))}"
        basic = base64.b64encode(f"heed:{settings.api_key}".encode()).decode()
        call = Call(
            "GET", path, headers={"Authorization": f"Basic {basic}"}, params=[("fields", "interests")]
        )
        answer = yield from ask(call)
        shown = {} if answer.status == 404 else read(answer, dict, datetime.now(UTC))
        return urlencode({**form, GROUPS: json.dumps(shown.get("interests") or {})}).encode()

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        form = _form(content)
        kind = form["type"]
        audience = getattr(settings, "list_id", "")
        if audience and form.get("data[list_id]") != audience:
            return [Heard(Meaning.UNKNOWN, f"{word(kind)} of another audience")]
        reader = READERS.get(kind)
        return reader(form, settings) if reader else [Heard(Meaning.UNKNOWN, word(kind))]


def _unsubscribed(form: Form, settings: Settings) -> Sequence[Heard]:
    """Out of the audience, so out of all that it sends: its groups too."""
    if form.get("data[action]") == "delete":
        return [Heard(Meaning.NOTHING, "unsubscribe (deleted by staff)")]
    groups = [f"interests.{name}" for name in getattr(settings, "interests", None) or {}]
    who, at = (Who("email", _email(form)),), _moment(form)
    return [Heard(Meaning.OPT_OUT, "unsubscribe", who, at, target) for target in (AUDIENCE, *groups)]


def _subscribed(form: Form, settings: Settings) -> Sequence[Heard]:
    return [Heard(Meaning.OPT_IN, "subscribe", (Who("email", _email(form)),), _moment(form), AUDIENCE)]


def _cleaned(form: Form, settings: Settings) -> Sequence[Heard]:
    """Mail bounced; or was complained about, which is a no to marketing of every kind."""
    who, at = (Who("email", _email(form)),), _moment(form)
    if form.get("data[reason]") == "abuse":
        choices = (("marketing_emails", "email", False),)
        return [Heard(Meaning.OPT_OUT, "cleaned (abuse)", who, at, choices=choices)]
    return [Heard(Meaning.UNREACHABLE, "cleaned", who, at)]


def _moved(form: Form, settings: Settings) -> Sequence[Heard]:
    old, new = (Who("email", _email(form, name)) for name in ("data[old_email]", "data[new_email]"))
    return [Heard(Meaning.MOVED, "upemail", (old,), _moment(form), new=new)]


def _profile(form: Form, settings: Settings) -> Sequence[Heard]:
    """A form was saved that shows the groups: one without a tick is a no. A tick is no yes: told again."""
    if GROUPS not in form:
        raise Unreadable("a profile was changed: connect the Mailchimp system, and read it again")
    there, who, at = json.loads(form[GROUPS]), (Who("email", _email(form)),), _moment(form)
    named = (getattr(settings, "interests", None) or {}).items()
    return [
        Heard(
            Meaning.OPT_IN if there[str(group)] else Meaning.OPT_OUT,
            "profile",
            who,
            at,
            f"interests.{name}",
            ours=bool(there[str(group)]),
        )
        for name, group in named
        if str(group) in there
    ] or [Heard(Meaning.NOTHING, "profile")]


READERS: Mapping[str, Callable[[Form, Settings], Sequence[Heard]]] = {
    "unsubscribe": _unsubscribed,
    "subscribe": _subscribed,
    "cleaned": _cleaned,
    "upemail": _moved,
    "profile": _profile,
    "campaign": lambda form, settings: [Heard(Meaning.NOTHING, "campaign")],
}


def _form(body: bytes) -> Form:
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500))
    except ValueError:
        raise Unreadable("a form was expected") from None
    if not form.get("type"):
        raise Unreadable("type is missing")
    return form


def hashed(email: str) -> str:
    """How Mailchimp names a member."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def _email(form: Form, name: str = "data[email]") -> str:
    if not form.get(name):
        raise Unreadable(f"{form['type']} without {name}")
    return form[name]


def _moment(form: Form) -> datetime | None:
    """`fired_at`, which is in UTC: 2026-03-26 21:31:21."""
    try:
        return datetime.strptime(form.get("fired_at", ""), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
