"""An address that does not work: said to the person and to staff, with a way to mend it."""

import asyncio
import socket
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.utils import timezone

from portal import sending
from portal.links import link_for
from portal.models import Code
from preferences import identity, services
from preferences.deliverability import came_back
from preferences.models import Source
from preferences.services import Allowed
from tests.destinations.twilios import connection, sandbox
from tests.portal import codes, people
from tests.portal.forms import words

pytestmark = pytest.mark.django_db
__all__ = ["connection", "sandbox"]  # fixtures
SAYS = "What we sent to j•••@e•••.org came back on"


def mailbox():
    return people.address("email", people.EMAIL)


@pytest.fixture
def broken(joan):
    at = datetime(2026, 3, 4, 15, tzinfo=UTC)
    services.came_back(identifier_id=mailbox(), source=people.clinic(), at=at)


def test_the_page_says_so_and_asks_whether_it_is_still_theirs(visit, broken):
    page = words(visit.get("/p").text).replace("\N{NO-BREAK SPACE}", " ")

    assert f"{SAYS} March 4, 2026. Is it still yours?" in page


def test_nothing_is_said_where_everything_arrives(visit):
    assert "came back" not in words(visit.get("/p").text)


def test_it_stands_beside_the_address_where_it_is_corrected(visit, broken):
    assert "What we sent here came back on March 4, 2026." in words(visit.get("/p/addresses").text)


def test_a_code_entered_there_ends_it(visit, broken):
    codes.ask(visit, people.EMAIL)
    codes.enter(visit, codes.arrived())

    assert "came back" not in words(visit.get("/p").text)


def test_a_code_goes_to_another_address_first(visit, broken, connection):
    offered = words(visit.get("/p/code").text)

    assert offered.index("0143") < offered.index("j•••@e•••.org")


def test_under_an_order_an_address_that_is_not_allowed_is_not_named(client, joan, broken):
    phone = identity.named("phone", people.PHONE)
    services.order(profile_id=joan, allowed=[Allowed("sms", phone)], said=people.by_staff())
    client.get(link_for(joan, address_id=people.address("phone", people.PHONE)))

    page = words(client.get("/p").text)

    assert "0143" in page
    assert "came back" not in page


# --- our own mail server says so ---


class Refusing:
    """A mail server that refuses whoever a mail is for."""

    def __init__(self) -> None:
        self.answer = "550 5.1.1 no such mailbox"

    async def handle_RCPT(self, server, session, envelope, address, options):
        await asyncio.sleep(0)
        return self.answer


@pytest.fixture
def refusing(settings):
    handler = Refusing()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    server.stop()


def asked_for_a_code(client):
    codes.ask(client, people.EMAIL)
    sending.send_due()
    return Code.objects.latest("pk")


@pytest.mark.parametrize(
    "said", ["550 5.1.1 no such mailbox", "556 5.1.10 no mail here", "550 5.2.1 disabled"]
)
def test_a_mail_server_that_knows_no_such_mailbox_is_believed(client, joan, refusing, said):
    refusing.answer = said
    code = asked_for_a_code(client)

    assert code.due_at is None
    assert came_back([mailbox()])[mailbox()].source == Source.objects.get(slug="preference_page").name


def test_a_refusal_for_another_reason_says_nothing_of_the_address(client, joan, refusing):
    refusing.answer = "550 5.7.1 we take no mail from you"
    code = asked_for_a_code(client)

    assert code.due_at is None
    assert came_back([mailbox()]) == {}


def test_a_mail_server_that_takes_it_later_is_asked_again(client, joan, refusing):
    refusing.answer = "451 4.7.1 greylisted, come back later"
    code = asked_for_a_code(client)

    assert code.due_at > timezone.now()
    assert came_back([mailbox()]) == {}
    assert mail.outbox == []
