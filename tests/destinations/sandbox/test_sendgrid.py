"""SendGrid's suppressions, as the sandbox keeps them."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

ANA = {"recipient_emails": ["ana@example.org"]}


@pytest.fixture
def caller(sendgrid, call):
    return call(sendgrid, "SG.key")


def test_a_suppression_belongs_to_its_group_only(caller):
    answer = caller.post("/v3/asm/groups/101/suppressions", json={"recipient_emails": ["Ana@Example.org"]})

    assert (answer.status_code, answer.json()) == (201, ANA)
    groups = caller.get("/v3/asm/suppressions/ana%40example.org").json()["suppressions"]
    assert {group["id"]: group["suppressed"] for group in groups} == {101: True, 102: False}
    assert caller.get("/v3/asm/suppressions/global/ana@example.org").json() == {}


def test_a_suppression_in_an_unknown_group_lands_on_the_global_list(caller):
    answer = caller.post("/v3/asm/groups/999/suppressions", json=ANA)

    assert (answer.status_code, answer.json()) == (201, ANA)
    on_list = caller.get("/v3/asm/suppressions/global/ana@example.org").json()
    assert on_list == {"recipient_email": "ana@example.org"}


def test_a_suppression_may_be_taken_back_any_number_of_times(sendgrid, caller):
    caller.post("/v3/asm/groups/101/suppressions", json=ANA)

    for _ in range(2):
        assert caller.delete("/v3/asm/groups/101/suppressions/ana%40example.org").status_code == 204

    assert caller.get("/v3/asm/groups/101/suppressions").json() == []
    assert sendgrid.calls["email:ana@example.org"] == 3


def test_a_search_answers_only_who_is_suppressed(caller):
    caller.post("/v3/asm/groups/101/suppressions", json=ANA)

    asked = {"recipient_emails": ["ana@example.org", "bo@example.org"]}

    assert caller.post("/v3/asm/groups/101/suppressions/search", json=asked).json() == ["ana@example.org"]


def test_the_first_date_of_a_suppression_stands(sendgrid, caller):
    sendgrid.seed(
        {"suppressed": [{"email": "ana@example.org", "group": 101, "created": "2024-05-01T10:00:00Z"}]}
    )

    caller.post("/v3/asm/groups/101/suppressions", json=ANA)

    [dated] = caller.get("/v3/asm/suppressions").json()
    assert (dated["created_at"], dated["group_name"]) == (1714557600, "Marketing emails")


def test_the_global_list_is_read_by_date_and_by_page(sendgrid, caller):
    sendgrid.seed({"global": [{"email": f"p{day}@example.org", "created": day} for day in range(1, 6)]})

    def listed(query):
        return [each["created"] for each in caller.get(f"/v3/suppression/unsubscribes?{query}").json()]

    assert listed("start_time=2&end_time=4") == [2, 3, 4]
    assert listed("limit=2&offset=3") == [4, 5]
    assert caller.get("/v3/suppression/unsubscribes?limit=many").status_code == 400


def test_a_global_suppression_is_lifted_without_touching_the_groups(caller):
    caller.post("/v3/asm/groups/101/suppressions", json=ANA)
    caller.post("/v3/asm/suppressions/global", json=ANA)

    assert caller.delete("/v3/asm/suppressions/global/ana@example.org").status_code == 204

    assert caller.get("/v3/asm/suppressions/global/ana@example.org").json() == {}
    assert caller.get("/v3/asm/groups/101/suppressions").json() == ["ana@example.org"]


def test_a_deleted_group_takes_its_suppressions_along(caller):
    caller.post("/v3/asm/groups/101/suppressions", json=ANA)

    assert caller.delete("/v3/asm/groups/101").status_code == 204

    assert caller.get("/v3/asm/groups/101").status_code == 404
    assert caller.get("/v3/asm/suppressions").json() == []


def test_two_groups_never_share_a_name(caller):
    given = {"name": "Care follow-ups", "description": "After a visit"}

    assert caller.post("/v3/asm/groups", json=given).json()["id"] == 103
    assert caller.post("/v3/asm/groups", json=given).json()["errors"][0]["field"] == "name"
    assert [group["id"] for group in caller.get("/v3/asm/groups?id=103&id=101").json()] == [101, 103]


def test_one_address_that_is_none_spoils_the_whole_call(caller):
    spoiled = {"recipient_emails": ["ana@example.org", "nobody"]}

    assert caller.post("/v3/asm/groups/101/suppressions", json=spoiled).status_code == 400
    assert caller.get("/v3/asm/groups/101/suppressions").json() == []


@pytest.mark.parametrize("bearer", ["", "no-sendgrid-key"])
def test_a_key_that_is_none_is_refused(sendgrid, call, bearer):
    answer = call(sendgrid, bearer).get("/v3/asm/groups")

    assert answer.status_code == 401
    assert answer.json() == {"errors": [{"field": None, "message": "authorization required"}]}


def test_who_is_suppressed_nowhere_is_not_known(caller):
    caller.post("/v3/asm/groups/101/suppressions", json=ANA)
    known = caller.get("/_records?email=Ana@example.org").json()
    caller.delete("/v3/asm/groups/101/suppressions/ana@example.org")
    unknown = caller.get("/_records?email=ana@example.org").json()

    assert known["known"]
    assert {"about": "Marketing emails", "says": "suppressed", "may": False} in known["words"]
    assert (unknown["known"], unknown["record"], unknown["calls"]) == (False, {}, 2)


# --- against the published contract ---

CONTRACT = Path(__file__).resolve().parents[4] / "shared/specs/sendgrid/oai.json"
EMPTY_OBJECT_IS_ALLOWED = {"GET /asm/suppressions/global/{email}"}  # its own words say so, its schema forgot
NEW_GROUP = {"name": "Care", "description": "After a visit", "is_default": False}
CALLS = [
    ("GET", "/scopes", None),
    ("GET", "/asm/groups", None),
    ("POST", "/asm/groups", NEW_GROUP),
    ("GET", "/asm/groups/101", None),
    ("POST", "/asm/groups/101/suppressions", ANA),
    ("GET", "/asm/groups/101/suppressions", None),
    ("POST", "/asm/groups/101/suppressions/search", ANA),
    ("GET", "/asm/suppressions", None),
    ("GET", "/asm/suppressions/ana@example.org", None),
    ("POST", "/asm/suppressions/global", ANA),
    ("GET", "/asm/suppressions/global/ana@example.org", None),
    ("GET", "/suppression/unsubscribes?start_time=1&end_time=9999999999&limit=5&offset=0", None),
    ("DELETE", "/asm/suppressions/global/ana@example.org", None),
    ("GET", "/asm/suppressions/global/ana@example.org", None),
    ("DELETE", "/asm/groups/101/suppressions/ana@example.org", None),
    ("DELETE", "/asm/groups/102", None),
]


def resolved(contract, schema):
    """A schema without references: `$ref` replaced by what it names."""
    if isinstance(schema, list):
        return [resolved(contract, each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = contract
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return resolved(contract, target)
    return {name: resolved(contract, inner) for name, inner in schema.items()}


def promised(contract, method, path):
    """The template and the operation of the contract that this call uses; exact paths before templates."""
    for template in sorted(contract["paths"], key=lambda each: each.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in contract["paths"][template]:
            return template, resolved(contract, contract["paths"][template][method.lower()])
    raise AssertionError(f"the contract knows no {method} {path}")


def test_every_route_answers_as_the_published_contract_promises(sendgrid, caller):
    if not CONTRACT.exists():
        pytest.skip("SendGrid's published contract is not beside the repository (../shared/specs/sendgrid)")
    contract = json.loads(CONTRACT.read_text())
    walked = set()
    for method, path, body in CALLS:
        answer = caller.request(method, "/v3" + path, json=body)
        template, operation = promised(contract, method, path.partition("?")[0])
        walked.add((method, template))

        assert str(answer.status_code) in operation["responses"], f"{method} {path}"
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "body":
                jsonschema.validate(body, parameter["schema"])
        schema = operation["responses"][str(answer.status_code)].get("schema", {})
        if answer.status_code != 204 and not (
            answer.json() == {} and f"{method} {template}" in EMPTY_OBJECT_IS_ALLOWED
        ):
            jsonschema.validate(answer.json(), schema)

    served = [(method, pattern) for method, pattern, _ in sendgrid.routes if "/v3/" in pattern.pattern]
    for method, pattern in served:
        example = re.sub(r"\(\?P<\w+>[^)]*\)", "1", pattern.pattern).removeprefix("/v3")
        template, _ = promised(contract, method, example)
        assert (method, template) in walked, f"{method} {template} is served but was not walked"
