"""A history lived in a small world: done to Heed and at the vendors, and written into the notebook."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from destinations import delivery, marking, sending
from destinations.connectors import CONNECTORS
from destinations.models import Destination
from preferences import services
from preferences.services import Choice
from preferences.terms import RevisionKind, State
from tests.days import Days
from tests.journeys.oracle import Truth
from tests.preferences import acts, notebook
from tests.preferences.acts import PEOPLE, PHONES, people
from tests.preferences.histories import History
from tests.preferences.resolver_people import addresses
from tests.world import GROUPS, MRN_SYSTEM, World

EMAILS = (*acts.EMAILS, "three@example.org")
STRAY = "stray@example.org"  # nobody's
BY_EMAIL = ("marketing_emails", "appointment_reminders", "patient_surveys", "care_follow_ups")
FLAGS = ("HasOptedOutOfEmail", "DoNotCall")
MAPPED = (
    ("sendgrid", "groups.marketing_emails"),
    ("sendgrid", "groups.patient_surveys"),
    ("salesforce", "Marketing_Emails_Email_Opt_Out__c"),
    ("salesforce", "DoNotCall"),
)
systems = st.sampled_from(["sendgrid", "salesforce", "fhir", "webhook"])
faults = st.sampled_from(
    [
        {"status": 503, "rate": 0.6},
        {"status": 500, "apply": True, "rate": 0.6},
        {"status": 429, "retry_after": 1, "times": 3},
        {"partial": True, "times": 3},
        {"status": 503},
    ]
)
engine = st.one_of(
    st.just(("drain",)),
    st.tuples(st.just("faults"), systems, faults),
    st.tuples(st.just("kill"), systems, st.booleans()),
    st.just(("heal",)),
    st.tuples(st.just("waits"), st.sampled_from([1, 4, 31])),
)
elsewhere = st.one_of(
    st.tuples(st.just("signs_in"), people, st.sampled_from(EMAILS), st.sampled_from(PHONES)),
    st.tuples(st.just("unsubscribes"), st.sampled_from([*EMAILS, STRAY]), st.sampled_from(BY_EMAIL)),
    st.tuples(st.just("vendor_list"), st.sampled_from(EMAILS), st.sampled_from(BY_EMAIL)),
    st.tuples(st.just("by_hand"), people, st.sampled_from(FLAGS)),
    st.tuples(st.just("maps"), st.sampled_from(MAPPED)),
)

pauses = st.tuples(people, st.sampled_from(acts.MESSAGES)).map(
    lambda of: [("pauses", *of, 3), ("drain",), ("waits", 4)]
)


def scripts(*, most: int) -> st.SearchStrategy[list[acts.Act]]:
    """Up to so many passages of what people say and do, each with what the engine goes through after it."""
    passage = st.tuples(
        st.one_of(acts.passages, pauses, elsewhere.map(lambda act: [act])), st.lists(engine, max_size=2)
    )
    told = st.lists(passage, min_size=2, max_size=most)
    return told.map(lambda parts: [act for said, then in parts for act in (*said, *then)])


@dataclass
class Life(History):
    """One history under way, with the vendors' own sides of it."""

    world: World = field(kw_only=True)
    days: Days = field(kw_only=True)
    killed: set[str] = field(default_factory=set)  # systems whose worker was
    untold: set[tuple[str, str]] = field(default_factory=set)  # rows that staff took out of a mapper
    # What somebody refused at a vendor itself: (email or number, category or flag) -> when.
    planted: dict[tuple[str | int, str], datetime] = field(default_factory=dict)

    def begin(self) -> None:
        """The EHR and the CRM know three people."""
        for mrn in map(str, range(PEOPLE)):
            self.world.plant("salesforce", Contact=[{"LastName": mrn, "MRN__c": mrn}])
            number = {"system": MRN_SYSTEM, "value": mrn}
            self.world.plant("fhir", Patient=[{"id": f"p{mrn}", "identifier": [number]}])
        self.now = timezone.now()
        super().begin()
        self.world.drain()

    def next_moment(self) -> datetime:
        return timezone.now()

    def truth(self) -> Truth:
        return Truth(self.facts, timezone.now())

    # --- what is said elsewhere ---

    def moves(self, person: int, source: str, address: tuple[str, str], verified: bool) -> None:
        self._know(person, "patient_portal" if verified else source, (address,))

    def signs_in(self, person: int, email: str, phone: str) -> None:
        """At the portal, where addresses are verified."""
        self._know(person, "patient_portal", (("email", email), ("phone", phone)))

    def unsubscribes(self, email: str, category: str) -> None:
        """The CRM says that somebody at this address is out; whoever that is (R10)."""
        address, truth = ("email", email), self.truth()
        holders = truth.holders(address)
        alone = [
            each for one in holders for each in truth.one(one) if address in addresses(self.facts, {each})
        ]
        if len(holders) == 1 and len(alone) != 1:
            return  # two who are one have it, or only an order names it: who is meant is open
        self.world.identifies("crm", [Choice(category, "email", State.OUT)], occurred=self.now, email=email)
        if len(holders) == 1:
            no = ((category, "email", False),)
            self.note(notebook.Known, person=alone[0], source="crm", addresses=(address,))
            self.note(notebook.Chose, person=alone[0], choices=no, occurred=self.now, own_word=False)
        else:
            self.note(
                notebook.Restricted,
                kind="suppressed",
                address=address,
                category=category,
                is_set=True,
                occurred=self.now,
            )

    def vendor_list(self, email: str, category: str) -> None:
        """Somebody unsubscribes at SendGrid itself."""
        if category not in self.world.suppressed(email):
            self.world.plant("sendgrid", suppressed=[{"email": email, "group": GROUPS[category]}])
            self.planted[email, category] = timezone.now()

    def by_hand(self, person: int, flag: str) -> None:
        """Somebody sets a flag in Salesforce itself."""
        contact = self.world.contact(str(person))
        if not contact[flag]:
            self.world.plant("salesforce", Contact=[{"Id": contact["Id"], flag: True}])
            self.planted[person, flag] = timezone.now()

    def maps(self, row: tuple[str, str]) -> None:
        """Staff take a row out of what a system is told, or put it back."""
        (system, _), untold = row, self.untold ^ {row}
        rows = [each for each in CONNECTORS[system].rows if (system, each["target"]) not in untold]
        services.publish(
            kind=RevisionKind.MAPPER,
            key=system,
            body={"connector": system, "rows": [dict(each) for each in rows]},
            author="ruth",
            approved_by="anna",
            reason="as it must be",
        )
        self.untold = untold

    # --- what the engine goes through ---

    def drain(self) -> None:
        self.world.later()
        self.world.drain()

    def heal(self) -> None:
        self.world.heal()

    def faults(self, system: str, fault: dict[str, Any]) -> None:
        self.world.faults(system, **fault)

    def waits(self, days: int) -> None:
        self.days.go_by(days)

    def kill(self, system: str, after_the_call: bool) -> None:
        """A worker takes its turn and is killed before it settles: before its calls, or after them."""
        while marking.mark(timezone.now()):
            pass
        self.killed.add(system)
        turn = delivery.take(Destination.objects.get(slug=system).pk, 50)
        if turn and after_the_call and turn.batch:
            sending.send(turn)


def lived(world: World, days: Days, script: Iterable[acts.Act]) -> Life:
    """All of it, and as much time as the systems need."""
    life = Life(world=world, days=days)
    life.begin()
    for act in script:
        life.does(*act)
    world.quiet()
    return life
