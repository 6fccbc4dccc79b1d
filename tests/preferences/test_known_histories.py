"""Histories that Heed, or the resolver, once read wrongly: whatever chance brings about, these come again."""

import pytest

from tests.preferences.test_every_history import lived_through

pytestmark = pytest.mark.django_db

ONE, TWO = ("email", "one@example.org"), ("email", "two@example.org")
FIRST, LAST = ("phone", "+12025550101"), ("phone", "+12025550102")
LETTERS, CALLS, TEXTS = ("mail", ("", "")), ("phone", LAST), ("sms", FIRST)
NO_CALLS = ("restricts", "do_not_call", LAST, "*", True, 0)
NO_TEXTS = ("restricts", "stop", FIRST, "*", True, 0)
NO_MAILS = ("restricts", "suppressed", ONE, "*", True, 0)
NO, YES = [("patient_surveys", "sms", False)], [("phone_outreach", "sms", True)]

HISTORIES = {
    "an order names a phone that the other record gave, and the two part": [
        ("merges", 0, 2),
        ("orders", 0, [LETTERS, CALLS]),
        ("parts", 2),
        ("chooses", 0, [("sale_or_sharing", "", False)], 0, "proxy"),
    ],
    "an order names a phone that the record system then replaces": [
        ("orders", 2, [CALLS]),
        NO_CALLS,
        ("moves", 2, "ehr", FIRST, False),
    ],
    "an order stays with whom they parted from, its phone does not": [
        ("merges", 0, 1),
        ("orders", 1, [CALLS]),
        ("parts", 1),
        NO_CALLS,
    ],
    "an order for both replaces that of the one who leaves": [
        ("orders", 0, [CALLS]),
        ("merges", 1, 0),
        ("orders", 1, [LETTERS]),
        ("parts", 0),
        NO_CALLS,
    ],
    "an order for both names what the one who leaves had named": [
        ("orders", 1, [TEXTS]),
        ("merges", 0, 1),
        ("orders", 0, [TEXTS]),
        ("parts", 1),
        ("moves", 0, "ehr", LAST, False),
        NO_TEXTS,
    ],
    "three are one, two of them with an order, and the one between without": [
        ("orders", 2, [CALLS]),
        ("merges", 1, 2),
        ("orders", 0, [TEXTS]),
        ("merges", 0, 1),
    ],
    "two orders of three who are one stand, and the one between leaves": [
        ("orders", 1, [TEXTS]),
        ("merges", 0, 2),
        ("orders", 2, [CALLS]),
        ("merges", 0, 1),
        ("parts", 2),
    ],
    "a system replaces after the parting what it gave before": [
        ("merges", 0, 2),
        ("moves", 2, "crm", FIRST, False),
        ("parts", 2),
        ("moves", 2, "crm", LAST, False),
        NO_TEXTS,
    ],
    "a system replaces while they are one what it had said of the one who leaves": [
        ("moves", 2, "crm", ONE, False),
        ("merges", 0, 2),
        ("moves", 2, "crm", TWO, False),
        ("parts", 2),
        NO_MAILS,
    ],
    "a system says of one record what it has said of another, and they part": [
        ("merges", 0, 2),
        ("moves", 0, "ehr", TWO, False),
        ("merges", 2, 1),
        ("moves", 0, "ehr", ONE, False),
        NO_MAILS,
        ("parts", 1),
    ],
    "a system replaced for both what it gave of one, they part and are one again": [
        ("merges", 1, 2),
        ("merges", 1, 0),
        ("moves", 0, "ehr", ONE, False),
        ("orders", 1, [CALLS, ("email", ONE)]),
        ("parts", 0),
        ("merges", 0, 1),
    ],
    "a system gives up of one record what it says of the other": [
        ("moves", 1, "ehr", TWO, False),
        ("merges", 0, 1),
        NO_MAILS,
    ],
    "a yes on its wording goes with the one who leaves": [
        ("merges", 0, 2),
        ("chooses", 2, YES, 0, "page notice"),
        ("parts", 2),
    ],
    "two of three leave together, and then each other": [
        ("merges", 0, 2),
        ("merges", 1, 0),
        ("chooses", 2, YES, 0, "page notice"),
        ("moves", 2, "crm", FIRST, False),
        ("dies", 2, True),
        ("parts", 0),
        ("dies", 2, False),
        ("parts", 2),
        NO_TEXTS,
    ],
    "one leaves from the middle, and whom they were with leaves as well": [
        ("merges", 0, 2),
        ("chooses", 2, YES, 0, "page notice"),
        ("merges", 1, 2),
        ("parts", 2),
        ("parts", 0),
    ],
    "a no that was copied is voided before it is copied again": [
        ("merges", 0, 2),
        ("merges", 1, 0),
        ("chooses", 1, NO, 0, "page"),
        ("parts", 0),
        ("voids", -1),
        ("parts", 2),
    ],
    "a no that was copied twice is voided": [
        ("merges", 0, 2),
        ("merges", 1, 0),
        ("chooses", 1, NO, 0, "page"),
        ("parts", 0),
        ("parts", 2),
        ("voids", -1),
    ],
    "a yes is voided of who is part of somebody who is part of another": [
        ("chooses", 0, YES, 0, "page notice"),
        ("merges", 1, 0),
        ("merges", 2, 0),
        ("voids", -1),
    ],
    "links are switched off of three who are one, and of one who left": [
        ("merges", 0, 2),
        ("merges", 1, 0),
        ("switches_links_off", 2),
        ("parts", 0),
        ("switches_links_off", 2),
        ("merges", 0, 1),
        ("switches_links_off", 1),
    ],
    "whoever sets an order gives up by itself an address that it names": [
        ("moves", 2, "staff", FIRST, False),
        ("orders", 2, [TEXTS]),
        ("moves", 2, "staff", LAST, False),
        NO_TEXTS,
    ],
    "a no of the time before they were one with whom it was said of": [
        ("merges", 0, 2),
        ("chooses", 1, NO, 0, "page"),
        ("merges", 0, 1),
        ("parts", 2),
    ],
}


@pytest.mark.parametrize("script", HISTORIES.values(), ids=HISTORIES)
def test_heed_answers_as_the_rules_say(script):
    lived_through(script)
