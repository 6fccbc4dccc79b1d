"""Whatever the API's document allows, and much that it forbids: no fault of ours, no undocumented answer.

Over HTTP, on the database of the tests, with a key of every scope. `make soak` tries longer.
"""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.openapi import document
from tests.preferences.api.partner import Partner

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WORDS = {
    "a category's slug": ["marketing_emails", "patient_surveys", "sale_or_sharing", "newsletter"],
    "an email": ["pat@example.org", "kim@example.org", "nonsense"],
    "a phone": ["+12025550143", "(202) 555-0199", "nonsense"],
}


def likely(value: Any) -> Any:
    """The same document, but where it says that any text will do, mostly one that leads somewhere."""
    if isinstance(value, list):
        return [likely(each) for each in value]
    if not isinstance(value, dict):
        return value
    words = next(
        (of for name, of in WORDS.items() if str(value.get("description", "")).startswith(name)), None
    )
    if words and value.get("type") == "string":
        return {"anyOf": [{"type": "string", "enum": words}, value]}
    return {name: likely(each) for name, each in value.items()}


SCHEMA = schemathesis.openapi.from_dict(likely(json.loads(json.dumps(document()))))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
WITHIN = {"email": "pat@example.org", "phone": "+12025550143", "mrn": "00123"}


@pytest.fixture
def known(live_server, settings):
    """A key, and what stands in paths: somebody, and a restriction."""
    settings.API_THROTTLE = "1000000/minute"
    partner = Partner(speaks=True)
    person = partner.identify({"userId": "u1", "traits": WITHIN})["profile"]
    restriction = partner.post("/v1/restrictions", {"kind": "do_not_call", "phone": WITHIN["phone"]})
    return partner, {"profiles": person, "restrictions": restriction.json()["id"]}


def check(server, known, operation, mode, tries):
    partner, ids = known
    part = operation.path.split("/")[2]

    @hypothesis(
        max_examples=tries,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def run(case, real):
        if real and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = ids[part]
        case.call_and_validate(
            base_url=server.url,
            headers={"Authorization": f"Bearer {partner.secret}"},
            checks=CHECKS,
            timeout=30,
        )

    run()


def test_what_the_document_allows_is_answered_as_it_says(live_server, known):
    assert len(OPERATIONS) == sum(map(len, document()["paths"].values()))
    for operation in OPERATIONS:  # in one test: emptying the database takes longer than the calls
        for mode in GenerationMode:
            check(live_server, known, operation, mode, 6)


@pytest.mark.soak
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_whatever_is_sent_is_answered_as_the_document_says(live_server, known, operation, mode):
    check(live_server, known, operation, mode, 300)
