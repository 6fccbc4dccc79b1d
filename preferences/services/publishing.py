"""Publishing what staff configure: one mechanism, numbered, with author and reason, never altered after."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785
from django.db import transaction

from preferences import clock, ledger, slots
from preferences.catalogue import category_from
from preferences.errors import Malformed
from preferences.models import Revision
from preferences.sql import one_writer
from preferences.terms import Channel, RevisionKind, SubjectKind

HANDED_OVER = {RevisionKind.CATEGORY: SubjectKind.CATEGORY, RevisionKind.MAPPER: SubjectKind.MAPPER}


@transaction.atomic
def publish(*, kind: RevisionKind, key: str, body: Mapping[str, Any], author: str, reason: str) -> Revision:
    """Publish the next revision of something; the same body again is the revision that stands.

    Raises Malformed where a category breaks one of its rules.
    """
    # Readers keep the catalogue by its newest revision, so a lower number must never be committed later.
    one_writer(Revision._meta.db_table)
    if kind == RevisionKind.CATEGORY:
        check_category(body)
    digest = sha256(rfc8785.dumps(dict(body))).digest()
    last = Revision.objects.filter(kind=kind, key=key).order_by("-number").first()
    if last and bytes(last.digest) == digest:
        return last
    revision = Revision.objects.create(
        kind=kind,
        key=key,
        number=last.number + 1 if last else 1,
        author=author,
        reason=reason,
        body=dict(body),
        digest=digest,
    )
    if kind in HANDED_OVER:
        ledger.hand_over([(HANDED_OVER[kind], key)], clock.now(), denies=False)
        transaction.on_commit(slots.on_outbox, robust=True)
    return revision


def notice_shown(*, key: str, body: Mapping[str, Any]) -> Revision:
    """The notice with exactly this wording, published where it is shown for the first time."""
    digest = sha256(rfc8785.dumps(dict(body))).digest()
    known = Revision.objects.filter(kind=RevisionKind.NOTICE, digest=digest, key=key).first()
    return known or publish(
        kind=RevisionKind.NOTICE, key=key, body=body, author="Heed", reason="Shown for the first time"
    )


def check_category(body: Mapping[str, Any]) -> None:
    """Raises Malformed with the rule that is broken (R1, R13, R17)."""
    category = category_from(body)
    if not category.slug.replace("_", "").isalnum() or not category.slug.isascii():
        raise Malformed("a category's slug is lower-case letters, digits and underscores")
    for offer in category.offers.values():
        if category.is_data_use != (offer.channel == ""):
            raise Malformed("messages are offered on channels, a use of data on none")
        if category.marketing and offer.channel in (Channel.SMS, Channel.PHONE) and offer.default:
            raise Malformed("marketing by text message or phone is never on by default (47 CFR 64.1200)")
    if category.required and not category.texts["en"].required_reason:
        raise Malformed("say why people cannot turn these messages off")
    before = (
        Revision.objects.filter(kind=RevisionKind.CATEGORY, key=category.slug).order_by("-number").first()
    )
    if before and before.body["kind"] != category.kind:
        raise Malformed("a category stays what it is: messages, or a use of data")
