"""Salesforce's REST API, as the sandbox speaks it."""

import pytest

from destinations.sandbox.faults import Fault
from destinations.sandbox.salesforce_org import FIELDS, HUMAN, INTEGRATION_USER

DATA = "/services/data/v62.0"
CLIENT = {"grant_type": "client_credentials", "client_id": "heed", "client_secret": "hush"}
ANA = {
    "FirstName": "Ana",
    "LastName": "Ruiz",
    "Email": "ana@example.org",
    "MobilePhone": "(555) 010-0123",
    "MRN__c": "4711",
}
BO = {"LastName": "O'Neil", "Email": "bo@example.org", "HasOptedOutOfEmail": True}


@pytest.fixture
def caller(salesforce, call):
    caller = call(salesforce)
    answer = caller.post("/services/oauth2/token", data=CLIENT).json()
    assert answer["instance_url"] == salesforce.url
    caller.headers["Authorization"] = f"Bearer {answer['access_token']}"
    return caller


@pytest.fixture
def people(salesforce):
    return salesforce.seed({"Contact": [ANA, BO]})["Contact"]


@pytest.fixture
def query(caller):
    return lambda soql: caller.get(f"{DATA}/query", params={"q": soql})


@pytest.fixture
def found(query):
    return lambda where: [
        each["LastName"]
        for each in query(f"SELECT LastName FROM Contact WHERE {where}").json()["records"]  # noqa: S608
    ]


@pytest.fixture
def update(caller):
    return lambda *records: caller.patch(
        f"{DATA}/composite/sobjects", json={"allOrNone": False, "records": records}
    )


def contact(key, **fields):
    return {"attributes": {"type": "Contact"}, "id": key, **fields}


def test_a_session_that_was_expired_is_refused_and_a_new_one_works(caller):
    assert caller.get(f"{DATA}/limits").status_code == 200
    caller.post("/_expire_tokens")

    answer = caller.get(f"{DATA}/limits")

    assert answer.status_code == 401
    assert answer.json() == [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]


@pytest.mark.parametrize("form", [{**CLIENT, "grant_type": "password"}, {**CLIENT, "client_secret": ""}])
def test_a_client_without_a_secret_gets_no_session(salesforce, call, form):
    assert call(salesforce).post("/services/oauth2/token", data=form).status_code == 400


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Email = 'ANA@example.org'", ["Ruiz"]),
        ("Email IN ('ana@example.org', 'bo@example.org')", ["Ruiz", "O'Neil"]),
        ("LastName = 'O\\'Neil'", ["O'Neil"]),
        ("HasOptedOutOfEmail = true", ["O'Neil"]),
        ("HasOptedOutOfEmail != true", ["Ruiz"]),
        ("MRN__c = null", ["O'Neil"]),
        ("MRN__c != null AND (Email = 'x' OR Phone = null)", ["Ruiz"]),
        ("MRN__c != '4711'", ["O'Neil"]),
        ("SystemModstamp > 2020-01-01T00:00:00Z", ["Ruiz", "O'Neil"]),
        ("SystemModstamp > 2999-01-01T00:00:00Z", []),
        ("(((Email = 'ana@example.org'))) LIMIT 1", ["Ruiz"]),
        ("Email != null LIMIT 1", ["Ruiz"]),
    ],
)
def test_a_query_finds_what_salesforce_would_find(people, found, where, names):
    assert found(where) == names


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Contact WHERE Email = 'a' AND Phone = 'b' OR MRN__c = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email LIKE 'a%'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a'; DROP TABLE document", "MALFORMED_QUERY"),
        ("SELECT FROM Contact", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
        ("SELECT Id, Shoe__c FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Shoe__c = 9", "INVALID_FIELD"),
        ("SELECT Id FROM Contract", "INVALID_TYPE"),
    ],
)
def test_a_query_that_salesforce_would_refuse_is_refused(people, query, soql, code):
    answer = query(soql)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_a_query_too_long_for_a_uri_is_refused(query):
    addresses = ", ".join(f"'{number:030d}@example.org'" for number in range(400))

    assert query(f"SELECT Id FROM Contact WHERE Email IN ({addresses})").status_code == 414  # noqa: S608


def test_a_query_that_finds_thousands_is_answered_in_pages(salesforce, caller, query):
    salesforce.seed({"Contact": [{"LastName": str(number)} for number in range(4_100)]})

    pages = [query("SELECT LastName FROM Contact").json()]
    while not pages[-1]["done"]:
        pages.append(caller.get(pages[-1]["nextRecordsUrl"]).json())

    assert [len(page["records"]) for page in pages] == [2_000, 2_000, 100]
    assert {page["totalSize"] for page in pages} == {4_100}
    assert len({each["LastName"] for page in pages for each in page["records"]}) == 4_100


