"""Home."""

import pytest

from destinations.models import Approval, Destination
from destinations.terms import Act, PropagationState
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
QUERIES = 23  # twenty-one of Home, the session, and whose it is


def test_figures_count_what_they_say(admin_client, joan):
    people.chose(joan, ("patient_surveys", "email", people.OUT))
    desk.telling(joan)
    desk.telling(people.address("email", people.EMAIL), PropagationState.PENDING, reason="")

    changes, waiting, stuck, asked, matters, unread, texts, drafts = (
        admin_client.get("/admin/").context["page"].figures
    )

    assert changes.count == 2
    assert (waiting.count, stuck.count, asked.count) == (1, 1, 0)
    assert (matters.count, unread.count, texts.count, drafts.count) == (0, 0, 0, 0)


def test_an_act_that_waits_for_a_second_person_is_counted_and_leads_to_the_desk(staff):
    asked = {"act": Act.AGAIN, "people": 20, "differ": 20, "asked_by": "ana"}
    Approval.objects.create(destination=desk.system(), **asked)
    [figure] = [each for each in staff.get("/admin/").context["page"].figures if "reach many" in each.words]

    assert figure.count == 1
    assert "Tell everyone again: Mail service" in staff.get(figure.link).text


def test_figures_lead_to_their_rows(staff, joan):
    desk.telling(joan)

    for figure in staff.get("/admin/").context["page"].figures[:2]:
        assert staff.get(figure.link).status_code == 200


def test_figures_and_the_lists_behind_them_agree(admin_client, joan):
    changes, *_, matters, drafts = admin_client.get("/admin/").context["page"].figures

    for figure in (changes, matters, drafts):
        assert admin_client.get(figure.link).context["cl"].queryset.count() == figure.count


def test_it_reads_as_much_for_many_as_for_one(admin_client, joan, django_assert_num_queries):
    desk.telling(joan)
    admin_client.get("/admin/")
    with django_assert_num_queries(QUERIES):
        admin_client.get("/admin/")

    desk.telling(people.address("email", people.EMAIL), destination=desk.system("Care team"))
    desk.system("Call center")
    publish(
        kind=RevisionKind.APPEARANCE, key="language.ar", body={"reviewed": True}, author="Ana", reason="Read"
    )
    admin_client.get("/admin/")  # what changes seldom is kept from one page to the next
    with django_assert_num_queries(QUERIES):
        admin_client.get("/admin/")


def test_no_system_yet_is_said_in_words(staff):
    assert "No system is connected yet" in staff.get("/admin/").text


def test_a_system_says_how_it_is(staff, joan):
    desk.telling(joan)
    desk.system("Care team")
    Destination.objects.create(slug="p", name="Old fax", public_label="fax", connector="sendgrid")
    Destination.objects.create(slug="g", name="Statistics", public_label="statistics", connector="ga4")

    systems = staff.get("/admin/").context["page"].systems
    lines = {each.name: (each.state.words, each.words) for each in systems}

    assert lines == {
        "Care team": ("Up to date", "Everybody’s choices are there."),
        "Mail service": ("Needs a person", "1 stuck"),
        "Old fax": ("Paused", "Everybody’s choices are there."),
        "Statistics": ("Paused", "It is told events only, no choices."),
    }


def test_what_no_live_system_is_told_of_stands_on_it(staff):
    crm = Destination.objects.create(
        slug="crm", name="CRM", public_label="c", connector="http", state="paused"
    )
    assert "No live system is told of" not in staff.get("/admin/").text

    Destination.objects.filter(pk=crm.pk).update(state="live")

    text = staff.get("/admin/").text
    assert "Patient surveys (Email, Text message)" in text
    assert "Marketing emails (" not in text
    assert "Add a row" in text
