"""What a code says when it arrives: no name, nothing about anybody, and what to do if nobody asked for it."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from preferences.appearance import organisation


def mail(code: str, path: str) -> tuple[str, str]:
    """Subject and body; the code is not in the subject, which locked phones show."""
    name = organisation()
    why = _("Someone asked to open the page where you choose what {organisation} sends you.")
    link = _("Or open your page with this link. It is yours alone, so do not pass it on:")
    more = [f"{link}\n{settings.PUBLIC_URL}{path}"] if path else []
    return _written(why.format(organisation=name), code, more)


def to_prove(code: str) -> tuple[str, str]:
    """The same to an address that is to become somebody's."""
    why = _("Someone asked {organisation} to write to them at this address from now on.")
    return _written(why.format(organisation=organisation()), code, ())


def _written(why: str, code: str, more: Iterable[str]) -> tuple[str, str]:
    parts = [
        why,
        _("Your code is {code}. It works once, for 10 minutes.").format(code=code),
        *more,
        _("We never ask for this code on the phone. Do not tell it to anyone."),
        _("If it was not you, do nothing. Nothing has changed."),
    ]
    subject = _("Your code from {organisation}").format(organisation=organisation())
    return subject, "\n\n".join(parts) + "\n"


def text(code: str) -> str:
    """One part of a text message."""
    return _(
        "{organisation}: your code is {code}. It works for 10 minutes. Do not tell it to anyone. "
        "If you did not ask for it, do nothing."
    ).format(organisation=organisation(), code=code)
