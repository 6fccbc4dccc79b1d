"""What the invented people did in eight months: registered, chose, texted STOP, called the front desk."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from config.demo.people import SHOWN, Patient
from preferences import clock, identity
from preferences.models import Source
from preferences.services import Call, Choice, Said, identify, record, restrict
from preferences.terms import ANY, Actor, IdentifierKind, RestrictionKind, State

DAYS = 240
AUTHORITY = "main"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens to one patient at one moment."""

    at: datetime
    patient: Patient
    do: Callable[["Story", Patient], None]


@dataclass(slots=True)
class Story:
    """Everything that happens, told in order, with whom it has happened to so far."""

    sources: Mapping[str, Source]
    known: dict[int, UUID]

    def tell(self, act: Act) -> None:
        """Let it happen, at its moment."""
        with clock.at(act.at):
            act.do(self, act.patient)

    def said(self, source: str, by: Actor, **evidence: str) -> Said:
        return Said(self.sources[source], by, clock.now(), evidence or None, attached=by == Actor.STAFF)

    def chose(self, patient: Patient, said: Said, *choices: tuple[str, str, State]) -> None:
        record(profile_id=self.known[patient.number], choices=[Choice(*each) for each in choices], said=said)


def registers(story: Story, patient: Patient) -> None:
    """At the first visit, the record system tells us who somebody is and how to reach them."""
    call = Call(
        identifiers=(
            identity.named(IdentifierKind.MRN, patient.mrn, AUTHORITY),
            identity.named(IdentifierKind.EMAIL, patient.email),
            identity.named(IdentifierKind.PHONE, patient.phone),
            *_uploaded(patient),
        ),
        attributes={"jurisdiction": patient.jurisdiction, "language": patient.language},
    )
    outcome = identify(call=call, said=story.said("ehr", Actor.PARTNER, form="registration"))
    if outcome.profile_id:
        story.known[patient.number] = outcome.profile_id


def _uploaded(patient: Patient) -> Iterator[identity.Named]:
    if patient.visitor:
        yield identity.named(IdentifierKind.EXTERNAL_ID, patient.visitor, "advertising")


def shares_with_advertisers(story: Story, patient: Patient) -> None:
    said = story.said("preference_page", Actor.PERSON, page="preferences", browser="Safari on iPhone")
    story.chose(patient, said, ("sale_or_sharing", "", State.IN))


def leaves_marketing(story: Story, patient: Patient) -> None:
    said = story.said("preference_page", Actor.PERSON, page="preferences", browser="Safari on iPhone")
    story.chose(patient, said, ("marketing_emails", "email", State.OUT))


def joins_marketing(story: Story, patient: Patient) -> None:
    said = story.said("preference_page", Actor.PERSON, page="preferences", browser="Chrome on Windows")
    story.chose(patient, said, ("marketing_emails", "email", State.IN))


def stops_everything(story: Story, patient: Patient) -> None:
    said = story.said("preference_page", Actor.PERSON, page="stop everything", browser="Firefox on Android")
    story.chose(patient, said, (ANY, ANY, State.OUT))


def wants_texts_not_calls(story: Story, patient: Patient) -> None:
    said = story.said("preference_page", Actor.PERSON, page="preferences", browser="Safari on iPhone")
    reminders = [("phone", State.OUT), ("sms", State.IN)]
    story.chose(patient, said, *[("appointment_reminders", channel, state) for channel, state in reminders])


def unsubscribes_in_the_crm(story: Story, patient: Patient) -> None:
    said = story.said("crm", Actor.PARTNER, list="newsletter")
    story.chose(
        patient, said, ("marketing_emails", "email", State.OUT), ("patient_surveys", "email", State.OUT)
    )


def calls_the_front_desk(story: Story, patient: Patient) -> None:
    said = story.said(
        "staff", Actor.STAFF, how="call", taken_by="Front desk", note="Asked for no more surveys"
    )
    story.chose(patient, said, ("patient_surveys", ANY, State.OUT))


def texts_stop(story: Story, patient: Patient) -> None:
    phone = identity.find([identity.named(IdentifierKind.PHONE, patient.phone)])
    said = story.said("twilio", Actor.PERSON, text="STOP")
    restrict(identifier_id=next(iter(phone.values())), kind=RestrictionKind.STOP, said=said)


ACTS = (
    (leaves_marketing, 0.14),
    (wants_texts_not_calls, 0.06),
    (unsubscribes_in_the_crm, 0.05),
    (calls_the_front_desk, 0.03),
    (stops_everything, 0.03),
    (texts_stop, 0.02),
)


def acts_of(patient: Patient, founded: datetime) -> Iterator[Act]:
    """What one patient does, in any order; whoever comes back to marketing does so after leaving it."""
    chance = Random(patient.number)  # noqa: S311 - an invented life, no secret
    first = founded + timedelta(days=chance.uniform(0, DAYS - 40), minutes=chance.randrange(540))
    yield Act(first, patient, registers)
    if patient is SHOWN:
        yield Act(first + timedelta(days=20), patient, wants_texts_not_calls)
        yield Act(first + timedelta(days=21), patient, shares_with_advertisers)
        return
    for act, likely in ACTS:
        if chance.random() < likely:
            later = first + timedelta(days=chance.uniform(1, 25), seconds=chance.randrange(36_000))
            yield Act(later, patient, act)
            if act is leaves_marketing and chance.random() < 0.2:
                yield Act(later + timedelta(days=chance.uniform(1, 14)), patient, joins_marketing)
