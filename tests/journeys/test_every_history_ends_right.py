"""Random histories, random faults and kills, then quiet: every system says what it must, and no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from destinations import delivery, marking, sending
from destinations.models import Destination, Propagation
from destinations.sandbox import Sandbox
from preferences.models import Profile
from preferences.selectors import decide
from preferences.services import Choice
from preferences.terms import State
from tests.journeys.oracle import OFFERS, Heard, Life
from tests.world import GROUPS, MRN_SYSTEM, World, connect

PEOPLE = ("RH1", "RH2", "RH3")
EMAILS = ("one@example.org", "two@example.org", "three@example.org")
PHONES = ("+12025550101", "+12025550102")
BY_EMAIL = ("marketing_emails", "appointment_reminders", "patient_surveys", "care_follow_ups")
CELLS = [(category, channel) for category, channels in OFFERS.items() for channel in channels]
LONG_AGO = 1_600_000_000

person = st.sampled_from(PEOPLE)
age = st.sampled_from([0, 0, 0, 1, 5, 40])  # days before it is recorded
cell = st.sampled_from([*CELLS, *((category, "*") for category in OFFERS), ("*", "*"), ("*", "email")])
acts = st.one_of(
    st.tuples(
        st.just("chooses"), person, st.lists(st.tuples(cell, st.booleans()), min_size=1, max_size=2), age
    ),
    st.tuples(
        st.just("chooses"), person, st.lists(st.tuples(cell, st.just(False)), min_size=1, max_size=1), age
    ),
    st.tuples(st.just("moves"), person, st.sampled_from(EMAILS), st.sampled_from(PHONES), st.booleans()),
    st.tuples(st.just("texts_stop"), st.sampled_from(PHONES)),
    st.tuples(
        st.just("unsubscribes"), st.sampled_from([*EMAILS, "stray@example.org"]), st.sampled_from(BY_EMAIL)
    ),
    st.tuples(st.just("vendor_list"), st.sampled_from(EMAILS), st.sampled_from(BY_EMAIL)),
    st.tuples(st.just("by_hand"), person, st.sampled_from(["HasOptedOutOfEmail", "DoNotCall"])),
    st.tuples(
        st.just("faults"),
        st.sampled_from(["sendgrid", "salesforce", "fhir", "webhook"]),
        st.sampled_from(
            [
                {"status": 503, "rate": 0.6},
                {"status": 500, "apply": True, "rate": 0.6},
                {"status": 429, "retry_after": 1, "times": 3},
                {"partial": True, "times": 3},
                {"status": 503},
            ]
        ),
    ),
    st.tuples(st.just("kill"), st.sampled_from(["sendgrid", "salesforce", "fhir", "webhook"]), st.booleans()),
    st.just(("drain",)),
    st.just(("drain",)),
    st.just(("heal",)),
)


@contextmanager
def rolled_back() -> Iterator[None]:
    """One example's database is no other's."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class History:
    """Does each act in the real world, and writes it into the notebook."""

    def __init__(self, world: World) -> None:
        self.world, self.life = world, Life()
        self.ids: dict[str, Any] = {}
        self.killed: set[str] = set()
        self._by_source: dict[tuple[str, str], set[str]] = {}
        self.now = timezone.now()
        for number, mrn in enumerate(PEOPLE):
            world.plant("salesforce", Contact=[{"LastName": mrn, "MRN__c": mrn}])
            world.plant(
                "fhir", Patient=[{"id": f"p{number}", "identifier": [{"system": MRN_SYSTEM, "value": mrn}]}]
            )
            self.moves(mrn, EMAILS[min(number, 1)], PHONES[0], verified=False)
        world.drain()

    def play(self, act: tuple[Any, ...]) -> None:
        getattr(self, act[0])(*act[1:])

    def chooses(self, who: str, said: list[tuple[tuple[str, str], bool]], days: int) -> None:
        # The page is the person's own word; what needs a notice too does not count as an opt-in there.
        spoken = dict(said)
        choices = [Choice(*where, State.IN if opts_in else State.OUT) for where, opts_in in spoken.items()]
        at = timezone.now() - timedelta(days=days)
        self.world.chooses(self.ids[who], *choices, occurred=at)
        self._hears(who, spoken, at)

    def _hears(self, who: str, spoken: dict[tuple[str, str], bool], at: datetime) -> None:
        narrow_ins = [where for where, opts_in in spoken.items() if opts_in and where[0] != "phone_outreach"]
        for (category, channel), opts_in in spoken.items():
            if not opts_in:
                exceptions = [
                    each
                    for each in narrow_ins
                    if Heard(who, *each, True, at).narrower_than(Heard(who, category, channel, False, at))
                ]
                self._hears_out(who, category, channel, at, exceptions)
                continue
            if category != "phone_outreach":
                self.life.heard.append(Heard(who, category, channel, True, at))

    def _hears_out(
        self, who: str, category: str, channel: str, at: datetime, exceptions: list[tuple[str, str]]
    ) -> None:
        """Inside one change the more specific entry wins: the wildcard is then no more than the rest."""
        if not exceptions:
            self.life.heard.append(Heard(who, category, channel, False, at))
            return
        for each, offered in CELLS:
            covered = Heard(who, category, channel, False, at).covers(each, offered)
            spared = any(
                exc in ("*", each) and chan in ("*", offered)
                for exc, chan in exceptions
                if each != "phone_outreach"
            )
            if covered and not spared:
                self.life.heard.append(Heard(who, each, offered, False, at))

    def moves(self, who: str, email: str, phone: str, verified: bool) -> None:
        source = "patient_portal" if verified else "ehr"
        outcome = self.world.registers(source, mrn=who, email=email, phone=phone)
        self.ids[who] = outcome.profile_id
        now, life = timezone.now(), self.life
        mine = self._by_source.setdefault((who, source), set())
        gone = mine - {email, phone}
        self._by_source[who, source] = {email, phone}
        still = {each for (one, _), held in self._by_source.items() if one == who for each in held}
        life.has[who] = still
        for address in gone - still:
            life.had.setdefault(who, {})[address] = now
        if verified:
            for address in {email, phone} - mine:
                life.verified[who, address] = now

    def texts_stop(self, phone: str) -> None:
        self.world.texts_stop(phone)
        self.life.stopped.add(phone)

    def unsubscribes(self, email: str, category: str) -> None:
        """The CRM says that somebody at this address is out; whoever that is."""
        at = timezone.now()
        self.world.identifies("crm", [Choice(category, "email", State.OUT)], occurred=at, email=email)
        holders = self.life.holders(email)
        if len(holders) == 1:
            [who] = holders
            self.life.heard.append(Heard(who, category, "email", False, at))
            self._by_source[who, "crm"] = {email}
            former = self.life.has[who]
            self.life.has[who] = former | {email}
        else:
            self.life.kept.append((email, category))

    def vendor_list(self, email: str, category: str) -> None:
        """Somebody unsubscribes at SendGrid itself."""
        if (email, category) not in self.life.planted and category not in self.world.suppressed(email):
            self.world.plant("sendgrid", suppressed=[{"email": email, "group": GROUPS[category]}])
            self.life.planted[email, category] = timezone.now()

    def by_hand(self, who: str, flag: str) -> None:
        """Somebody sets a flag in Salesforce itself."""
        contact = self.world.contact(who)
        if not contact[flag]:
            self.world.plant("salesforce", Contact=[{"Id": contact["Id"], flag: True}])
            self.life.planted[who, flag] = timezone.now()

    def faults(self, system: str, fault: dict[str, Any]) -> None:
        self.world.faults(system, **fault)

    def heal(self) -> None:
        self.world.heal()

    def drain(self) -> None:
        self.world.later()
        self.world.drain()

    def kill(self, system: str, after_the_call: bool) -> None:
        """A worker takes its turn and is killed before it settles: before its calls, or after them."""
        while marking.mark(timezone.now()):
            pass
        self.killed.add(system)
        turn = delivery.take(Destination.objects.get(slug=system).pk, 50)
        if turn and after_the_call and turn.batch:
            sending.send(turn)

    # --- the end ---

    def check(self) -> None:
        for email in (*EMAILS, "stray@example.org"):
            for category in BY_EMAIL:
                self._check_list(email, category)
        for who in PEOPLE:
            self._check_person(who)

    def _check_list(self, email: str, category: str) -> None:
        suppressed = category in self.world.suppressed(email)
        if self.life.denied_at(email, category, "email"):
            assert suppressed, f"SendGrid would send {category} to {email}"
        elif (email, category) in self.life.planted:
            if not suppressed:
                planted = self.life.planted[email, category]
                yes = [self.life.agreed_at(who, category, "email") for who in self.life.holders(email)]
                assert any(moment and moment > planted for moment in yes), f"{email} was re-subscribed"
        else:
            kept = suppressed and not self._put_before_staff("sendgrid")
            assert not kept, f"SendGrid still suppresses {email} for {category}"

    def _check_person(self, who: str) -> None:
        contact, consents = self.world.contact(who), self.world.consents(who)
        told = self.world.snapshot(mrn=who)["preferences"]
        for category, channel in CELLS:
            denied = self.life.denied(who, category, channel)
            field = f"{category.title()}_{channel.title()}_Opt_Out__c"
            if contact[field] is not denied:
                assert not denied, f"Salesforce would reach {who} by {category} {channel}"
                assert self._put_before_staff("salesforce"), f"Salesforce: {field} of {who}"
            if denied:
                assert not told[category][channel]["allowed"], f"webhook: {category} {channel}"
                assert consents[category] == "active deny", f"FHIR: {category}"
            decided = decide(self.ids[who], category, channel)
            assert told[category][channel]["allowed"] is decided.allowed
            assert not (denied and decided.allowed)
        for flag, channel in (("HasOptedOutOfEmail", "email"), ("DoNotCall", "phone")):
            self._check_flag(who, flag, channel, contact[flag])

    def _check_flag(self, who: str, flag: str, channel: str, stands: bool) -> None:
        cells = [(category, channel) for category, channels in OFFERS.items() if channel in channels]
        if all(self.life.denied(who, *each) for each in cells):
            assert stands, f"{flag} of {who} should stand"
        elif (who, flag) in self.life.planted:
            if not stands:
                yes = [self.life.agreed_at(who, *each) for each in cells]
                planted = self.life.planted[who, flag]
                assert any(moment and moment > planted for moment in yes), f"{flag} of {who} was lifted"
        elif stands and not any(self.life.denied(who, *each) for each in cells):
            assert self._put_before_staff("salesforce"), f"{flag} of {who} stands for nothing"

    def _put_before_staff(self, system: str) -> bool:
        """A denial whose reason has ended stays only where a killed worker left nobody sure whose it is."""
        asks = Propagation.objects.filter(destination__slug=system, state="stuck", reason="needs_person")
        return system in self.killed and asks.exists()


