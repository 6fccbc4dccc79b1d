"""Two workers read two STOPs of one phone at once: one confirmation is sent."""

from itertools import product
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from destinations.models import Inbound, InboundEvent, OutgoingText
from destinations.services.hearing import hear, keep
from destinations.services.listening import save_inbound
from destinations.terms import EventState
from destinations.vendors.contract import Item
from tests.destinations.twilios import ACCOUNT, KEY, SECRET, SERVICE
from tests.factories import PatientFactory
from tests.preferences.test_races import at_once, on_postgres

pytestmark = [pytest.mark.django_db(transaction=True), on_postgres]
PHONES = 12


def test_a_phone_that_texts_stop_twice_at_once_gets_one_text(transactional_db):
    save_inbound(
        slug="texts",
        name="Texts",
        vendor="twilio",
        settings={"account_sid": ACCOUNT, "api_key": KEY, "sender": SERVICE, "confirms_stop": True},
        secrets={"auth_token": "12345", "api_key_secret": SECRET},
    )
    numbers = [f"+120255501{phone:02}" for phone in range(PHONES)]
    for number in numbers:
        PatientFactory.create(phone=number)
    for number, words in product(numbers, ("STOP", "Stop please")):
        form = {"From": number, "To": "+12025550100", "Body": words, "MessageSid": f"SM{number}{words}"}
        item = Item(form["MessageSid"], urlencode(form).encode())
        keep(inbound=Inbound.objects.get(), items=[item], now=timezone.now())

    at_once(hear, hear)

    assert InboundEvent.objects.filter(state=EventState.COUNTED).count() == 2 * PHONES
    assert OutgoingText.objects.count() == PHONES
