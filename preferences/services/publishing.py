"""Publishing what staff configure: one mechanism, numbered, with author and reason, never altered after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785
from django.db import transaction

from preferences import clock, languages, ledger, slots
from preferences.catalogue import Category, Offer, category_from
from preferences.category_life import marked
from preferences.clock import micros
from preferences.errors import Forbidden, Malformed
from preferences.models import Profile, Revision
from preferences.services.gaining import gain
from preferences.sql import nobody_else_writes, one_writer
from preferences.terms import Channel, RevisionKind, SubjectKind

HANDED_OVER = {RevisionKind.CATEGORY: SubjectKind.CATEGORY, RevisionKind.MAPPER: SubjectKind.MAPPER}


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published, by whom and why; `approved_by` is the second person, where there is one."""

    kind: RevisionKind
    key: str
    body: Mapping[str, Any]
    author: str
    reason: str
    approved_by: str = ""


def publish(
    *,
    kind: RevisionKind,
    key: str,
    body: Mapping[str, Any],
    author: str,
    reason: str,
    approved_by: str = "",
) -> Revision:
    """Publish the next revision of something; the same body again is the revision that stands.

    Raises Malformed where it breaks a rule, Forbidden where it needs a second person and has none.
    """
    wanted = Publication(kind, key, body, author, reason, approved_by)
    while True:
        before = in_force(kind, key)
        if revision := bring_out(wanted, before):
            return revision


def in_force(kind: RevisionKind, key: str) -> Revision | None:
    """The publication that stands."""
    return Revision.objects.filter(kind=kind, key=key).order_by("-number").first()


def bring_out(
    wanted: Publication, before: Revision | None, also: Callable[[], None] = lambda: None
) -> Revision | None:
    """Publish after `before`, and do `also` with it; None, and nothing done, where somebody was faster."""
    stands = before.body if before else None
    _ask(wanted, stands)
    gains = gain(wanted.body, stands) if wanted.kind == RevisionKind.CATEGORY else None
    if gains:
        gains.keep_out()  # in small transactions, so that little is left for the last one
    with transaction.atomic():
        if gains:
            nobody_else_writes(Profile._meta.db_table)
            gains.keep_out()
        # Readers keep the catalogue by its newest revision, so a lower number must never be committed later.
        one_writer(Revision._meta.db_table)
        if in_force(wanted.kind, wanted.key) != before:
            return None
        also()
        return _add(wanted, before)


def _ask(wanted: Publication, before: Mapping[str, Any] | None) -> None:
    """Raises Malformed or Forbidden: what the kind's checks say."""
    asked = slots.checks(wanted.kind)
    asked.check(key=wanted.key, body=wanted.body, before=before)
    if wanted.approved_by not in ("", wanted.author):
        return
    if why := asked.weighs(key=wanted.key, body=wanted.body, before=before):
        raise Forbidden(f"this needs a second person: {why}")


def _add(wanted: Publication, before: Revision | None) -> Revision:
    now, body = clock.now(), dict(wanted.body)
    if wanted.kind == RevisionKind.CATEGORY:
        body = marked(body, before.body if before else None, micros(now))
    digest = sha256(rfc8785.dumps(body)).digest()
    if before and bytes(before.digest) == digest:
        return before
    revision = Revision.objects.create(
        kind=wanted.kind,
        key=wanted.key,
        number=before.number + 1 if before else 1,
        author=wanted.author,
        approved_by=wanted.approved_by,
        reason=wanted.reason,
        body=body,
        digest=digest,
        published_at=now,
    )
    if wanted.kind in HANDED_OVER:
        ledger.hand_over([(HANDED_OVER[wanted.kind], wanted.key)], now, denies=False)
        transaction.on_commit(slots.on_outbox, robust=True)
    return revision


def notice_shown(*, key: str, body: Mapping[str, Any], digest: bytes = b"") -> Revision:
    """The notice with exactly this wording, published where it is shown for the first time.

    `digest`: SHA-256 of the body's RFC 8785 JSON, where the caller has it already.
    """
    digest = digest or sha256(rfc8785.dumps(dict(body))).digest()
    known = Revision.objects.filter(kind=RevisionKind.NOTICE, digest=digest, key=key)
    return next(iter(known), None) or publish(
        kind=RevisionKind.NOTICE, key=key, body=body, author="Heed", reason="Shown for the first time"
    )


def check_category(*, key: str, body: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Raises Malformed with the rule that is broken (R1, R13, R17)."""
    category = category_from(body)
    if category.slug != key:
        raise Malformed("a category's slug never changes")
    if not category.slug.replace("_", "").isalnum() or not category.slug.isascii():
        raise Malformed("a category's slug is lower-case letters, digits and underscores")
    if before and before["kind"] != category.kind:
        raise Malformed("a category stays what it is: messages, or a use of data")
    _check_texts(category)
    for offer in category.offers.values():
        _check_offer(category, offer)


def _check_texts(category: Category) -> None:
    if category.required and not category.texts[languages.ENGLISH].required_reason:
        raise Malformed("say why people cannot turn these messages off")
    if half := languages.half_written(category.texts):
        raise Malformed(
            f"something is missing ({languages.missing_words(half)}): write it, "
            "or leave that language empty and people read English"
        )


def _check_offer(category: Category, offer: Offer) -> None:
    if category.is_data_use != (offer.channel == ""):
        raise Malformed("messages are offered on channels, a use of data on none")
    if category.marketing and offer.channel in (Channel.SMS, Channel.PHONE) and offer.default:
        raise Malformed("marketing by text message or phone is never on by default (47 CFR 64.1200)")


def check_notice(*, key: str, body: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Raises Malformed where there is nothing to read."""
    if not body:
        raise Malformed("a notice says something")
