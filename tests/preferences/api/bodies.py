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
    return st.integers(0, 24).flatmap(lambda chance: right if chance else anything)


def some(**parts):
    """An object with some of these; those whose name ends in `_` are always there."""
    always = {name.removesuffix("_"): part for name, part in parts.items() if name.endswith("_")}
    return st.fixed_dictionaries(always, optional={name: parts[name] for name in parts if name[-1] != "_"})


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
        type_=either(st.just("identify")),
        userId_=number,
        anonymousId=number,
        messageId=number,
        timestamp=moment,
        originalTimestamp=moment,
        sentAt=moment,
        traits=traits,
        context=either(some(traits=traits, consent=consent)),
    )
)
batches = either(some(batch_=either(st.lists(calls, max_size=5)), sentAt=moment, context=anything))
to = either(some(email=address) | some(phone=address))
recipient = either(
    some(email_=address, to=to)
    | some(phone_=address, to=to)
    | some(mrn_=number, to=to)
    | some(external_id_=number | some(value_=number, source=number), to=to)
    | some(profile_=anything, to=to)
    | some(email=address, phone=address, profile=anything)
)
decisions = either(
    some(
        category_=either(st.sampled_from([*["appointment_reminders", "sale_or_sharing"] * 5, *SLUGS])),
        channel_=either(st.sampled_from([*["sms", ""] * 5, *CHANNELS])),
        recipients_=either(st.lists(recipient, max_size=4)),
        at=st.none(),
    )
)
searches = either(
    some(email_=address, limit=anything, cursor=anything)
    | some(phone_=address)
    | some(mrn_=number)
    | some(external_id_=number)
    | some(email=address, phone=address)
)
