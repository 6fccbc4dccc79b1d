"""What a partner says about somebody (R5, R10): who is meant, and recording it, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, QuerySet, Value
from django.db.models.functions import Greatest

from preferences import clock, identity, keys, ledger, slots
from preferences.catalogue import catalogue_at
from preferences.errors import NobodyNamed
from preferences.identity import Held, Match, Named
from preferences.ledger import Subject
from preferences.models import Holding, Message, Profile, Review
from preferences.services.calls import Call, Outcome
from preferences.services.opt_ins import speaks
from preferences.services.recording import check, lock_profiles, write
from preferences.services.restating import ATTRIBUTES, put_holdings, restate
from preferences.services.restricting import held_on_address
from preferences.services.reviewing import put_before_staff
from preferences.services.said import Said
from preferences.terms import ADDRESS_KINDS, Actor, IdentifierKind, State, SubjectKind, Verified


def identify(*, call: Call, said: Said) -> Outcome:
    """Record what a source says about somebody. Raises NobodyNamed, UnknownCategory, UnknownChannel."""
    if not call.identifiers:
        raise NobodyNamed(
            "; ".join(call.problems) or "name the person: userId, email, phone, mrn or anonymousId"
        )
    try:
        return _identify(call, said)
    except IntegrityError:
        # The same message, or the same new person, came twice at once: whoever was first now stands.
        return _identify(call, said)


@transaction.atomic
def _identify(call: Call, said: Said) -> Outcome:
    if seen := _seen_before(call, said):
        return seen
    ids = identity.find_or_make(call.identifiers)
    locked = {subject.id: subject for subject in ledger.lock(SubjectKind.IDENTIFIER, sorted(ids.values()))}
    known = catalogue_at(next(iter(locked.values())).catalogue_version)
    for choice in call.choices:  # whoever is meant: a slip in a slug is refused, never half recorded
        check(choice.category, choice.channel, known)
    held = identity.read_holders(ids.values())
    outcome = _Turn(call, said, ids, locked, held, clock.now()).run()
    if call.message_id:
        _remember(call, said, outcome)
    transaction.on_commit(slots.on_outbox, robust=True)
    return outcome


@dataclass(slots=True)
class _Turn:
    """One call with everything it needs locked."""

    call: Call
    said: Said
    ids: Mapping[Named, UUID]
    locked: Mapping[UUID, Subject]
    held: Held
    now: datetime

    def run(self) -> Outcome:
        match = identity.match(self.ids, self.held)
        outcome = Outcome(problems=self.call.problems)
        if len(match.people) > 1:
            return self._two_people(match, outcome)
        if match.unplaced and self.call.opts_out:
            self._hold_on_addresses(outcome)
        if match.unplaced and not self._worth_a_person(match):
            if match.browser and self.call.opts_out:
                self._in_the_browser(match.browser)
            if any(choice.state == State.IN for choice in self.call.choices):
                outcome.problems += ("several people have this address: the opt-in was applied to nobody",)
            return outcome
        person = match.people[0] if match.people else self._new_person()
        self._about(person, match, outcome)
        return outcome

    def _two_people(self, match: Match, outcome: Outcome) -> Outcome:
        """An external id and a record number disagree: the opt-out counts for both, the opt-in for none."""
        outcome.possible_duplicate = True
        subjects = {subject.id: subject for subject in lock_profiles(match.people).values()}
        for subject in subjects.values():
            entries = [self._named()] if self.call.opts_out else []
            recorded = write(
                subject, self.said, choices=self.call.opt_outs, entries=entries, recorded_at=self.now
            )
            outcome.changed |= recorded.change is not None
        for other in match.people[1:]:
            pair = {"profile_id": match.people[0], "other_id": other}
            put_before_staff(Review.Kind.POSSIBLE_DUPLICATE, pair, source=self.said.source)
        return outcome

    def _in_the_browser(self, browser: Named) -> None:
        """Several people have the address: the opt-out counts in the browser too, whoever sits there."""
        call = replace(self.call, choices=self.call.opt_outs, attributes={})
        replace(self, call=call, ids={browser: self.ids[browser]}).run()

    def _named(self) -> dict[str, Any]:
        """By what they were known: should merged people part again, the entry goes there (R10)."""
        return {"do": "named", "identifiers": sorted(str(pk) for pk in self.ids.values())}

    def _hold_on_addresses(self, outcome: Outcome) -> None:
        outcome.held_on_address = outcome.changed = True
        for named, pk in self.ids.items():
            if named.kind in ADDRESS_KINDS:
                kind = IdentifierKind(named.kind)
                held_on_address(self.locked[pk], kind, self.call.choices, self.said, self.now)

    def _worth_a_person(self, match: Match) -> bool:
        """Nobody holds the address, and more than an opt-out was said: somebody new."""
        if not match.nobody_holds:
            return False
        only_outs = bool(self.call.choices) and all(each.state == State.OUT for each in self.call.choices)
        return not only_outs or bool(self.call.attributes)

    def _new_person(self) -> UUID:
        browser_only = all(each.kind == IdentifierKind.ANONYMOUS_ID for each in self.ids)
        return identity.make_profile(self.now, anonymous=browser_only)

    def _about(self, person: UUID, match: Match, outcome: Outcome) -> None:
        subjects = lock_profiles({person, match.fold or person, match.leaves or person})
        subject = subjects[person]
        entries: list[dict[str, Any]] = []
        if match.leaves and subjects[match.leaves].id != subject.id:
            self._leave(subjects[match.leaves])
        folds = match.fold is not None and subjects[match.fold].id != subject.id
        if match.fold and folds:
            self._fold(subject, subjects[match.fold])
        entries += self._hold(subject, match)
        entries += self._attributes(subject)
        choices = self.call.choices
        if outcome.held_on_address:
            choices = tuple(each for each in choices if each.state == State.IN)
        if choices or entries:
            entries.append(self._named())
        recorded = write(subject, self.said, choices=choices, entries=entries, recorded_at=self.now)
        if folds:
            restate(subject, self.now)
        outcome.profile_id, outcome.version = recorded.profile_id, recorded.version
        outcome.changed |= folds or recorded.change is not None
        outcome.not_counted = recorded.not_counted

    def _fold(self, subject: Subject, browser: Subject) -> None:
        """The anonymous person turns out to be this one: both stories are one from now on.

        A change of its own: what is said in the same call can be voided without it (R15).
        """
        into = [{"do": "folded", "into": str(subject.id)}]
        write(browser, self.said, entries=into, recorded_at=self.now)
        come = [{"do": "fold", "from": str(browser.id)}]
        write(subject, self.said, entries=come, recorded_at=self.now)
        Profile.objects.filter(pk=browser.id).update(merged_into=subject.id)
        Profile.objects.filter(merged_into=browser.id).update(merged_into=subject.id)
        Holding.objects.filter(profile=browser.id).update(profile=subject.id)

    def _leave(self, before: Subject) -> None:
        """Somebody else identifies in the browser: it is no longer that of the person before."""
        browsers = [pk for named, pk in self.ids.items() if named.kind == IdentifierKind.ANONYMOUS_ID]
        entries = [{"do": "holding", "identifier": str(pk), "held": False, "all": True} for pk in browsers]
        write(before, self.said, entries=entries, recorded_at=self.now)
        self._end(Holding.objects.filter(profile=before.id, identifier__in=browsers, until__isnull=True))

    def _end(self, holdings: QuerySet[Holding]) -> None:
        """One may have begun by another host's clock, a little ahead of ours."""
        holdings.update(until=Greatest("since", Value(self.now, output_field=DateTimeField())))

    def _hold(self, subject: Subject, match: Match) -> list[dict[str, Any]]:
        """Which identifiers the person holds from now on, and which become former."""
        wanted = {named: pk for named, pk in self.ids.items() if self._is_theirs(named, match)}
        said = Holding.objects.filter(profile=subject.id, source=self.said.source, confidential=False)
        own = said.filter(until__isnull=True)
        before = dict(own.values_list("identifier_id", "identifier__kind"))
        given = {named.kind for named in wanted if named.kind in ADDRESS_KINDS}
        gone = {pk: kind for pk, kind in before.items() if kind in given and pk not in wanted.values()}
        entries: list[dict[str, Any]] = [
            {"do": "holding", "identifier": str(pk), "held": False} for pk in gone
        ]
        if gone:
            self._end(own.filter(identifier__in=gone))
            # What replaces it may be held so far by somebody merged with them: it is said of them, too.
            again = [pk for named, pk in wanted.items() if named.kind in gone.values() and pk in before]
            entries += [{"do": "holding", "identifier": str(pk), "held": True} for pk in again]
        new = {named: pk for named, pk in wanted.items() if pk not in before}
        entries += self._open(subject, self._not_disowned(subject, new))
        if entries and any(each.kind != IdentifierKind.ANONYMOUS_ID for each in self.ids):
            subject.columns["is_anonymous"] = False
        if entries:
            moved = [(SubjectKind.IDENTIFIER, entry["identifier"]) for entry in entries]
            ledger.hand_over(moved, self.now, denies=False)
        return entries

    def _is_theirs(self, named: Named, match: Match) -> bool:
        if named.kind in (IdentifierKind.EXTERNAL_ID, IdentifierKind.MRN):
            return not match.people or named in match.attachable
        return True

    def _not_disowned(self, subject: Subject, new: Mapping[Named, UUID]) -> dict[Named, UUID]:
        """A list that still has an address knows no better than the person who said it is not theirs."""
        unheard = not subject.seq  # somebody new has given up nothing
        if not new or unheard or speaks(self.said) or self.said.by == Actor.STAFF:
            return {**new}
        said_no = Holding.objects.filter(profile=subject.id, identifier__in=new.values(), disowned=True)
        gone = {*said_no.values_list("identifier_id", flat=True)}
        return {named: pk for named, pk in new.items() if pk not in gone}

    def _open(self, subject: Subject, new: Mapping[Named, UUID]) -> list[dict[str, Any]]:
        """What they did not hold by this source, or no longer: a former holding of theirs begins anew."""
        holdings = [
            Holding(
                profile_id=subject.id,
                identifier_id=pk,
                source=self.said.source,
                since=self.now,
                verified_at=self.now if speaks(self.said) and named.kind in ADDRESS_KINDS else None,
                verified_how=Verified.SOURCE if speaks(self.said) and named.kind in ADDRESS_KINDS else "",
            )
            for named, pk in new.items()
        ]
        put_holdings(holdings)
        return [
            {
                "do": "holding",
                "identifier": str(each.identifier_id),
                "held": True,
                "verified": each.verified_how,
            }
            for each in holdings
        ]

    def _attributes(self, subject: Subject) -> list[dict[str, Any]]:
        given = {name: value for name, value in self.call.attributes.items() if name in ATTRIBUTES}
        if not given:
            return []
        now = Profile.objects.filter(pk=subject.id).values(*ATTRIBUTES, "also_in").get()
        changed = {name: value for name, value in given.items() if now[name] != value}
        if now["also_in"] and "jurisdiction" in given:
            # Where they live is said for the first time since two records were merged: that holds alone.
            changed["jurisdiction"] = given["jurisdiction"]
        subject.columns |= changed | ({"also_in": "[]"} if "jurisdiction" in changed else {})
        return [{"do": "attribute", "name": name, "value": value} for name, value in changed.items()]


