"""Testing a connection, over real HTTP: in words, with a remedy, and about nobody."""

import pytest

from destinations import credentials, probing
from destinations.models import Destination, Propagation
from destinations.probing import probe


def system(slug: str, **settings) -> Destination:
    found = Destination.objects.get(slug=slug)
    found.settings = {**found.settings, **settings}
    return found


def words(found) -> str:
    return " ".join(f"{each.words} {each.remedy}" for each in found)


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("sendgrid", "There are 4 unsubscribe groups."),
        ("salesforce", "calls are left today"),
        ("fhir", "A FHIR server answers, version 4.0.1."),
        ("webhook", "took a signed event (HTTP 200)"),
    ],
)
def test_a_connection_that_works_says_so(world, slug, said):
    found = probe(system(slug))

    assert said in words(found)
    assert all(each.ok for each in found), words(found)


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce", "fhir"])
def test_it_only_reads_and_asks_about_nobody(world, slug):
    world.registers(mrn="RH1", email="maria@example.org", phone="+12025550101")
    world.sandboxes[slug].requests.clear()
    probe(system(slug))

    methods = {(each["method"], each["path"]) for each in world.sandboxes[slug].requests}
    assert methods
    assert {method for method, path in methods if "oauth2" not in path} == {"GET"}
    assert "maria" not in str(world.sandboxes[slug].requests)
    assert not Propagation.objects.filter(attempts__isnull=False).exists()


@pytest.mark.parametrize("slug", ["sendgrid", "fhir"])
def test_wrong_credentials_are_named_with_what_to_do_and_never_shown(world, slug):
    wrong = system(slug)
    secret = next(iter(credentials.unlock(bytes(wrong.secrets))))
    wrong.secrets = credentials.lock({secret: "not-the-right-one"})
    if slug == "fhir":
        world.faults("fhir", status=401)
    [found] = probe(wrong)

    assert not found.ok
    assert "did not accept our credentials" in found.words
    assert "Enter new credentials" in found.remedy
    assert "not-the-right-one" not in words([found])


def test_a_group_that_is_not_there_is_named(world):
    found = probe(system("sendgrid", groups={"marketing_emails": 101, "patient_surveys": 999}))

    wrong = [each.words for each in found if not each.ok]
    assert "patient_surveys: group 999 does not exist." in wrong
    assert "care_follow_ups: no group is named for it." in wrong


def test_a_field_that_is_not_there_is_named(world):
    found = probe(system("salesforce", mrn_field="Number__c", objects="Contact"))

    assert "Contact has no field Number__c." in words(found)


def test_an_object_that_nobody_knows_is_a_setting_to_correct(world):
    assert "objects may be" in words(probe(system("salesforce", objects="Patient")))


def test_a_page_that_is_no_fhir_server(world):
    [found] = probe(system("fhir", base_url=world.sandboxes["fhir"].url + "/nowhere"))

    assert not found.ok
    assert "Correct the connection's settings" in found.remedy


def test_nobody_there(world, settings):
    settings.HEED_PRIVATE_HOSTS["sendgrid"] = ["127.0.0.1:9"]
    [found] = probe(system("sendgrid", base_url="http://127.0.0.1:9"))

    assert "No answer came" in found.words
    assert "firewall" in found.remedy


def test_a_private_address_is_for_an_operator(world):
    [found] = probe(system("sendgrid", base_url="https://127.0.0.1:9"))

    assert "not allowed from here" in found.words
    assert "HEED_PRIVATE_HOSTS" in found.remedy


def test_it_ends_in_time(world, monkeypatch):
    monkeypatch.setattr(probing, "PROBE_SECONDS", 0.3)
    world.faults("sendgrid", delay_ms=3_000)

    assert "No answer came" in words(probe(system("sendgrid")))


def test_a_removed_connector_and_lost_credentials_are_said(world, settings):
    gone = system("sendgrid")
    gone.connector = "mailkite"
    assert "no longer supported" in words(probe(gone))

    lost = system("sendgrid")
    lost.secrets = b"old\x00nonsense"
    assert "can't be read" in words(probe(lost))


def test_the_webhooks_ping_is_signed_and_empty(world):
    world.sandboxes["webhook"].requests.clear()
    probe(system("webhook"))

    [request] = world.sandboxes["webhook"].requests
    assert '"type":"heed.ping"' in str(request["body"]) or request["body"]["type"] == "heed.ping"
