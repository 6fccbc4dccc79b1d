"""Random policies, people and events, small enough that rules meet them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.governance.reference import Event, System

Body = dict[str, Any]
MESSAGES = {"news": ("email",), "reminders": ("email", "sms"), "surveys": ("sms", "phone")}
USES = ("sharing", "sensitive")
GONE = "was_retired"  # a category that nobody's facts have any more
NAMES = ("booked", "viewed", "clicked")
PATHS = ("value", "clinic", "user.ip", "unlisted")
PLACES = ("US-WA", "US-CA", "US-NV")
PURPOSES = ("marketing", "advertising", "appointments")
SYSTEMS = tuple(
    System(f"{purpose}-{agreed}", purpose, agreed) for purpose in PURPOSES for agreed in (False, True)
)
SCALARS = st.sampled_from(["A", "a ", "42", 42, 42.0, True, "TRUE", "ß", "SS"])


def some(values: Any) -> SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


def consents() -> SearchStrategy[Body]:
    said = st.sampled_from(["opted_out", "opted_in", "never_asked"])
    of_messages = st.sampled_from([(each, MESSAGES[each]) for each in MESSAGES]).flatmap(
        lambda each: st.tuples(st.just(each[0]), st.sampled_from(["any", "every", *each[1]]))
    )
    ways = st.one_of(
        of_messages,
        st.tuples(st.sampled_from(USES), st.just("")),
        st.tuples(st.just("own"), st.sampled_from(["any", "every"])),
        st.tuples(st.just("reminders"), st.just("push")),  # no longer sent that way
        st.tuples(st.just(GONE), st.just("any")),
    )
    return st.builds(
        lambda way, is_: {"kind": "consent", "category": way[0], "on": way[1], "is": is_}, ways, said
    )


def properties() -> SearchStrategy[Body]:
    return st.one_of(
        st.builds(
            lambda path, value: {"kind": "property", "path": path, "op": "equals", "value": value},
            st.sampled_from(PATHS),
            SCALARS,
        ),
        st.builds(
            lambda path, values: {"kind": "property", "path": path, "op": "one_of", "values": values},
            st.sampled_from(PATHS),
            st.lists(SCALARS, min_size=1, max_size=3),
        ),
        st.builds(lambda path: {"kind": "property", "path": path, "op": "present"}, st.sampled_from(PATHS)),
    )


def conditions() -> SearchStrategy[Body]:
    return st.one_of(
        consents(),
        consents(),
        properties(),
        st.builds(lambda places: {"kind": "jurisdiction", "in": places}, some(PLACES)),
        st.builds(
            lambda kinds: {"kind": "restriction", "present": kinds}, some(["stop", "order", "deceased"])
        ),
        st.builds(lambda names: {"kind": "event", "in": names}, some(NAMES)),
        st.builds(
            lambda kind: {"kind": "class", "carries": kind},
            st.sampled_from(["plain", "identifier", "health"]),
        ),
    )


def redactions() -> SearchStrategy[Body]:
    of = st.one_of(
        st.builds(lambda path: {"property": path}, st.sampled_from(PATHS)),
        st.builds(lambda kind: {"class": kind}, st.sampled_from(["identifier", "health"])),
    )
    how = st.one_of(
        st.sampled_from([{"how": each} for each in ("drop", "hash", "place", "date", "domain")]),
        st.builds(lambda keep: {"how": "truncate", "keep": keep}, st.integers(1, 5)),
    )
    return st.builds(lambda one, other: {**one, **other}, of, how)


def effects() -> SearchStrategy[Body]:
    return st.one_of(
        st.just({"effect": "block"}),
        st.just({"effect": "allow"}),
        st.builds(
            lambda each: {"effect": "redact", "redactions": each},
            st.lists(redactions(), min_size=1, max_size=3),
        ),
    )


def rules() -> SearchStrategy[Body]:
    reach = st.one_of(
        st.builds(lambda purposes: {"purposes": purposes, "destinations": []}, some([*PURPOSES, "*"])),
        st.builds(
            lambda slug: {"purposes": [], "destinations": [slug]}, st.sampled_from([s.slug for s in SYSTEMS])
        ),
    )
    return st.builds(
        lambda when, then, on, for_: {"name": "A rule", "on": on, "when": when, "then": then, "for": for_},
        st.lists(conditions(), max_size=3),
        effects(),
        st.sampled_from([True, True, True, False]),
        reach,
    )


def policies(most: int = 8) -> SearchStrategy[Body]:
    return st.builds(
        lambda each, stances: {
            "rules": [{"id": f"r{n}", **rule} for n, rule in enumerate(each)],
            "stances": stances,
        },
        st.lists(rules(), max_size=most),
        st.dictionaries(st.sampled_from(PURPOSES), st.sampled_from(["block", "allow"])),
    )


def people() -> SearchStrategy[Body]:
    words = st.sampled_from(["+i", "-o", "+n", "-n", "-i", "+o"])
    offered = {
        category: st.fixed_dictionaries(dict.fromkeys(ways, words)) for category, ways in MESSAGES.items()
    }
    used = {category: st.fixed_dictionaries({"": words}) for category in USES}
    return st.fixed_dictionaries(
        {
            "consents": st.fixed_dictionaries({**offered, **used}),
            "jurisdictions": st.lists(st.sampled_from(["", *PLACES]), max_size=2, unique=True),
            "restrictions": st.lists(st.sampled_from(["stop", "order"]), max_size=2, unique=True),
        }
    )


def events() -> SearchStrategy[Event]:
    listed = [path for path in PATHS if path != "unlisted"]
    return st.builds(
        Event,
        st.sampled_from(NAMES),
        st.sampled_from([False, False, True]),
        st.lists(st.sampled_from([*MESSAGES, "sharing", GONE]), max_size=2, unique=True),
        st.fixed_dictionaries({path: st.sampled_from(["plain", "identifier", "health"]) for path in listed}),
        st.dictionaries(
            st.sampled_from(PATHS), st.one_of(SCALARS, st.lists(SCALARS, min_size=1, max_size=2))
        ),
    )
