"""A partner who takes suppression files in: whole ones only, and each once."""

import hashlib

import pytest

from destinations.sandbox import FilesSandbox, running

ANA, PHONE = "email:ana@example.org", "phone:+12025550143"
NAME = "suppressions-marketing_emails.csv"


@pytest.fixture
def partner(stack, tmp_path):
    return stack.enter_context(running(FilesSandbox(directory=tmp_path / "files")))


def leave(partner, *addresses, sums="", name=NAME):
    body = "\r\n".join(["address", *addresses, ""]).encode()
    sums = sums or hashlib.sha256(body).hexdigest()
    (partner.directory / f"{name}.sha256").write_text(f"# {len(addresses)} rows\n{sums}  {name}\n")
    (partner.directory / name).write_bytes(body)


def told(partner, call):
    return call(partner).get("/_records?email=ana@example.org&phone=%2B12025550143").json()


def test_who_stands_in_a_file_is_known_by_address_or_number(partner, call):
    leave(partner, "Ana@example.org", "ben@example.org")
    leave(partner, "+12025550143", name="suppressions-phone_outreach.csv")

    answer = told(partner, call)

    assert [each["file"] for each in answer["record"]["listed"]] == [NAME, "suppressions-phone_outreach.csv"]
    assert [each["may"] for each in answer["words"]] == [False, False]
    assert call(partner).get("/files").json()[NAME] == 2


def test_a_file_that_takes_the_place_of_another_is_what_counts(partner, call):
    leave(partner, "ana@example.org")
    assert told(partner, call)["known"]

    leave(partner)
    answer = told(partner, call)

    assert (answer["known"], answer["calls"]) == (False, 2)
    assert answer["words"][0]["says"] == "in none of them"


def test_a_file_that_does_not_fit_its_checksum_waits(partner, call):
    leave(partner, "ana@example.org", sums="0" * 64)
    assert not told(partner, call)["known"]

    leave(partner, "ana@example.org")
    assert told(partner, call)["known"]


def test_it_takes_no_seeds(partner, call):
    assert call(partner).put("/_seed", json={"files": [{}]}).status_code == 400
