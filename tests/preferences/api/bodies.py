"""Any JSON at all, and JSON that is nearly right: what fuzzing sends."""

from hypothesis import strategies as st

from preferences.terms import Channel

SLUGS = ["marketing_emails", "appointment_reminders", "sale_or_sharing", "*", "nothing", "", "a:b", "a-b<c"]
CHANNELS = [*Channel.values, "*", "", "-", "pigeon"]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text("\x00\ud800\U0001f600|:*\n\\\"' a", max_size=8)
    | st.sampled_from(
        ["pat@example.org", "+12025550143", "u1", "2026-05-01", "2026-05-01T09:30:00Z", "page@1"]
    )
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def either(right):
    """Mostly as it should be, now and then anything."""
    return st.one_of(right, right, right, anything)


def some(**parts):
    """An object with some of these."""
    return st.fixed_dictionaries({}, optional=parts)


number = either(st.sampled_from(["u1", "u2", "00123"]))
address = either(st.sampled_from(["pat@example.org", "Kim@example.org", "+12025550143", "nonsense"]))
spoken = either(st.booleans() | st.none())
channels = st.dictionaries(st.sampled_from(CHANNELS), spoken, max_size=3)
preferences = either(st.dictionaries(st.sampled_from(SLUGS), spoken | channels, max_size=4))
moment = either(st.datetimes().map(lambda each: each.isoformat()) | st.dates().map(str))
traits = either(
    some(
        email=address,
        phone=address,
        mrn=number | some(value=number, authority=number),
        jurisdiction=either(st.sampled_from(["US-CA", "us-wa"])),
        language=either(st.sampled_from(["en", "es-MX"])),
        preferences=preferences,
    )
)
consent = either(some(categoryPreferences=preferences, notice=anything, evidence=anything))
calls = either(
    some(
        type=either(st.just("identify")),
        userId=number,
        anonymousId=number,
        messageId=number,
        timestamp=moment,
        originalTimestamp=moment,
        sentAt=moment,
        traits=traits,
        context=either(some(traits=traits, consent=consent)),
    )
)
batches = either(some(batch=either(st.lists(calls, max_size=5)), sentAt=moment, context=anything))
recipient = either(
    some(
        email=address,
        phone=address,
        mrn=number,
        external_id=number | some(value=number, source=number),
        profile=anything,
        to=either(some(email=address, phone=address)),
    )
)
decisions = either(
    some(
        category=either(st.sampled_from(SLUGS)),
        channel=either(st.sampled_from(CHANNELS)),
        recipients=either(st.lists(recipient, max_size=4)),
        at=st.none(),
    )
)
searches = either(
    some(email=address, phone=address, mrn=number, external_id=number, limit=anything, cursor=anything)
)
