"""Random histories, done to Heed and written into a notebook at once."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from preferences import catalogue, clock, identity, services
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.models import Change, Profile, ProxyGrant, Revision, Source
from preferences.selectors import Decision, decide_many
from preferences.selectors import Question as Asked
from preferences.services import Allowed, Call, Choice, Said
from preferences.terms import Actor, IdentifierKind, Relation, RestrictionKind, RevisionKind, State, Verified
from tests.factories import SaidFactory, SourceFactory
from tests.preferences import notebook
from tests.preferences.acts import CELLS, EMAILS, PEOPLE, PHONES
from tests.preferences.notebook import Fact

START = datetime(2026, 2, 1, 12, tzinfo=UTC)
STEP = timedelta(hours=7)


@dataclass
class History:
    """One history under way: Heed on one side, the notebook on the other."""

    facts: list[Fact] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)
    changes: dict[int, int] = field(default_factory=dict)  # fact -> the ledger entry it became, if one
    now: datetime = START

    def begin(self) -> None:
        """Three people whom the record system knows; two share an email."""
        for number, (email, phone) in enumerate(
            [(EMAILS[0], PHONES[0]), (EMAILS[0], ""), (EMAILS[1], PHONES[1])]
        ):
            addresses = tuple(each for each in (("email", email), ("phone", phone)) if each[1])
            self._know(number, "ehr", addresses, jurisdiction=("US-CA", "", "US-WA")[number])

    def does(self, act: str, *what: Any) -> None:
        """One act, some time after the last; what Heed refuses is written nowhere."""
        self.now = self.next_moment()
        catalogue.catalogue_at.cache_clear()
        with clock.at(self.now), contextlib.suppress(Malformed):
            getattr(self, act)(*what)

    def next_moment(self) -> datetime:
        return self.now + STEP

    def note(self, of: type[Fact], change: int | None = None, **facts: Any) -> None:
        if change:
            self.changes[len(self.facts)] = change
        self.facts.append(of(number=len(self.facts), recorded=self.now, **facts))

    # --- what is done ---

    def chooses(self, person: int, said: list[tuple[str, str, bool]], steps: int, how: str) -> None:
        occurred = self.now - steps * timedelta(hours=3)
        wording = services.notice_shown(key="wording", body={"text": "We may call you."}).pk
        choices = tuple((category, _channel(category, channel), yes) for category, channel, yes in said)
        asked = [Choice(category, channel, _state(yes)) for category, channel, yes in choices]
        proxy = (person + 1) % PEOPLE if how == "proxy" else None
        if proxy is not None:
            services.record_by_proxy(
                profile_id=self.people[person],
                proxy_id=self.people[proxy],
                choices=asked,
                said=_page(occurred),
            )
            change = None
        else:
            change = services.record(
                profile_id=self.people[person], choices=asked, said=_said(how, occurred, wording)
            ).change
        self.note(
            notebook.Chose,
            change,
            person=person,
            choices=choices,
            occurred=occurred,
            own_word=how != "system",
            notice="notice" in how,
            second_step="second step" in how or "despite" in how,
            proxy=proxy,
            despite="despite" in how,
        )

    def signals(self, person: int) -> None:
        recorded = services.signal(profile_id=self.people[person], kind="gpc", said=_page(self.now))
        self.note(notebook.Signalled, recorded.change, person=person)

    def restricts(self, kind: str, address: tuple[str, str], category: str, is_set: bool, steps: int) -> None:
        occurred = self.now - steps * timedelta(hours=3)
        how: dict[str, Any] = {
            "identifier_id": _address(*address),
            "kind": RestrictionKind(kind),
            "category": category,
            "said": SaidFactory.create(page=True, occurred=occurred, evidence={"call": "12"}),
        }
        if is_set:
            services.restrict(**how)
        else:
            services.lift(**how, from_handset=True, verified=Verified.CODE)
        change = Change.objects.latest("id").pk
        self.note(
            notebook.Restricted,
            change,
            kind=kind,
            address=address,
            category=category,
            is_set=is_set,
            occurred=occurred,
        )

    def pauses(self, person: int, category: str, days: int | None) -> None:
        until = None if days is None else self.now + timedelta(days=days)
        if until is None:
            change = services.end_pause(
                profile_id=self.people[person], category=category, said=_page(self.now)
            )
        else:
            change = services.pause(
                profile_id=self.people[person], category=category, until=until, said=_page(self.now)
            )
        self.note(notebook.Paused, change, person=person, category=category, until=until)

    def orders(self, person: int, allowed: list[tuple[str, tuple[str, str]]]) -> None:
        if not allowed:
            change = services.end_order(profile_id=self.people[person], said=_staff(self.now))
            self.note(notebook.Ordered, change, person=person, allowed=None)
            return
        ways = [
            Allowed(channel, _named(*address) if address[0] else None, "" if address[0] else "1 Elm St")
            for channel, address in allowed
        ]
        change = services.order(profile_id=self.people[person], allowed=ways, said=_staff(self.now))
        self.note(notebook.Ordered, change, person=person, allowed=tuple(allowed))

    def dies(self, person: int, died: bool) -> None:
        change = services.set_deceased(profile_id=self.people[person], deceased=died, said=_staff(self.now))
        self.note(notebook.Died, change, person=person, died=died)

    def grants(self, person: int, proxy: int, first: int, days: int, categories: list[str]) -> None:
        starts = self.now + first * timedelta(days=1)
        ends = starts + days * timedelta(days=1)
        change = services.grant_proxy(
            profile_id=self.people[person],
            proxy_id=self.people[proxy],
            relation=Relation.CAREGIVER,
            starts=starts,
            ends=ends,
            categories=categories,
            said=_staff(self.now),
        )
        self.note(
            notebook.Granted,
            change,
            person=person,
            proxy=proxy,
            starts=starts,
            ends=ends,
            categories=tuple(categories),
        )

    def revokes(self) -> None:
        grant = ProxyGrant.objects.order_by("-change").first()
        if grant is None:
            return
        change = services.revoke_proxy(grant_id=grant.pk, said=_staff(self.now))
        [made] = [number for number, pk in self.changes.items() if pk == grant.change]
        self.note(notebook.Revoked, change, grant=made)

    def merges(self, survivor: int, other: int) -> None:
        services.merge(
            survivor_id=self.people[survivor],
            other_id=self.people[other],
            said=_staff(self.now),
            reason="same person",
        )
        self.note(notebook.Merged, survivor=survivor, other=other)

    def parts(self, person: int) -> None:
        services.part(profile_id=self.people[person], said=_staff(self.now), reason="two people")
        self.note(notebook.Parted, person=person)

    def switches_links_off(self, person: int) -> None:
        pk = self.people[person]
        seen = Profile.objects.get(pk=pk).link_epoch
        services.switch_links_off(profile_id=pk, seen=seen, said=_staff(self.now), reason="went astray")
        self.note(notebook.SwitchedOff, person=person)

    def voids(self, which: int) -> None:
        voidable = sorted(self.changes)
        if not voidable:
            return
        fact = voidable[which % len(voidable)]
        services.void(change_id=self.changes[fact], said=_staff(self.now), reason="wrong patient")
        self.note(notebook.Voided, fact=fact)

    def moves(self, person: int, source: str, address: tuple[str, str], verified: bool) -> None:
        self._know(person, source, (address,), verified=verified)

    def publishes(self, act: str, slug: str, value: bool) -> None:
        last = Revision.objects.filter(kind=RevisionKind.CATEGORY, key=slug).latest("number")
        body = _altered(last.body, act, value)
        revision = services.publish(
            kind=RevisionKind.CATEGORY,
            key=slug,
            body=body,
            author="ruth",
            approved_by="anna",
            reason="as it must be",
        )
        if revision != last:
            self.note(notebook.Published, slug=slug, body=revision.body)

    def _know(
        self,
        number: int,
        source: str,
        addresses: tuple[tuple[str, str], ...],
        *,
        jurisdiction: str = "",
        verified: bool = False,
    ) -> None:
        names = [identity.named(IdentifierKind.EXTERNAL_ID, f"person-{number}", source)]
        names.append(identity.named(IdentifierKind.MRN, str(number), "main"))
        names += [_named(*address) for address in addresses]
        with clock.at(self.now):
            outcome = services.identify(
                call=Call(
                    tuple(names),
                    attributes={"jurisdiction": jurisdiction} if jurisdiction else {},
                ),
                said=SaidFactory.create(
                    source=SourceFactory.create(slug=source, speaks_for_person=False),
                    occurred=self.now,
                ),
            )
        if number == len(self.people):
            assert outcome.profile_id
            self.people.append(outcome.profile_id)
        self.note(
            notebook.Known,
            person=number,
            source=source,
            addresses=addresses,
            jurisdiction=jurisdiction,
            verified=False,
        )

    # --- what is asked ---

    def answers(self, at: datetime | None = None) -> dict[tuple[int, str, str], Decision]:
        """Every question about everybody, now or as known then."""
        catalogue.catalogue_at.cache_clear()
        moment = at or self.now
        found = {}
        with clock.at(moment if at is None else self.now):
            for category, channel in CELLS:
                asked = [Asked(pk) for pk in self.people]
                for number, decision in enumerate(decide_many(category, channel, asked, at=at)):
                    found[number, category, channel] = decision
        return found


def plain(answers: dict[tuple[int, str, str], Decision]) -> dict[tuple[int, str, str], tuple[bool, str]]:
    """Allowed or not, and why."""
    return {key: (each.allowed, each.reason.value) for key, each in answers.items()}


def _channel(category: str, channel: str) -> str:
    return "" if category in ("sale_or_sharing", "sensitive_data") else channel


def _state(yes: bool) -> State:
    return State.IN if yes else State.OUT


def _named(kind: str, value: str) -> Named:
    return identity.named(kind, value)


def _address(kind: str, value: str) -> UUID:
    [pk] = identity.find_or_make([_named(kind, value)]).values()
    return pk


def _page(occurred: datetime, **how: Any) -> Said:
    return SaidFactory.create(page=True, occurred=occurred, **how)


def _staff(occurred: datetime) -> Said:
    source = Source.objects.get(slug="staff")
    return SaidFactory.create(source=source, by=Actor.STAFF, occurred=occurred, who="ruth")


def _said(how: str, occurred: datetime, wording: int) -> Said:
    if how == "system":
        return SaidFactory.create(occurred=occurred)
    return _page(
        occurred,
        notice_id=wording if "notice" in how else None,
        second_step="second step" in how or "despite" in how,
        despite="gpc" if "despite" in how else "",
    )


def _altered(body: dict[str, Any], act: str, value: bool) -> dict[str, Any]:
    """The body after one act of staff."""
    first, *rest = body["offers"]
    match act:
        case "required":
            texts = {"en": {**body["texts"]["en"], "required_reason": "The law asks for it"}}
            return {**body, "required": value, "texts": texts}
        case "retired":
            return {**body, "retired": value}
        case "default":
            return {**body, "offers": [{**first, "default": value, "elsewhere": {}}, *rest]}
        case "remove":
            return {**body, "offers": [{**first, "removed": value}, *rest]}
    added = {**first, "channel": "mail", "default": value, "removed": False}
    return {**body, "offers": [*(each for each in body["offers"] if each["channel"] != "mail"), added]}


def moments(history: History) -> Iterator[datetime]:
    """Every moment at which something was recorded."""
    return (fact.recorded for fact in history.facts)
