"""Coming in without a link: the same answer, for the same work, whether or not the address is known."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import codes as codes_of_portal
from portal import sending, tasks
from portal.links import link_for
from portal.models import Code
from preferences import identity, services
from preferences.models import Change, Profile, Source
from preferences.services import Allowed, Said
from preferences.terms import Actor
from tests.portal import codes, people
from tests.portal.forms import save, words

pytestmark = pytest.mark.django_db
NOBODY = "nobody@example.org"


def only_by_a_new_phone(who):
    said = Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now(), who="ruth")
    new = Allowed("sms", identity.named("phone", "+12025550777"))
    services.order(profile_id=who, allowed=[new], said=said)


def test_an_email_and_the_code_that_came_there_open_the_page(client, joan):
    assert codes.ask(client, " Joan@Example.org ").headers["Location"] == "/code"
    assert "If we know j•••@e•••.org" in words(client.get("/code").text)

    answer = codes.enter(client, codes.arrived())

    assert answer.headers["Location"] == "/p"
    assert "This page is for j•••@e•••.org" in words(client.get("/p").text)
    assert save(client, phone_outreach__sms="yes").headers["Location"] == "/p/saved"


def test_what_was_mistyped_stands_there_to_be_corrected(client):
    assert 'value="joan@example"' in codes.ask(client, "joan@example").text
    for nothing_to_correct in ("joan\0@example.org", "j" * 400):
        assert (
            " value=" not in codes.ask(client, nothing_to_correct).text.split('id="address"')[1].split(">")[0]
        )


def test_the_mail_has_a_link_too_and_names_nobody(client, joan):
    codes.ask(client, people.EMAIL)
    codes.arrived()

    [message] = mail.outbox
    assert message.to == [people.EMAIL]
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert not any(digit in message.subject for digit in "0123456789")
    [link] = [line for line in message.body.splitlines() if line.startswith("http")]
    path = link.removeprefix("http://localhost:8000")
    assert Client().get(path).headers["Location"] == "/p"


def test_the_link_of_the_mail_is_a_link_alone(client, joan):
    codes.ask(client, people.EMAIL)
    codes.arrived()
    [link] = [line for line in mail.outbox[0].body.splitlines() if line.startswith("http")]
    other = Client()
    other.get(link.removeprefix("http://localhost:8000"))

    assert save(other, phone_outreach__sms="yes").headers["Location"] == "/p/code"


def test_an_address_that_nobody_has_is_answered_alike_and_never_lets_in(client, joan):
    known, unknown = Client(), client

    answers = [codes.ask(known, people.EMAIL), codes.ask(unknown, NOBODY)]
    pages = [words(known.get("/code").text), words(unknown.get("/code").text)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert pages[0] == pages[1].replace("n•••", "j•••")
    assert sending.send_due() == 1
    assert [message.to for message in mail.outbox] == [[people.EMAIL]]
    wrong = [words(codes.enter(each, codes.wrong()).text) for each in (known, unknown)]
    assert wrong[0] == wrong[1].replace("n•••", "j•••")


def work(act, client, *given) -> list[str]:
    """What a request asks the database, without the values."""
    with CaptureQueriesContext(connection) as done:
        act(client, *given)
    return [re.sub(r"'.*?'|x'.*?'|\d+", "?", each["sql"])[:70] for each in done.captured_queries]


def test_asking_and_trying_are_the_same_work_for_both(joan):
    known, unknown = Client(), Client()

    asked = [work(codes.ask, known, people.EMAIL), work(codes.ask, unknown, NOBODY)]
    wrong = codes.wrong()
    tried = [work(codes.enter, each, wrong) for each in (known, unknown)]
    again = [work(codes.ask_again, each) for each in (known, unknown)]

    for one, other in (asked, tried, again):
        assert one == other
        assert len(one) >= 3


def test_after_an_order_nothing_goes_to_the_old_email(client, joan):
    old = link_for(joan, address_id=people.address("email", people.EMAIL))
    only_by_a_new_phone(joan)

    assert codes.ask(client, people.EMAIL).headers["Location"] == "/code"
    assert sending.send_due() == 0

    assert not mail.outbox
    assert Code.objects.get().fault
    page = Client().get(old)
    assert page.status_code == 410
    assert "0777" not in page.text


def test_an_order_given_after_the_code_was_sent_keeps_it_from_letting_in(client, joan):
    codes.ask(client, people.EMAIL)
    code = codes.arrived()
    only_by_a_new_phone(joan)

    answer = codes.enter(client, code)

    assert answer.status_code == 422
    assert client.get("/p").status_code == 403


def test_a_code_lets_in_once(client, joan):
    codes.ask(client, people.EMAIL)
    code, thief = codes.arrived(), Client()
    thief.cookies = client.cookies.copy()
    codes.enter(client, code)

    assert codes.enter(thief, code).headers.get("Location") != "/p"
    assert Code.objects.get().used_at


def test_a_code_is_of_no_use_in_another_browser(client, joan):
    codes.ask(client, people.EMAIL)
    code, other = codes.arrived(), Client()
    codes.ask(other, NOBODY)

    assert codes.enter(other, code).status_code == 422


def test_revoking_links_ends_a_page_that_was_opened_by_code(client, joan):
    codes.ask(client, people.EMAIL)
    codes.enter(client, codes.arrived())
    Profile.objects.filter(pk=joan).update(link_epoch=1)

    assert client.get("/p").status_code == 403


def test_an_address_gets_five_codes_an_hour_from_wherever_they_are_asked_for(joan):
    for _ in range(5):
        assert codes.ask(Client(), people.EMAIL).status_code == 303

    for address in (people.EMAIL, people.EMAIL.upper()):
        answer = codes.ask(Client(REMOTE_ADDR="198.51.100.7"), address)
        assert answer.status_code == 429
        assert "wait an hour" in answer.text
    assert Code.objects.count() == 5

    Code.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert codes.ask(Client(), people.EMAIL).status_code == 303


def test_the_limit_is_the_same_for_an_address_that_nobody_has(db):
    answers = [codes.ask(Client(), NOBODY).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]


def test_a_network_gets_so_many_codes_whatever_addresses_it_names(db, settings):
    settings.HEED_CODES_PER_NETWORK = 3
    near = [codes.ask(Client(REMOTE_ADDR=f"198.51.100.{n}"), f"n{n}@example.org") for n in range(4)]

    assert [each.status_code for each in near] == [303, 303, 303, 429]
    assert codes.ask(Client(REMOTE_ADDR="203.0.113.7"), NOBODY).status_code == 303


@pytest.mark.parametrize("nonsense", ["", "joan", "joan@", "12", "a" * 400, "@", "joan@example.org\n.evil"])
def test_what_is_no_address_is_said_before_anything_is_done(client, nonsense):
    answer = codes.ask(client, nonsense)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'aria-describedby="address-hint address-problem"' in answer.text
    assert not Code.objects.exists()


def test_a_phone_is_asked_for_only_where_something_can_send_texts(client, joan):
    assert "mobile phone" not in client.get("/").text

    answer = codes.ask(client, people.PHONE)

    assert answer.status_code == 422
    assert "We cannot send codes by text." in answer.text


def test_no_phone_is_spoken_of_where_nothing_can_send_texts(client, db):
    for page in (client.get("/"), codes.ask(client, "nonsense")):
        assert "email or phone above" not in page.text
        assert "202 555 0143" not in page.text
        assert "Enter your email above" in page.text


def test_a_mail_server_that_is_down_is_tried_again(client, joan, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    codes.ask(client, people.EMAIL)

    assert sending.send_due() == 0
    assert Code.objects.get().fault == "ConnectionRefusedError"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Code.objects.update(due_at=timezone.now())
    tasks.sweep()

    assert len(mail.outbox) == 1
    assert codes.enter(client, codes.arrived()).headers["Location"] == "/p"


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_does_not_answer_keeps_nobody_waiting_for_ever(client, joan, monkeypatch):
    def fails(task):
        raise ConnectionError

    monkeypatch.setattr(codes_of_portal, "async_task", fails)
    assert codes.ask(client, people.EMAIL).headers["Location"] == "/code"

    tasks.sweep()

    assert codes.enter(client, codes.arrived()).headers["Location"] == "/p"


def test_a_code_whose_address_cannot_be_read_keeps_no_other_from_leaving(client, visit_by_code):
    visit_by_code.post("/p/addresses", {"act": "send", "address": "new@example.org"})
    Code.objects.exclude(sealed=b"").update(sealed=b"k0\0", due_at=timezone.now() - timedelta(minutes=1))
    codes.ask(Client(), people.EMAIL)
    sent = len(mail.outbox)

    sending.send_due()

    assert len(mail.outbox) == sent + 1
    assert Code.objects.exclude(sealed=b"").get().fault == "the key of the address is gone"


def test_a_worker_that_was_killed_between_claim_and_mail_is_made_up_for_by_the_same_code(client, joan):
    codes.ask(client, people.EMAIL)
    code = Code.objects.get()
    assert sending._claimed(code)
    assert sending.send_due() == 0

    Code.objects.update(due_at=timezone.now())
    assert sending.send_due() == 1
    assert codes.enter(client, codes.arrived()).headers["Location"] == "/p"


def test_codes_are_forgotten(client, joan):
    codes.ask(client, people.EMAIL)
    Code.objects.update(created_at=timezone.now() - timedelta(days=3))

    tasks.sweep()

    assert not Code.objects.exists()


def test_asking_changes_nothing_in_the_ledger(client, joan):
    before = Change.objects.count()

    codes.ask(client, people.EMAIL)
    codes.enter(client, codes.arrived())
    client.get("/p")

    assert Change.objects.count() == before


def test_a_form_from_elsewhere_is_refused(db):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/", {"address": NOBODY}).status_code == 403
    assert not Code.objects.exists()


@pytest.mark.parametrize("path", ["/", "/code"])
def test_front_doors_are_kept_nowhere_and_framed_by_nobody(client, db, path):
    codes.ask(client, NOBODY)

    answer = client.get(path)

    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_nobody_asked_means_back_to_the_front_door(client, db):
    assert client.get("/code").headers["Location"] == "/"
    assert client.post("/code", {"code": "123456"}).headers["Location"] == "/"


def test_an_address_that_two_people_share_opens_nobodys_page(client, joan):
    people.person(email=people.EMAIL, phone="+12025550100")
    codes.ask(client, people.EMAIL)

    answer = codes.enter(client, codes.arrived())

    assert "http" not in mail.outbox[0].body
    assert answer.headers["Location"] == "/whose"
    assert client.get("/p").status_code == 403
