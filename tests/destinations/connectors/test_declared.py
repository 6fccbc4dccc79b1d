"""What a connector declares is so, and is written down where people read it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from destinations import declaring
from destinations.connectors import CONNECTORS
from destinations.contract import By, Confirms, Done, Grain, Identified, Job, Shows, Stranger, Wanted
from destinations.sandbox import running
from destinations.vendors import VENDORS
from tests.destinations.connectors.conftest import email, mrn, phone
from tests.destinations.connectors.scenes import ANA, PHONE, SCENES
from tests.destinations.connectors.test_every_connector import DOCS, every_connector

TOLD = [slug for slug in SCENES if CONNECTORS[slug].takes_preferences]
every_scene = pytest.mark.parametrize("slug", TOLD)
PEOPLE = {"members", "contacts", "Contact", "Patient", "patients", "people"}  # seeds that are persons
KNOWN_BY: Mapping[str, Identified] = {
    "mrn": mrn("4711"),
    "email": email(ANA),
    "phone": phone(PHONE),
    "external_id": Identified("external_id", "crm", "7"),
}
ALSO_PHONE = {
    "salesforce": {
        "Contact": [  # a record with a record number is never taken for somebody else's
            {"LastName": "Ruiz", "MRN__c": "4711"},
            {"LastName": "Ruiz", "Email": ANA, "Phone": PHONE},
        ]
    },
    "meta": {"members": [{"audience": "a1", "email": ANA}, {"audience": "a1", "phone": PHONE}]},
    "google": {"members": [{"list": "9", "email": ANA}, {"list": "9", "phone": PHONE}]},
}
BY_SETTINGS = {
    "http": "the path says by which number",
    "http_address": "the body says by which",
    "webhook": "the receiver decides",
}


class Stage:
    """A scene with the people that are seeded, and what a delivery leaves there."""

    def __init__(self, slug, sandbox, seeds):
        self.scene, self.sandbox = SCENES[slug], sandbox
        sandbox.seed(dict(seeds))
        self.engine = self.scene.engine(slug, sandbox)

    def tell(self, wanted):
        outcome = self.engine.deliver(wanted)
        for _ in range(10):
            if isinstance(outcome, Job):
                wanted = replace(wanted, job=outcome.token, now=wanted.now + timedelta(minutes=10))
                outcome = self.engine.deliver(wanted)
        return outcome

    def stands(self, under):
        with self.sandbox.store:
            return bool(self.sandbox.found([under]).record)


@pytest.fixture
def staged(stack):
    def at(slug, seeds):
        return Stage(slug, stack.enter_context(running(SCENES[slug].made())), seeds)

    return at


@every_scene
def test_whoever_a_system_does_not_know_fares_there_as_declared(slug, staged):
    scene, connector = SCENES[slug], CONNECTORS[slug]
    stage = staged(slug, {kind: rows for kind, rows in (scene.seeds or {}).items() if kind not in PEOPLE})
    stage.tell(scene.told())

    made = connector.stranger is not Stranger.SKIP
    assert stage.stands(scene.known) is made, connector.stranger


@pytest.mark.parametrize(
    ("slug", "kind"), [(slug, kind) for slug in TOLD if slug not in BY_SETTINGS for kind in KNOWN_BY]
)
def test_people_are_found_by_what_is_declared_and_by_nothing_else(slug, kind, staged):
    scene, connector, one = SCENES[slug], CONNECTORS[slug], KNOWN_BY[kind]
    stage = staged(slug, dict(scene.seeds or {}) | ALSO_PHONE.get(slug, {}))
    told = scene.told()
    assert isinstance(told, Wanted)
    if connector.addresses is By.ADDRESS:
        if kind not in {"email", "phone"} or kind not in connector.found_by:
            return  # an address is all that it is ever handed, and of the channels that it has
        told = replace(told, address=one.value)
    else:
        members = [each for each in told.identifiers if each.namespace == "ads"]
        told = replace(told, identifiers=[one, *members], fields_at={one.value: told.fields})
    outcome = stage.tell(told)

    found = isinstance(outcome, Done) and not outcome.absent and bool(stage.engine.calls)
    assert found is (kind in connector.found_by), outcome


@every_connector
def test_its_rows_are_as_fine_as_it_can_say_no(connector):
    sources = [row["source"] for row in connector.rows]
    by_category = [each for each in sources if each.startswith("answer:")]
    if connector.grain is Grain.CHANNEL:
        assert by_category == []
    elif connector.grain in {Grain.CATEGORY, Grain.CATEGORY_CHANNEL} and connector.takes_preferences:
        assert by_category or connector.wants_snapshot
    if connector.grain is Grain.CATEGORY:
        categories = [each.split(":")[1] for each in by_category]
        assert len(categories) == len(set(categories))


@every_connector
def test_what_can_be_compared_can_be_read_and_what_cannot_be_read_is_never_offered(connector):
    assert not (connector.reads and connector.shows is Shows.NOTHING)
    assert set(connector.reads) <= set(connector.may_call)


@every_connector
def test_whoever_reports_to_heed_says_how_its_own_write_is_known(connector):
    reports = any(vendor.connector == connector.slug for vendor in VENDORS.values())
    assert bool(connector.echo) or not reports


@every_scene
def test_a_job_that_ends_a_write_is_declared(slug, staged):
    stage = staged(slug, SCENES[slug].seeds or {})
    if CONNECTORS[slug].confirms is not Confirms.BY_JOB:
        assert isinstance(stage.tell(SCENES[slug].told()), Done)
        return
    assert isinstance(stage.engine.deliver(SCENES[slug].told()), Job)


COLUMNS = tuple(declaring.in_words(CONNECTORS["sendgrid"]))


def line(connector):
    """Its row of the table in docs/connectors/README.md."""
    said = declaring.in_words(connector)
    words = [said[each][:1].upper() + said[each][1:] if each in said else "–" for each in COLUMNS]
    return f"| [{connector.name}]({connector.slug}.md) | {' | '.join(words)} |"


@every_connector
def test_the_documentation_says_what_it_declares(connector):
    said = line(connector)
    assert said in (DOCS / "README.md").read_text(), f"write into docs/connectors/README.md: {said}"


def test_the_documentation_has_no_line_too_many():
    lines = (DOCS / "README.md").read_text().splitlines()
    assert f"| | {' | '.join(COLUMNS)} |" in lines
    assert sum(each.startswith("| [") for each in lines) == len(CONNECTORS)