def run(four_systems: dict[str, Sandbox], history: list[tuple[Any, ...]]) -> None:
    django_settings.HEED_PRIVATE_HOSTS = {}
    for sandbox in four_systems.values():
        requests.delete(f"{sandbox.url}/_faults", timeout=5)
        requests.post(f"{sandbox.url}/_reset", timeout=5)
    with rolled_back():
        life = History(connect(four_systems))
        for act in history:
            note(str(act))
            life.play(act)
        life.world.quiet()
        assert Profile.objects.count() == len(PEOPLE)
        life.check()


SHORT = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
# Shrinking a failure of the long run would take longer than reading it.
LONG = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)


@pytest.mark.django_db
@SHORT
@given(history=st.lists(acts, min_size=3, max_size=14))
def test_every_short_history_ends_right(four_systems, history):
    run(four_systems, history)


@pytest.mark.soak
@pytest.mark.django_db
@LONG
@given(history=st.lists(acts, min_size=5, max_size=40))
def test_every_history_ends_right(four_systems, history):
    run(four_systems, history)


def test_the_notebook_is_not_empty_talk():
    """The oracle itself says no where somebody said no, and yes to nothing else."""
    life = Life(heard=[Heard("RH1", "*", "*", False, datetime(2026, 1, 1, tzinfo=UTC))])
    assert life.refuses("RH1", "care_follow_ups", "mail")
    assert not life.refuses("RH2", "care_follow_ups", "mail")
