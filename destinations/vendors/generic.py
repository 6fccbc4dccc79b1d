"""Any system that can sign a webhook: Standard Webhooks 1.0.0. https://www.standardwebhooks.com

The body is `{"type": "preferences.reported", "data": {…}}`, see docs/inbound.md.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.contract import Setting, Settings
from destinations.vendors.contract import Heard, Incoming, Item, Meaning, Unreadable, Vendor, Who
from destinations.vendors.signatures import standard_webhooks
from destinations.vendors.words import word

TYPE = "preferences.reported"
KINDS = ("email", "phone", "mrn", "external_id")
WORDS = {
    "opt_out": Meaning.OPT_OUT,
    "opt_in": Meaning.OPT_IN,
    "stop": Meaning.STOP,
    "start": Meaning.START,
    "text": Meaning.TEXT,
    "do_not_call": Meaning.DO_NOT_CALL,
    "unreachable": Meaning.UNREACHABLE,
    "deceased": Meaning.DECEASED,
}
GIVES = {Meaning.OPT_IN, Meaning.START}


class SignedWebhook(Vendor):
    """What an in-house system, a dialer or a form says, in words of ours."""

    slug, name = "webhook", "Signed webhook"
    settings = {
        "secret": Setting("Signing secret", "whsec_ and 24 to 64 random bytes in base64", secret=True),
        "old_secret": Setting("The one before", "While it is changed", secret=True, required=False),
    }

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        secrets = [settings.secret, getattr(settings, "old_secret", "")]
        standard_webhooks(call.headers, call.body, secrets, now)

    def split(self, call: Incoming) -> Sequence[Item]:
        if not isinstance(call.json(), dict):
            raise Unreadable("an object was expected")
        return [Item(call.headers["webhook-id"], call.body)]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        body = Incoming("POST", "", content).json()
        if body.get("type") != TYPE:
            return [Heard(Meaning.UNKNOWN, word(body.get("type", "")))]
        data = body.get("data")
        if not isinstance(data, dict):
            raise Unreadable("data: an object was expected")
        says = str(data.get("says", ""))
        if says not in WORDS:  # it may be somebody's no
            raise Unreadable(f"says: {', '.join(WORDS)}")
        meaning = WORDS[says]
        text = data.get("text", "") if meaning == Meaning.TEXT else ""
        occurred = _moment(data, needed=meaning in GIVES)
        undated = occurred is None and data.get("occurred_at") is not None
        choices = _choices(data, meaning)
        return [Heard(meaning, says, _who(data), occurred, "", choices, text=str(text), undated=undated)]


def _who(data: Mapping[str, Any]) -> tuple[Who, ...]:
    who = []
    for kind in KINDS:
        given = data.get(kind)
        if isinstance(given, dict):
            who.append(Who(kind, str(given.get("value", "")), str(given.get("namespace", ""))))
        elif given:
            who.append(Who(kind, str(given)))
    if not who:
        raise Unreadable(f"name the person: {', '.join(KINDS)}")
    return tuple(who)


def _choices(data: Mapping[str, Any], meaning: Meaning) -> tuple[tuple[str, str, bool], ...]:
    category = data.get("category")
    if meaning not in {Meaning.OPT_OUT, Meaning.OPT_IN} or not category:
        return ()
    return ((str(category), str(data.get("channel", "*")), meaning == Meaning.OPT_IN),)


def _moment(data: Mapping[str, Any], *, needed: bool) -> datetime | None:
    """None where there is none, or none to be read: what takes away then counts from when it came in (R2).

    `needed`: a date that cannot be read may be older than a no. Raises Unreadable.
    """
    said = data.get("occurred_at")
    if said is None:
        return None
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None:
        return moment
    if needed:
        raise Unreadable("occurred_at: an instant with its offset, 2026-05-01T09:30:00Z")
    return None