def _seen_before(call: Call, said: Said) -> Outcome | None:
    if not call.message_id:
        return None
    known = Message.objects.filter(source=said.source, message_hash__in=_hashes(call.message_id))
    row = next(iter(known), None)
    if row is None:
        return None
    problems: tuple[str, ...] = ()
    if bytes(row.content_hash) not in _hashes(call.content.hex()) and call.opts_out:
        # The first recording stands; an opt-out in the repeat is no one's to drop (R5).
        problems = ("this messageId came before with other content, which stands: staff will look",)
        matter = {"source": said.source, "details": {"message": row.pk}}
        put_before_staff(Review.Kind.CONFLICTING_REPEAT, matter, profile_id=row.answer.get("profile"))
    profile = row.answer.get("profile")
    return Outcome(UUID(profile) if profile else None, row.answer.get("version", 0), True, problems=problems)


def _remember(call: Call, said: Said, outcome: Outcome) -> None:
    Message.objects.create(
        source=said.source,
        message_hash=_hashes(call.message_id)[-1],
        content_hash=_hashes(call.content.hex())[-1],
        answer={
            "profile": str(outcome.profile_id) if outcome.profile_id else None,
            "version": outcome.version,
        },
    )


def _hashes(text: str) -> list[bytes]:
    """Keyed, at every generation of keys: what a partner chose as an id may tell who it is about."""
    return keys.fingerprints("message", "", text)
