"""The demo's mailbox and phone: what Heed itself sent, to be read in a browser."""

import re
from datetime import UTC, datetime, timedelta

import requests
from django.core.mail import EmailMessage, get_connection

from destinations.sandbox import PhonesSandbox, System, SystemsPage, running
from destinations.sandbox.phones import ACCOUNT


def sent(directory, to, body):
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=directory)
    EmailMessage("Your code from Riverside", body, "heed@example.org", [to], connection=backend).send()


def test_mails_and_texts_stand_there_with_their_codes_and_links(tmp_path):
    sent(tmp_path, "joan@example.org", "Your code is 123456.\n\nhttp://localhost:8000/p/abc <b>&\n")
    with running(PhonesSandbox()) as phones:
        text = {"To": "+12025550143", "From": "+12025550199", "Body": "Your code is 654321."}
        requests.post(
            f"{phones.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data=text,
            auth=(ACCOUNT, "demo"),
            timeout=5,
        ).raise_for_status()
        with running(SystemsPage([System.of(phones)], mails=tmp_path)) as page:
            shown = requests.get(f"{page.url}/mailbox", timeout=5)

    assert "to joan@example.org" in shown.text
    moments = re.findall(r'datetime="([^"]+)"', shown.text)
    assert all(
        abs(datetime.now(UTC) - datetime.fromisoformat(each)) < timedelta(minutes=5) for each in moments
    )
    assert len(moments) == 2
    assert "Your code is 123456." in shown.text
    assert '<a href="http://localhost:8000/p/abc">' in shown.text
    assert "&lt;b&gt;&amp;" in shown.text
    assert "to +12025550143" in shown.text
    assert "Your code is 654321." in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]


def test_without_mails_or_phones_it_says_so(tmp_path):
    with running(SystemsPage([], mails=tmp_path / "none")) as page:
        shown = requests.get(f"{page.url}/mailbox", timeout=5).text

    assert "No mail yet." in shown
    assert "No text yet." in shown
