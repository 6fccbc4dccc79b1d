"""A form that is posted twice at once, on PostgreSQL by two threads with connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from preferences.models import Change
from tests.portal import codes
from tests.portal.forms import open_form
from tests.portal.story import choices_of, result

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes one writer at a time"),
]


def twice(client, path, form):
    """Two clicks on one button: the same browser posts the same form in two connections."""
    gate = Barrier(2)

    def post(_):
        with closing(connection):
            browser = Client()
            browser.cookies = client.cookies
            gate.wait(timeout=10)
            return browser.post(path, form)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(post, range(2)))


def test_two_clicks_save_once_and_the_result_is_there(visit, joan):
    form = open_form(visit) | {"choice.appointment_reminders.sms": "opted_out", "act": "save"}

    answers = twice(visit, "/p", form)

    assert [each.status_code for each in answers] == [303, 303]
    assert choices_of(joan) == [("appointment_reminders", "sms", "opted_out")]
    assert "Appointment reminders: Text message No" in result(visit)
    call_command("verify_ledger", verbosity=0)


def test_two_clicks_on_stop_stop_once(visit, joan):
    answers = twice(visit, "/p", open_form(visit) | {"act": "stop"})

    assert [each.status_code for each in answers] == [303, 303]
    assert choices_of(joan) == [("*", "*", "opted_out")]
    assert "We will stop" in result(visit)


def test_two_clicks_on_undo_take_back_once(visit, joan):
    visit.post("/p/pause", open_form(visit) | {"pause": "marketing_emails.30"})

    answers = twice(visit, "/p/undo", {"act": "undo"})

    assert [each.status_code for each in answers] == [303, 303]
    voids = Change.objects.filter(subject_id=joan, entries__contains='"do":"void"')
    assert voids.count() == 1
    assert "It is as it was before" in result(visit)


def test_a_code_that_is_sent_twice_lets_in_once(visit):
    codes.send_here(visit)

    answers = twice(visit, "/p/code", {"act": "enter", "code": codes.arrived()})

    assert sorted(each.status_code for each in answers) in ([303, 400], [303, 403], [303, 422])
