"""What a text means, measured on labelled texts: nobody who made the layers looked at `held_out.tsv`."""

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations.texts import Understood, understand

HERE = Path(__file__).parent
SETS = {
    name: [line.split("\t", 1) for line in (HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()]
    for name in ("tuning", "held_out")
}


def label(understood: Understood) -> str:
    if understood.needs_review:
        return "review"
    if understood.category:
        return f"out:{understood.category}"
    meaning = understood.meaning.value
    return meaning if meaning in {"stop", "start", "help"} else "none"


def heard(name: str) -> Counter[tuple[str, str]]:
    """(label, what was heard) -> how often."""
    return Counter((wanted, label(understand(text))) for wanted, text in SETS[name])


def share(found: Counter[tuple[str, str]], wanted: str, got: str) -> float:
    return found[wanted, got] / sum(count for (said, _), count in found.items() if said == wanted)


def test_the_sets_are_large_enough_to_say_something():
    assert sum(map(len, SETS.values())) >= 300
    assert len(SETS["held_out"]) >= 100


@pytest.mark.parametrize(("name", "most"), [("tuning", 0.0), ("held_out", 0.06)])
def test_a_real_stop_is_hardly_ever_heard_as_nothing(name, most):
    found = heard(name)
    assert share(found, "stop", "none") <= most, found


@pytest.mark.parametrize(("name", "most"), [("tuning", 0.0), ("held_out", 0.09)])
def test_a_confirmation_is_hardly_ever_heard_as_a_stop(name, most):
    found = heard(name)
    assert share(found, "none", "stop") <= most, found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("STOP", "stop"),
        ("停止", "stop"),
        ("退订。", "stop"),
        ("중지", "stop"),
        ("수신 거부!", "stop"),
        ("إيقاف", "stop"),
        ("تَوَقَّف", "stop"),
        ("Ngừng", "stop"),
        ("hủy đăng ký", "stop"),
        ("Itigil na", "stop"),
        ("Please 停止, thank you", "stop"),
        ("Do not 停止 my reminders", "review"),
        ("Is it قف?", "review"),
        ("请不要再给我发短信", "review"),
        ("문자 그만 보내 주시면 좋겠어요", "review"),
        ("لا أريد رسائل منكم", "review"),
        ("谢谢", "none"),
        ("네, 갈게요", "none"),
        ("نعم", "none"),
        ("سأحضر في الغد، أين الموقف؟", "none"),
        ("停车在哪里？", "none"),
        ("Đúng", "none"),
        ("ابدأ", "none"),
        ("please stop texting me", "stop"),
        ("wrong number", "stop"),
        ("no more surveys", "out:patient_surveys"),
        ("I'll stop by at 3", "none"),
        ("can you cancel my appointment?", "none"),
        ("yes", "none"),
        ("Liked “Reply STOP to opt out”", "none"),
        ("START", "start"),
        ("ya no me manden mensajes", "stop"),
        ("cancel everything", "review"),
    ],
)
def test_the_cases_that_the_law_and_nurses_know(text, wanted):
    assert label(understand(text)) == wanted


@given(st.text(max_size=3_000))
def test_whatever_is_sent_is_read(text):
    assert label(understand(text)) in {"stop", "start", "help", "none", "review"} | {
        f"out:{each}"
        for each in ("patient_surveys", "appointment_reminders", "care_follow_ups", "phone_outreach")
    }


@pytest.mark.parametrize("text", ["stop " * 2_000, "no " * 5_000, "a" * 50_000, "no more " * 3_000])
def test_a_hostile_text_is_read_as_fast_as_any(text):
    understand(text)


@pytest.mark.parametrize(
    "text",
    [
        "stop " + "all the " * 22 + "!",
        "cancel " + "all of the " * 180,
        "stop with the " * 140,
        "“" * 2_000,
        "🛑" * 2_000,
    ],
    ids=["all the", "all of the", "with the", "quotes", "signs"],
)
def test_reading_takes_no_time_whatever_somebody_sends(text):
    began = time.perf_counter()
    understand(text)
    assert time.perf_counter() - began < 1
