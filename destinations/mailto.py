"""The way to an owner's mailbox: a call is `MAIL` with a subject and a text."""

from smtplib import SMTPRecipientsRefused
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email

from destinations.contract import Answer, Call
from destinations.http import Blocked, NoAnswer, Way


def send(call: Call, way: Way, deadline: float) -> Answer:
    """Hand one mail to the mail server, as Django is set up to. Raises Blocked, NoAnswer."""
    owner = unquote(urlsplit(call.base or way.base_url).path)
    if f"{call.method} " not in way.may_call or call.path:
        raise Blocked("this is not among the calls that the connector declares")
    try:
        validate_email(owner)
        send_mail(call.json["subject"], call.json["text"], None, [owner])
    except ValidationError:
        raise Blocked("the address needs one mailbox: mailto:owner@example.org") from None
    except SMTPRecipientsRefused:
        return Answer(422)
    except Exception as problem:  # a mail backend raises what it likes
        raise NoAnswer(f"the mail was not taken ({type(problem).__name__})", sent=False) from problem
    return Answer(202)
