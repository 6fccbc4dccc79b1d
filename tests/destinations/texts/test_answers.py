"""What is heard in an answer to the question which texts are still wanted."""

import pytest

from destinations.texts.answers import kept

OFFERED = ("appointment_reminders", "patient_surveys", "care_follow_ups")
REMINDERS, SURVEYS, FOLLOW_UPS = OFFERED


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("1", [REMINDERS]),
        (" 2. ", [SURVEYS]),
        ("1 and 3", [REMINDERS, FOLLOW_UPS]),
        ("3,1", [REMINDERS, FOLLOW_UPS]),
        ("Keep 2 please", [SURVEYS]),
        ("only 1", [REMINDERS]),
        ("Solo el 1".replace("el ", ""), [REMINDERS]),
        ("1 y 2 por favor", [REMINDERS, SURVEYS]),
        ("reminders ok", [REMINDERS]),
        ("Reminders are fine", [REMINDERS]),
        ("keep the reminders", [REMINDERS]),
        ("I still want appointment reminders and surveys", [REMINDERS, SURVEYS]),
        ("quiero los recordatorios", [REMINDERS]),
        ("Los recordatorios están bien", [REMINDERS]),
    ],
)
def test_what_is_plainly_wanted_is_kept(text, kinds):
    assert list(kept(text, OFFERED)) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "ok",
        "sí",
        "STOP",
        "stop 2",
        "not 2",
        "no 1",
        "all but 2",
        "1 or 2",
        "4",
        "0",
        "12",
        "1 9",
        "2 pm",
        "see you at 2",
        "only surveys",
        "just reminders",
        "surveys",
        "no surveys, reminders ok",
        "reminders ok but no surveys",
        "do not keep reminders",
        "stop reminders",
        "keep everything",
        "newsletters ok",
        "keep reminders and newsletters",
        "I'll be there at 1",
        "ok only surveys",
        "My appointment at 2 is fine",
        "START",
        "help",
        "Liked “Riverside Health: you will get no more texts from us. To keep some, reply with 1”",
    ],
)
def test_what_is_not_plain_keeps_nothing(text):
    assert kept(text, OFFERED) == ()


def test_a_number_that_was_not_offered_keeps_nothing():
    assert kept("2", (REMINDERS,)) == ()
    assert kept("surveys ok", (REMINDERS,)) == ()
