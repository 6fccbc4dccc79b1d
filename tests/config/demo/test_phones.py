"""The demo's phones get the texts of Heed's own."""

from datetime import timedelta

import requests
from django.utils import timezone

from config.demo import connections
from config.demo.doors import PHONES, reachable
from config.demo.environment import _signing_key
from destinations.models import Inbound
from destinations.sandbox import PhonesSandbox, running
from destinations.services import texting_out
from destinations.services.texts_leaving import send_due
from destinations.terms import TextPurpose
from preferences import identity
from preferences.identity import named
from tests.factories import PatientFactory


def test_a_text_of_heeds_own_is_read_on_the_phone_wherever_the_sandbox_listens_this_time(db, settings):
    ana = PatientFactory.create()
    [phone] = identity.find([named("phone", ana.phone)]).values()
    secrets = dict.fromkeys(["twilio", "mailchimp", "salesforce", "hubspot", "webhook"], "1")
    connections.listen({**secrets, "sendgrid": _signing_key()}, to={PHONES})
    connections.text_by("http://127.0.0.1:1")  # where it listened last time
    with running(PhonesSandbox()) as phones:
        settings.HEED_PRIVATE_HOSTS = reachable({PHONES: phones.url})
        connections.text_by(phones.url)
        texting_out.send(
            phone=phone,
            words="123456 is your code.",
            purpose=TextPurpose.SIGN_IN_CODE,
            key="1",
            until=timezone.now() + timedelta(minutes=5),
        )
        send_due()
        shown = requests.get(f"{phones.url}/_records", params={"phone": ana.phone}, timeout=5).json()
    assert [each["body"] for each in shown["record"]["messages"]] == ["123456 is your code."]
    assert not Inbound.objects.get().settings.get("confirms_stop")
