"""What may happen in a history: single acts, and some in a row that chance alone seldom brings about."""

from typing import Any

from hypothesis import strategies as st

EMAILS = ("one@example.org", "two@example.org")
PHONES = ("+12025550101", "+12025550102")
ADDRESSES = [*(("email", each) for each in EMAILS), *(("phone", each) for each in PHONES)]
MESSAGES = ("marketing_emails", "patient_surveys", "phone_outreach")
CATEGORIES = (*MESSAGES, "sale_or_sharing", "sensitive_data")
CELLS = [
    ("marketing_emails", "email"),
    ("patient_surveys", "email"),
    ("patient_surveys", "sms"),
    ("phone_outreach", "phone"),
    ("phone_outreach", "sms"),
    ("sale_or_sharing", ""),
    ("sensitive_data", ""),
]
PEOPLE = 3
LAST = -1  # of the entries that may be voided
Act = tuple[Any, ...]

people = st.integers(0, PEOPLE - 1)
back = st.integers(0, 12)  # steps of three hours before it was recorded
acts: st.SearchStrategy[Act] = st.one_of(
    st.tuples(
        st.just("chooses"),
        people,
        st.lists(
            st.tuples(
                st.sampled_from([*CATEGORIES, "*"]),
                st.sampled_from(["email", "sms", "phone", "*"]),
                st.booleans(),
            ),
            min_size=1,
            max_size=2,
        ),
        back,
        st.sampled_from(["page", "page second step", "page notice", "page despite", "system", "proxy"]),
    ),
    st.tuples(st.just("signals"), people),
    st.tuples(
        st.just("restricts"),
        st.sampled_from(["stop", "do_not_call", "suppressed"]),
        st.sampled_from(ADDRESSES),
        st.sampled_from([*CATEGORIES, "*"]),
        st.booleans(),
        back,
    ),
    st.tuples(st.just("pauses"), people, st.sampled_from(MESSAGES), st.sampled_from([None, 1, 3, 30])),
    st.tuples(
        st.just("orders"),
        people,
        st.lists(
            st.sampled_from(
                [
                    ("sms", ("phone", PHONES[0])),
                    ("phone", ("phone", PHONES[1])),
                    ("email", ("email", EMAILS[0])),
                    ("mail", ("", "")),
                ]
            ),
            max_size=2,
            unique=True,
        ),
    ),
    st.tuples(st.just("dies"), people, st.booleans()),
    st.tuples(
        st.just("grants"),
        people,
        people,
        st.integers(-4, 4),
        st.integers(1, 12),
        st.lists(st.sampled_from(["*", *CATEGORIES]), min_size=1, max_size=2, unique=True),
    ),
    st.tuples(st.just("revokes")),
    st.tuples(st.just("merges"), people, people),
    st.tuples(st.just("parts"), people),
    st.tuples(st.just("switches_links_off"), people),
    st.tuples(st.just("voids"), st.integers(0, 30)),
    st.tuples(
        st.just("moves"),
        people,
        st.sampled_from(["ehr", "crm", "staff"]),
        st.sampled_from(ADDRESSES),
        st.booleans(),
    ),
    st.tuples(
        st.just("publishes"),
        st.sampled_from(["required", "retired", "default", "remove", "add"]),
        st.sampled_from(["marketing_emails", "patient_surveys"]),
        st.booleans(),
    ),
)

no = st.tuples(st.sampled_from(["*", *MESSAGES]), st.sampled_from(["email", "sms", "*"]), st.just(False))


@st.composite
def parted(draw: st.DrawFn) -> list[Act]:
    """Two people are one for a while, and somebody says no meanwhile."""
    survivor, other = draw(st.permutations(range(PEOPLE)))[:2]
    says_no = ("chooses", draw(st.sampled_from([survivor, other])), [draw(no)], 0, "page")
    meanwhile = draw(st.lists(acts, max_size=1))
    return [("merges", survivor, other), says_no, *meanwhile, ("parts", other)]


@st.composite
def granted_in_error(draw: st.DrawFn) -> list[Act]:
    """Somebody chooses for another, by a grant that is voided afterwards."""
    person, steps = draw(people), draw(st.integers(0, 4))
    proxy = (person + 1) % PEOPLE
    category, channel = draw(st.sampled_from([cell for cell in CELLS if cell[0] == "patient_surveys"]))
    chosen = [(category, draw(st.sampled_from([channel, "*"])), draw(st.booleans()))]
    return [
        ("grants", person, proxy, -2, 12, [draw(st.sampled_from(["*", category]))]),
        ("chooses", person, chosen, steps, "proxy"),
        ("voids", LAST),
    ]


alone = acts.map(lambda act: [act])
passages = st.one_of(alone, alone, parted(), granted_in_error())


@st.composite
def scripts(draw: st.DrawFn, *, most: int) -> list[Act]:
    """Up to so many acts, and somewhere among them two people who part and a grant that is voided."""
    parts = [*draw(st.lists(alone, max_size=most)), draw(parted()), draw(granted_in_error())]
    return [act for part in draw(st.permutations(parts)) for act in part]
