"""How a code leaves: by mail here, by text through the connection that sends texts; never within a request.

A row is claimed before it is sent. Whoever finds a claim that was never settled (its worker was killed) sends
the same code again: two mails are better than none.
"""

import logging
import re
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import override

from destinations.services import texting_out
from destinations.terms import TextPurpose
from portal import codes, mails
from portal.codes import Entered, Refused
from portal.digits import digits
from portal.links import link_for
from portal.models import Code
from preferences import selectors
from preferences.errors import NotFound
from preferences.models import Source
from preferences.services import came_back
from preferences.terms import IdentifierKind, SourceKind

log = logging.getLogger(__name__)
CLAIM = timedelta(seconds=30)  # longer than EMAIL_TIMEOUT
CHUNK = 100
# Why a code is not sent, though mail works.
NOBODY, FORGOTTEN = "nobody may be written to there", "the address was forgotten"
NO_KEY, REFUSED = "the key of the address is gone", "the mail server refused the address"
NO_FAULT_OF_THE_MAIL = (NOBODY, FORGOTTEN, NO_KEY, REFUSED)
# No such mailbox, no such system, a disabled mailbox (RFC 3463, 3.2 and 3.3), no mail there (RFC 7505, 4.2).
NO_MAILBOX = re.compile(rb"\b5\.(?:1\.(?:1|2|10)|2\.1)\b")


def codes_are_due() -> bool:
    """Does anybody wait for one?"""
    return Code.objects.filter(due_at__lte=timezone.now()).exists()


def send_due() -> int:
    """Send every code whose time has come; returns how many left."""
    due = Code.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    return sum(_sent(code) for code in due[:CHUNK] if _claimed(code))


def _claimed(code: Code) -> bool:
    """Of two workers one sends."""
    mine = Code.objects.filter(pk=code.pk, due_at=code.due_at)
    code.due_at, code.sends = timezone.now() + CLAIM, code.sends + 1
    return bool(mine.update(due_at=code.due_at, sends=F("sends") + 1))


def _sent(code: Code) -> bool:
    now = timezone.now()
    if code.until <= now:
        return _end(code, "too late")
    try:
        codes.place(code)
    except Refused:
        return _end(code, NO_KEY)
    to = codes.let_in(code)
    if to is None:
        return _end(code, NOBODY)
    return _texted(code, to) if code.kind == IdentifierKind.PHONE else _mailed(code, to)


def _link(code: Code, to: Entered) -> str:
    """Whoever has their page open needs none; one that several people share opens nobody's alone."""
    if code.profile_id or len(to.people) > 1:
        return ""
    return link_for(to.people[0], address_id=to.address_id)


def _mailed(code: Code, to: Entered) -> bool:
    address = selectors.plaintexts([to.address_id]).get(to.address_id)
    if address is None:
        return _end(code, FORGOTTEN)
    with override(code.language):
        made = digits(bytes(code.nonce), code.key_id)
        subject, body = mails.to_prove(made) if code.sealed else mails.mail(made, _link(code, to))
    try:
        # Programs that answer mails by themselves leave this one alone (RFC 3834, section 5).
        EmailMessage(subject, body, None, [address], headers={"Auto-Submitted": "auto-generated"}).send()
    except SMTPRecipientsRefused as refused:
        [(status, words)] = refused.recipients.values()
        return _refused(code, to, status, words)
    except Exception as problem:  # a mail backend raises what it likes, and may name the address
        log.error("codes.not_mailed", extra={"code_row": code.pk, "error": type(problem).__name__})
        return _later(code, type(problem).__name__)
    return _end(code)


def _refused(code: Code, to: Entered, status: int, words: bytes) -> bool:
    """For now (a grey list, a full disk), or for good."""
    if status < 500:
        return _later(code, "the mail server refused the address for now")
    if NO_MAILBOX.search(words):
        page = Source.objects.get(slug=SourceKind.PREFERENCE_PAGE)
        came_back(identifier_id=to.address_id, source=page, at=timezone.now())
    return _end(code, REFUSED)


def _texted(code: Code, to: Entered) -> bool:
    with override(code.language):
        words = mails.text(digits(bytes(code.nonce), code.key_id))
    try:
        texting_out.send(
            phone=to.address_id,
            words=words,
            purpose=TextPurpose.SIGN_IN_CODE,
            key=f"code {code.pk}",
            until=code.until,
        )
    except NotFound:
        return _end(code, "no connection sends texts")
    return _end(code)


def _end(code: Code, fault: str = "") -> bool:
    sent: datetime | None = None if fault else timezone.now()
    _mine(code).update(due_at=None, fault=fault, sent_at=sent)
    return not fault


def _later(code: Code, fault: str) -> bool:
    """After 5 s, 10 s, 20 s …, while it is of use."""
    wait = timedelta(seconds=2.5 * 2**code.sends)
    _mine(code).update(due_at=timezone.now() + wait, fault=fault[:50])
    return False


def _mine(code: Code) -> QuerySet[Code]:
    """Only while the claim is still ours."""
    return Code.objects.filter(pk=code.pk, due_at=code.due_at)
