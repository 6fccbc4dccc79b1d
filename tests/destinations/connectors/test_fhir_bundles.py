"""Many people's Consents in one Bundle, and each entry's own answer."""

import pytest
from fhir.resources.R4B.bundle import Bundle

from destinations.connectors.fhir import Fhir
from destinations.contract import Done, Later, Reason, Stuck
from destinations.sandbox import FhirSandbox, running
from destinations.sandbox.faults import Fault
from destinations.sandbox.fhir import resource
from tests.destinations.connectors.conftest import IN, OUT, Engine, known, mrn, wanted

SYSTEM = "urn:hospital:mrn"
MARKETING, SALE = "marketing_emails.email", "sale_or_sharing."
PATIENTS = [{"id": f"p{n}", "identifier": [{"system": SYSTEM, "value": str(n)}]} for n in range(30)]
NAMED = {"token": "t", "organisation": "St. Mary", "mrn_systems": {"st-mary": SYSTEM}}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(FhirSandbox()))
    sandbox.seed({"Patient": PATIENTS})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(Fhir(), sandbox.url, **NAMED, bundle_max="50")


def people(count, fields=None):
    fields = fields or {MARKETING: OUT, SALE: OUT}
    return [wanted(fields=fields, identifiers=[mrn(str(number))]) for number in range(count)]


def kept(sandbox):
    """How many Consents each patient has."""
    with sandbox.store:
        found = [each["patient"]["reference"] for each in sandbox.store.all("Consent")]
    return {patient: found.count(patient) for patient in found}


def bundles(engine):
    return [call.json for call in engine.made("POST")]


def test_ten_people_are_told_with_one_call(engine, sandbox):
    engine.deliver(*people(10))

    assert set(map(type, engine.outcomes.values())) == {Done}
    assert kept(sandbox) == {f"Patient/p{number}": 2 for number in range(10)}
    assert [len(each["entry"]) for each in bundles(engine)] == [20]
    assert len(engine.made("GET")) == 11  # ten patients, and one look at what stands
    assert engine.made("PUT") == []


def test_what_is_sent_is_a_bundle_by_the_published_model(engine):
    batch = people(2)
    engine.deliver(*batch)
    first = bundles(engine)
    engine.again(batch[0], fields={MARKETING: IN, SALE: IN})

    for sent in [*first, *bundles(engine)]:
        assert Bundle.model_validate(sent).type == "batch"
        assert {each["request"]["method"] for each in sent["entry"]} == {"PUT"}
    assert {each["request"]["url"].partition("?")[0] for each in first[0]["entry"]} == {"Consent"}
    assert {each["request"]["ifMatch"] for each in bundles(engine)[0]["entry"]} == {'W/"1"'}


def test_a_bundle_is_never_larger_than_the_setting_says(sandbox):
    engine = Engine(Fhir(), sandbox.url, **NAMED, bundle_max="6")
    engine.deliver(*people(10))

    assert [len(each["entry"]) for each in bundles(engine)] == [6, 6, 6, 2]
    assert set(map(type, engine.outcomes.values())) == {Done}


def test_one_bad_entry_among_good_ones_is_its_own_affair(engine, sandbox, monkeypatch):
    put = FhirSandbox._put
    refuse = {"Patient/p1": 422, "Patient/p2": 503, "Patient/p3": 412, "Patient/p4": 403}

    def some(self, request, consent, held):
        status = refuse.get(consent["patient"]["reference"])
        return self.error(status) if status else put(self, request, consent, held)

    monkeypatch.setattr(FhirSandbox, "_put", some)
    batch = people(6, {MARKETING: OUT})
    engine.deliver(*batch)
    good, data, down, changed, rights, last = (engine.outcomes[each.id] for each in batch)

    assert (type(good), type(last)) == (Done, Done)
    assert data == Stuck(Reason.REJECTED_DATA, "HTTP 422 (invariant)", {})
    assert (down.reason, known(down)[MARKETING].wrote) == (Reason.UNAVAILABLE, True)  # it may have been kept
    assert (type(changed), changed.held) == (Later, {})
    assert rights == Stuck(Reason.REJECTED_AUTH, "HTTP 403", {})
    assert set(kept(sandbox)) == {"Patient/p0", "Patient/p5"}


