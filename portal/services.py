"""What a person can do on their pages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from portal import selectors
from portal.forms import Filled, Pick
from portal.holders import link_holder
from portal.links import Link
from portal.represented import narrowed
from portal.selectors import Seen
from portal.signals import GPC
from portal.stopping import ONE_CLICK
from portal.weighing import Weighed, weigh
from portal.wording import Notice, language, notice, shown_by
from preferences import services
from preferences.errors import NotFound
from preferences.models import Source
from preferences.services import Choice, Said
from preferences.services.proxying import lock_addresses
from preferences.services.recording import lock_profiles, record_on
from preferences.terms import ANY, Actor, Channel, OptInNeeds, RestrictionKind, State, Verified

SOURCE = "preference_page"


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a filled form: the changes written, and what to ask about again or twice.

    `ask_code`: only its noes were recorded; the rest waits for a code.
    """

    changes: Sequence[int]
    ask_code: bool
    ask_again: tuple[Pick, ...]
    ask_twice: tuple[Pick, ...]
    already: bool


@transaction.atomic
def save(
    *,
    profile_id: UUID,
    filled: Filled,
    evidence: Mapping[str, Any],
    now: datetime,
    reached_at: UUID | None = None,
    by_code: bool = False,
    second_step: bool = False,
    despite: str = "",
    proxy_id: UUID | None = None,
    categories: Collection[str] = (),
) -> Saved:
    """Record what a person changed on the page, and nothing else. Raises NotFound.

    `by_code`: a code reached the person in this visit (at `reached_at`), and not a link only. `despite`: the
    browser's privacy signal, which the page told them of in the second step. `proxy_id`: who chooses for the
    person, about these `categories` (R11).

    Between reading what stands and writing, the person is locked: nobody's newer choice slips in between.
    """
    if proxy_id:
        lock_addresses(profile_id)  # before people: what is not covered by a grant any more is held there
    subject = lock_profiles([profile_id])[profile_id]
    seen = selectors.see(subject.id, now)  # merged meanwhile, perhaps
    seen = narrowed(seen, categories) if proxy_id else seen
    same_wording = shown_by(filled.form) is not None
    weighed = weigh(filled, seen, same_wording=same_wording, second_step=second_step, by_code=by_code)
    changes: Sequence[int] = ()
    if weighed.record:
        circumstances = {**evidence, **_numbers(weighed, seen)}
        said = replace(said_here(filled.form, circumstances, now), second_step=second_step, despite=despite)
        how = Verified.CODE if by_code else Verified.LINK
        if proxy_id:
            choices = _each(weighed.record, seen)
            changes = services.record_by_proxy(
                profile_id=subject.id, proxy_id=proxy_id, choices=choices, said=said
            ).changes
        else:
            changes = record_on(subject, subject.id, weighed.record, said, reached_at, how=how).changes
    return Saved(changes, weighed.ask_code, weighed.ask_again, weighed.ask_twice, weighed.already)


def said_on_page(evidence: Mapping[str, Any], now: datetime, by: Actor = Actor.PERSON, who: str = "") -> Said:
    """What somebody said on the page, by whatever wording."""
    return Said(Source.objects.get(slug=SOURCE), by, now, evidence, who=who)


def said_here(form: str, evidence: Mapping[str, Any], now: datetime) -> Said:
    """What the person said on their page, with the wording that this form showed."""
    shown = shown_by(form)
    read_in = shown.body["language"] if shown else language()
    said = said_on_page({**evidence, "form": form, "language": read_in}, now)
    return replace(said, notice_id=_notice_id(shown)) if shown else said


def _each(choices: Sequence[Choice], seen: Seen) -> list[Choice]:
    """*Everything*, said for somebody else, is each kind of message that the page showed."""
    shown = [each for each in seen.catalogue if not (each.is_data_use or each.required or each.retired)]
    everything = [Choice(each.slug, ANY, State.OUT, said_of=ANY) for each in shown]
    named = [each for each in choices if each.category != ANY]
    return [*(everything if len(named) < len(choices) else ()), *named]


def form_version(seen: Seen) -> str:
    """What the form carries to say which wording it showed."""
    version = seen.catalogue.version
    return f"{version}-{notice(version).short}"


def _notice_id(shown: Notice) -> int:
    key = f"preference_page.{shown.body['language']}"
    return services.notice_shown(key=key, body=shown.body, digest=shown.digest).pk


def _numbers(weighed: Weighed, seen: Seen) -> dict[str, list[str]]:
    """Which numbers a yes to calls or texts was about: the law asks for the number (47 CFR 64.1200(f)(9))."""
    with_notice = [
        choice
        for choice in weighed.record
        if choice.state == State.IN
        and seen.catalogue.category(choice.category).offers[choice.channel].needs
        == OptInNeeds.PERSON_WITH_NOTICE
    ]
    return {"numbers": [str(each.id) for each in seen.person.addresses(Channel.PHONE)]} if with_notice else {}


def heed_signal(*, profile_id: UUID, evidence: Mapping[str, Any], now: datetime) -> None:
    """The person's browser says no to the sale or sharing of their information (R9). Raises NotFound."""
    said = said_on_page({**evidence, "header": "Sec-GPC: 1"}, now)
    services.signal(profile_id=profile_id, kind=GPC, said=said)


@transaction.atomic
def stop(*, link: Link, choice: Choice, evidence: Mapping[str, Any], now: datetime) -> None:
    """Opt a person out of what an unsubscribe link is about; pressed again within a day, nothing is written.

    Where the person was forgotten, the address that the link was sent to is left alone from now on (R7).
    Raises NotFound where that is not known either.
    """
    said = replace(said_on_page({"kind": ONE_CLICK, **evidence}, now), how=ONE_CLICK)
    if link_holder(link.profile_id) is None:
        _leave_alone(link, choice, said)
        return
    services.choose(profile_id=link.profile_id, choices=[choice], said=said)


def _leave_alone(link: Link, choice: Choice, said: Said) -> None:
    if link.address_id is None:
        raise NotFound("nobody is known by this link")
    denial = f"{RestrictionKind.SUPPRESSED}:{choice.category}:{choice.channel}"
    if not selectors.is_denied(link.address_id, denial):
        services.restrict(
            identifier_id=link.address_id,
            kind=RestrictionKind.SUPPRESSED,
            said=said,
            category=choice.category,
            channel=choice.channel,
        )
