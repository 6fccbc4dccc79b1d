"""The traps of call centers and of an EHR's interfaces, asked as those systems would be."""

from datetime import UTC, datetime

import pytest

from destinations.sandbox import AthenahealthSandbox, Five9Sandbox, GenesysSandbox, Hl7Sandbox, running

LIST = "/api/v2/outbound/dnclists/calls"
NOON = datetime(2026, 7, 2, 19, 0, tzinfo=UTC)
ADD = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    "<ser:{0}><numbers>2025550143</numbers></ser:{0}></soapenv:Body></soapenv:Envelope>"
)


@pytest.fixture
def genesys(stack, call):
    sandbox = stack.enter_context(running(GenesysSandbox()))
    numbers = [{"list": "calls", "phone": f"+1202555014{n}"} for n in range(3)]
    sandbox.seed({"lists": [{"id": "calls", "name": "Calls"}], "numbers": numbers})
    token = call(sandbox).post("/oauth/token", {"grant_type": "client_credentials"}, auth=("a", "b"))
    return call(sandbox, token.json()["access_token"])


def test_a_list_shows_its_size_only_where_it_is_asked_for(genesys):
    assert "size" not in genesys.get(LIST).json()
    assert genesys.get(f"{LIST}?includeSize=true").json()["size"] == 3


def test_delete_empties_the_whole_list(genesys):
    assert genesys.delete(f"{LIST}/phonenumbers").status_code == 204
    assert genesys.get(f"{LIST}?includeSize=true").json()["size"] == 0


def test_one_number_that_is_none_spoils_the_whole_change(genesys):
    body = {"action": "Add", "phoneNumbers": ["+12025550199", "5550199"]}
    assert genesys.patch(f"{LIST}/phonenumbers", json=body).status_code == 400
    assert genesys.get(f"{LIST}?includeSize=true").json()["size"] == 3


def test_a_list_is_written_out_after_a_while_and_its_file_refuses_a_session(genesys, call):
    assert genesys.get(f"{LIST}/export").status_code == 404
    genesys.post(f"{LIST}/export")
    assert genesys.get(f"{LIST}/export").status_code == 404
    uri = genesys.get(f"{LIST}/export").json()["uri"]
    path = uri.removeprefix(genesys.base)
    url = genesys.get(f"{path}?issueRedirect=false").json()["url"].removeprefix(genesys.base)

    assert genesys.get(path, allow_redirects=False).status_code == 303
    assert genesys.get(url).status_code == 403


def test_five9s_list_takes_changes_at_night_and_answers_all_day(stack, call):
    sandbox = stack.enter_context(running(Five9Sandbox(clock=lambda: NOON)))
    session = call(sandbox)
    session.auth = ("heed", "p")
    answers = [
        session.post("/wsadmin/v13/AdminWebService", ADD.format(operation))
        for operation in ("addNumbersToDnc", "removeNumbersFromDnc", "checkDncForNumbers")
    ]

    assert [each.status_code for each in answers] == [500, 500, 200]
    assert "<S:Fault>" in answers[0].text


def test_an_interface_leaves_what_a_message_does_not_name(stack):
    sandbox = stack.enter_context(running(Hl7Sandbox()))
    sandbox.seed({"patients": [{"mrn": "4711", "publicity": "03"}]})
    header = "MSH|^~\\&|||||||ADT^A31^ADT_A05|{}|P|2.5.1\rPID|1||4711^^^STMARY^MR\rPD1|||||||||||{}\r"

    assert "MSA|AA|1" in sandbox.taken(header.format(1, ""))
    assert sandbox.found(["mrn:4711"]).record["patients"][0]["publicity"] == "03"
    sandbox.taken(header.format(2, '""'))
    sandbox.taken(header.format(2, "01"))  # the same number again: it is not done twice
    assert sandbox.found(["mrn:4711"]).record["patients"][0]["publicity"] == ""


def test_a_changed_patient_is_told_once_and_again_only_within_a_window(stack, call):
    sandbox = stack.enter_context(running(AthenahealthSandbox()))
    sandbox.seed({"patients": [{"patientid": "4711"}]})
    form = {"grant_type": "client_credentials", "scope": "athena"}
    token = call(sandbox).post("/oauth2/v1/token", form, auth=("a", "b")).json()["access_token"]
    session = call(sandbox, token)
    changed = "/v1/195900/patients/changed"

    assert session.get(changed).status_code == 404
    session.post(f"{changed}/subscription")
    assert len(session.get(changed).json()["patients"]) == 1
    assert session.get(changed).json()["patients"] == []
    again = session.get(f"{changed}?showprocessedstartdatetime=11/26/2026 00:00:00")
    assert len(again.json()["patients"]) == 1