def test_of_a_person_half_of_whom_was_kept_that_half_is_known(engine, sandbox):
    sandbox.faults.set(Fault(partial=True))
    outcome = engine.deliver(*people(1))

    assert isinstance(outcome, Later)
    assert kept(sandbox) == {"Patient/p0": 1}
    sandbox.faults.clear()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422, 501])
def test_where_no_bundle_is_taken_each_consent_goes_alone(engine, sandbox, monkeypatch, status):
    monkeypatch.setattr(FhirSandbox, "batch", lambda self, request: self.error(status))
    engine.deliver(*people(2))
    tried = len(bundles(engine))
    remembered = status not in {400, 422}

    assert set(map(type, engine.outcomes.values())) == {Done}
    assert (tried, len(engine.made("PUT"))) == (1, 4)
    engine.deliver(*people(3))
    assert (len(bundles(engine)) == 0) is remembered


def test_a_bundle_that_is_too_large_is_halved(engine, sandbox):
    sandbox.bundle_max = 5
    engine.deliver(*people(8))

    assert set(map(type, engine.outcomes.values())) == {Done}
    assert kept(sandbox) == {f"Patient/p{number}": 2 for number in range(8)}


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Bundle", "type": "batch-response", "entry": []},
        {"resourceType": "Bundle", "type": "batch-response"},
        {"resourceType": "Patient"},
        {},
    ],
)
def test_an_answer_that_does_not_tell_the_entries_apart_is_no_yes(engine, sandbox, monkeypatch, body):
    monkeypatch.setattr(FhirSandbox, "batch", lambda self, request: resource(body))
    batch = people(2)
    engine.deliver(*batch)

    for outcome in engine.outcomes.values():
        assert (type(outcome), outcome.reason) == (Later, Reason.GARBLED)
        assert known(outcome)[MARKETING].wrote  # it may have been kept all the same


def test_an_entry_that_says_nothing_is_no_yes(engine, sandbox, monkeypatch):
    said = {"resourceType": "Bundle", "entry": [{}, {"response": {"status": "201 Created"}}]}
    monkeypatch.setattr(FhirSandbox, "batch", lambda self, request: resource(said))
    silent, kept_one = people(2, {MARKETING: OUT})
    engine.deliver(silent, kept_one)

    assert isinstance(engine.outcomes[silent.id], Later)
    assert engine.outcomes[kept_one.id].verified is False


def test_an_answer_that_is_lost_is_about_all_who_travelled(engine, sandbox):
    batch = people(2)
    engine.before[4] = lambda: sandbox.faults.set(Fault(hang=True, apply=True, times=1))
    engine.deliver(*batch, patience=0.3)

    assert engine.lost
    assert set(engine.lost.claims) == {each.id for each in batch}
    assert engine.lost.claims[batch[1].id][MARKETING].wrote
    sandbox.faults.clear()
    assert isinstance(engine.again(batch[0]), Done)
    assert engine.made("POST") == engine.made("PUT") == []  # it had been kept


def test_a_size_that_is_no_number_is_said(sandbox):
    engine = Engine(Fhir(), sandbox.url, **NAMED, bundle_max="many")
    outcome = engine.deliver(*people(2))

    assert outcome == Stuck(Reason.REJECTED_CONFIG, "the size of a Bundle is a number, 0 for none")
    assert engine.calls == []


def test_a_server_below_a_path_is_told_at_that_very_path(engine):
    base = Engine(Fhir(), "https://ehr.example/fhir/r4", **NAMED, bundle_max="5").settings

    assert Fhir().allowed(base)[-1] == "POST /fhir/r4"
    assert not [each for each in Fhir.reads if "PUT" in each or each == "POST /"]


@pytest.mark.parametrize(
    ("most", "takes", "words"),
    [
        ("0", 100, "The server takes Bundles: enter how large one may be"),
        ("50", 0, "The server does not say that it takes Bundles"),
    ],
)
def test_a_test_of_the_connection_says_what_bundles_would_do(sandbox, most, takes, words):
    sandbox.bundle_max = takes
    found = Engine(Fhir(), sandbox.url, **NAMED, bundle_max=most).probe()

    assert any(each.words.startswith(words) for each in found)