def test_a_person_account_is_an_account_with_a_persons_fields(salesforce, caller, query, update):
    [key] = salesforce.seed({"Account": [{"LastName": "Ruiz", "PersonEmail": "ana@example.org"}]})["Account"]

    wish = {"attributes": {"type": "Account"}, "id": key, "Care_Follow_Ups_Mail_Opt_Out__pc": True}
    assert update(wish).json() == [{"id": key, "success": True, "errors": []}]

    fields = "Id, PersonHasOptedOutOfEmail, Care_Follow_Ups_Mail_Opt_Out__pc"
    [record] = query(f"SELECT {fields} FROM Account WHERE IsPersonAccount = true").json()["records"]  # noqa: S608
    assert (record["PersonHasOptedOutOfEmail"], record["Care_Follow_Ups_Mail_Opt_Out__pc"]) == (False, True)


def test_an_update_is_answered_record_by_record_in_order(salesforce, caller, people, update):
    ana, bo = people
    gone = ana[:14] + "9" + ana[15:]

    answer = update(
        contact(bo, DoNotCall=True),
        contact(gone, DoNotCall=True),
        contact("nonsense", DoNotCall=True),
        contact(ana, DoNotCall="yes"),
        contact(ana, LastModifiedDate="2020-01-01"),
        contact("", DoNotCall=True),
    )

    assert answer.status_code == 200
    results = answer.json()
    assert [result["success"] for result in results] == [True, False, False, False, False, False]
    assert [result["errors"][0]["statusCode"] for result in results[1:]] == [
        "ENTITY_IS_DELETED",
        "MALFORMED_ID",
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "MISSING_ARGUMENT",
    ]
    assert dict(salesforce.calls) == {bo: 1}


def test_a_field_that_the_org_lacks_spoils_the_whole_collection(salesforce, people, update):
    answer = update(contact(people[0], DoNotCall=True), contact(people[1], Shoe__c=9))

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert not salesforce.calls


def test_more_than_two_hundred_records_are_refused(people, update):
    answer = update(*[contact(people[0], DoNotCall=True)] * 201)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_half_of_a_batch_may_be_locked(salesforce, people, update):
    salesforce.faults.set(Fault(partial=True, times=1))

    results = update(*[contact(key, DoNotCall=True) for key in people]).json()

    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_who_changed_a_record_last_and_when_is_told(salesforce, caller, people, query, update):
    salesforce.seed(
        {
            "Contact": [
                {"Id": people[0], "HasOptedOutOfEmail": True, "LastModifiedDate": "2024-05-01T10:00:00Z"}
            ]
        }
    )
    soql = "SELECT LastModifiedById, LastModifiedDate FROM Contact WHERE MRN__c = '4711'"
    [by_human] = query(soql).json()["records"]
    update(contact(people[0], HasOptedOutOfEmail=False))
    [by_heed] = query(soql).json()["records"]

    assert (by_human["LastModifiedById"], by_human["LastModifiedDate"]) == (
        HUMAN,
        "2024-05-01T10:00:00.000+0000",
    )
    assert by_heed["LastModifiedById"] == INTEGRATION_USER
    assert by_heed["LastModifiedDate"] > by_human["LastModifiedDate"]


@pytest.mark.parametrize("asked", ["email=ANA@example.org", "phone=%2B15550100123", "mrn=4711"])
def test_a_person_is_found_by_email_phone_or_record_number(caller, people, asked):
    told = caller.get(f"/_records?{asked}").json()

    assert told["record"] == caller.get(f"{DATA}/sobjects/Contact/{people[0]}").json()
    assert set(told["record"]) == {"attributes", *FIELDS["Contact"]}
    assert {"about": "All email", "says": "not opted out", "may": True} in told["words"]


def test_several_records_of_one_person_are_all_told(salesforce, caller, people):
    salesforce.seed({"Lead": [{"LastName": "Ruiz", "Email": "ana@example.org"}]})

    told = caller.get("/_records?email=ana@example.org").json()

    assert [each["attributes"]["type"] for each in told["record"]["records"]] == ["Contact", "Lead"]


def test_consents_are_made_each_with_its_own_result_and_people_are_not(caller):
    consent = {"attributes": {"type": "ContactPointTypeConsent"}, "Name": "n", "PartyId": "0PK1"}
    wishes = [
        {**consent, "ContactPointType": "Email", "PrivacyConsentStatus": "OptOut"},
        {**consent, "ContactPointType": "Pigeon", "PrivacyConsentStatus": "OptOut"},
        {**consent, "ContactPointType": "Email"},
        {"attributes": {"type": "Contact"}, "LastName": "Ruiz"},
    ]
    made, *refused = caller.post(f"{DATA}/composite/sobjects", json={"records": wishes}).json()
    assert made["success"]
    assert [each["errors"][0]["statusCode"] for each in refused] == [
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "REQUIRED_FIELD_MISSING",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    ]
