"""The page on which staff say what a system is told: what its buttons do, and that the preview is true."""

import json
from typing import Any

import pytest
from django.urls import reverse

from destinations.models import Destination
from preferences.models import Draft, ViewLog
from preferences.services import in_force, publish_draft
from preferences.terms import RevisionKind
from tests.config.staff.desk import allow
from tests.destinations.mapping.test_publishing import LANGUAGE, drafted, mapper
from tests.world import World, out

ANSWER = "answer:marketing_emails:email"
SEEN = {"whose": "sample", "answers": "opted_out"}


@pytest.fixture
def staff(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def crm(world: World) -> Destination:
    return Destination.objects.get(slug="salesforce")


def page_of(system: Destination) -> str:
    return reverse("admin:destinations_destination_mapper", args=[system.pk])


def form(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a browser posts for these rows."""
    posted: dict[str, Any] = {**SEEN, **more}
    for at, row in enumerate(rows):
        posted |= {f"{at}-{name}": value for name, value in row.items() if name != "steps"}
        for place, step in enumerate(row.get("steps", ())):
            posted |= {f"{at}-{place}-{name}": value for name, value in step.items()}
    return posted


def pressed(staff: Any, system: Destination, act: str, *rows: dict[str, Any], **more: Any) -> Any:
    if "seen" not in more:
        more["seen"] = staff.get(page_of(system)).context["page"].seen
    return staff.post(page_of(system), form(*rows, act=act, **more))


def shown(answer: Any) -> list[tuple[str, str, list[str]]]:
    """Each row of the page: its field, its source, its steps."""
    rows = answer.context["page"].rows
    return [(row.target, row.source, [step.do for step in row.steps]) for row in rows]


ONE, TWO = {"target": "A__c", "source": ANSWER}, {"target": "B__c", "source": "language"}
WORDS = {"do": "words", "yes": "No", "no": "Yes"}


def test_it_opens_with_what_is_told_now(staff, crm):
    assert [row[:2] for row in shown(staff.get(page_of(crm)))] == [
        (row["target"], row["source"]) for row in mapper()["rows"]
    ]


@pytest.mark.parametrize(
    ("act", "becomes"),
    [
        ("add", ["A__c", "B__c", ""]),
        ("remove:0", ["B__c"]),
        ("up:1", ["B__c", "A__c"]),
        ("up:0", ["A__c", "B__c"]),
        ("remove:9", ["A__c", "B__c"]),
        ("remove:x", ["A__c", "B__c"]),
        ("nonsense", ["A__c", "B__c"]),
    ],
)
def test_a_button_changes_the_rows_and_keeps_nothing_yet(staff, crm, act, becomes):
    assert [row[0] for row in shown(pressed(staff, crm, act, ONE, TWO))] == becomes
    assert not Draft.objects.exists()


def test_a_step_is_added_with_what_it_starts_from_and_taken_away(staff, crm):
    answer = pressed(staff, crm, "step:0", ONE, TWO, **{"0-new": "words"})
    assert shown(answer)[0] == ("A__c", ANSWER, ["words"])
    assert [each.value for each in answer.context["page"].rows[0].steps[0].controls] == ["Yes", "No"]

    assert shown(pressed(staff, crm, "unstep:0:0", {**ONE, "steps": [WORDS]}))[0][2] == []
    assert shown(pressed(staff, crm, "step:0", ONE, **{"0-new": ""}))[0][2] == []


def test_only_steps_that_fit_are_offered(staff, crm):
    answer = pressed(staff, crm, "follow", ONE, {**ONE, "target": "C__c", "steps": [WORDS]}, TWO)
    offered = [{name for name, _ in row.fitting} for row in answer.context["page"].rows]

    assert offered[0] == {"not", "words", "numbers"}
    assert "default" not in offered[1]
    assert {"map", "hash", "default", "when"} <= offered[2]


def test_what_yes_means_is_said_beside_it_and_turns_with_the_step_that_turns(staff, crm):
    row = {**ONE, "steps": [WORDS]}
    turned = {**ONE, "target": "C__c", "steps": [{"do": "not"}, WORDS]}
    rows = pressed(staff, crm, "follow", row, turned).context["page"].rows

    assert rows[0].steps[0].controls[0].label == "For yes (they said no)"
    assert rows[1].steps[1].controls[0].label == "For yes (they said yes)"


def test_tables_and_lists_are_typed_a_line_each_and_come_back_so(staff, crm):
    table = {"do": "map", "table": "es = Spanish\n en=English ", "otherwise": "Other"}
    pressed(staff, crm, "save", {**TWO, "steps": [table]}, reason="Words")

    [row] = Draft.objects.get().body["rows"]
    assert row["steps"][0]["table"] == [["es", "Spanish"], ["en", "English"]]
    controls = staff.get(page_of(crm)).context["page"].rows[0].steps[0].controls
    assert controls[0].value == "es = Spanish\nen = English"


@pytest.mark.parametrize("typed", ["es", "es =", "= Spanish"])
def test_a_table_that_cannot_be_read_stays_as_typed_and_is_named(staff, crm, typed):
    table = {"do": "map", "table": typed, "otherwise": "Other"}
    answer = pressed(staff, crm, "publish", {**TWO, "steps": [table]}, reason="Words")

    assert answer.status_code == 422
    [row] = answer.context["page"].rows
    assert row.problems == ("“Translate”, table: write one line for each text: what it is = what it becomes",)
    assert row.steps[0].controls[0].value == typed


def test_a_thousand_rows_are_refused_in_words(staff, crm):
    answer = pressed(staff, crm, "publish", *[{**ONE, "target": f"A{n}__c"} for n in range(1000)], reason="x")

    assert answer.context["page"].problems == ("a mapper may have 200 rows at most, and this one has 1,000",)


def test_nothing_is_published_without_a_reason(staff, crm):
    answer = pressed(staff, crm, "publish", ONE, reason=" ")

    assert "Say below why this is changed" in answer.content.decode()


def test_it_leads_over_what_changes_to_publication(staff, crm):
    rows = mapper()["rows"][1:]
    answer = pressed(staff, crm, "publish", *rows, {**TWO, "target": "L__c"}, reason="Language")
    look = staff.get(answer.url)

    page = look.context["page"]
    assert [(each.target, each.before, each.after) for each in page.changes] == [
        ("L__c", "", "Their language"),
        ("Marketing_Emails_Email_Opt_Out__c", "Marketing emails by email", ""),
    ]
    assert not page.needs_second
    staff.post(answer.url, {"act": "publish", "seen": page.seen})
    stands = in_force(RevisionKind.MAPPER, "salesforce")
    assert stands
    assert (stands.number, stands.author, stands.reason) == (2, "admin", "Language")
    assert stands.body["rows"][-1] == {"source": "language", "target": "L__c"}


def test_what_was_published_meanwhile_is_shown_before_it_is_replaced(staff, crm):
    pressed(staff, crm, "save", ONE, seen="1", reason="Mine")
    publish_draft(draft=drafted(mapper(LANGUAGE), author="omar"), by="omar")

    editor = staff.get(page_of(crm))
    assert "omar published revision 2 after this draft was begun" in editor.text
    seen = editor.context["page"].seen
    lost = pressed(staff, crm, "publish", ONE, seen=seen, reason="Mine").url
    page = staff.get(lost).context["page"]
    assert [(each.target, each.after) for each in page.meanwhile] == [(LANGUAGE["target"], "Their language")]
    refused = staff.post(lost, {"act": "publish", "seen": page.seen}, follow=True)
    assert "Somebody published revision 2 meanwhile" in refused.text

    staff.post(lost, {"act": "put_on_top", "seen": page.seen, "number": 2})

    assert staff.get(page_of(crm)).context["page"].newer is None
    staff.post(lost, {"act": "publish", "seen": staff.get(lost).context["page"].seen})
    stands = in_force(RevisionKind.MAPPER, "salesforce")
    assert stands
    assert stands.number == 3


def test_rows_of_an_older_window_are_set_aside_beside_the_draft(staff, crm):
    pressed(staff, crm, "save", ONE, seen="1", reason="Mine")

    answer = pressed(staff, crm, "save", TWO, seen="1", reason="Older")

    assert "You have another draft of this" in staff.get(answer.url).text
    assert Draft.objects.get(state="draft").reason == "Mine"


def test_nobody_publishes_what_they_have_not_read(staff, crm):
    draft = drafted(mapper(LANGUAGE), author="omar")
    url = f"{page_of(crm)}{draft.pk}/"
    read = staff.get(url).context["page"].seen
    drafted(mapper(), author="omar")

    answer = staff.post(url, {"act": "publish", "seen": read}, follow=True)
    assert "saved again, or settled, while you read it" in answer.text
    assert Draft.objects.get().state == "draft"


def test_a_second_person_discards_with_a_word_why(staff, crm):
    draft = drafted(mapper(LANGUAGE), author="omar")
    url = f"{page_of(crm)}{draft.pk}/"
    seen = staff.get(url).context["page"].seen

    assert "Tell omar why" in staff.post(url, {"act": "discard", "seen": seen}, follow=True).content.decode()
    staff.post(url, {"act": "discard", "seen": seen, "why": "Not this field"})
    assert Draft.objects.get().note == "Not this field"
    assert "discarded by admin" in staff.get(url).content.decode()


def test_the_desk_of_drafts_leads_here(staff, crm):
    draft = drafted(mapper(LANGUAGE), author="omar")

    answer = staff.get(reverse("admin:preferences_draft_change", args=[draft.pk]))
    assert answer.url == f"{page_of(crm)}{draft.pk}/"


def test_an_earlier_revision_is_brought_back_as_a_draft(staff, crm):
    publish_draft(draft=drafted(mapper(LANGUAGE), author="omar"), by="omar")
    pressed(staff, crm, "revert:1", ONE)

    assert Draft.objects.get(author="admin").body == mapper()
    assert pressed(staff, crm, "revert:77", ONE).status_code == 404


def test_a_draft_is_discarded_by_who_made_it(staff, crm):
    pressed(staff, crm, "save", ONE, reason="Mine")
    pressed(staff, crm, "discard", ONE)

    assert Draft.objects.get().state == "discarded"
    assert len(shown(staff.get(page_of(crm)))) == len(mapper()["rows"])


def test_whoever_may_not_change_systems_sees_none_of_it(client, crm, django_user_model):
    client.force_login(django_user_model.objects.create_user("new", is_staff=True))

    assert client.get(page_of(crm)).status_code == 403
    draft = drafted(mapper(LANGUAGE))
    assert client.get(f"{page_of(crm)}{draft.pk}/").status_code == 403


# --- examples ---


def test_an_example_is_kept_from_the_preview_and_must_hold_from_then_on(staff, crm):
    row = {**ONE, "steps": [WORDS]}
    answer = pressed(staff, crm, "example", row, **{"example-name": "Said no", "examples": "[]"})
    kept = json.loads(answer.context["page"].kept_examples)

    assert kept[0]["name"] == "Said no"
    assert kept[0]["expect"] == {"A__c": "No"}
    broken = pressed(
        staff, crm, "follow", {**ONE, "steps": [{**WORDS, "yes": "N"}]}, examples=json.dumps(kept)
    )
    assert broken.context["page"].problems == (
        "example “Said no”: “A__c” would say “N”, but “No” is expected",
    )
    forgotten = pressed(staff, crm, "forget:0", row, examples=json.dumps(kept))
    assert json.loads(forgotten.context["page"].kept_examples) == []


@pytest.mark.parametrize("typed", ["{", '"x"', '[{"name": 7}]', "[[]]"])
def test_examples_that_were_tampered_with_break_nothing(staff, crm, typed):
    assert pressed(staff, crm, "follow", ONE, examples=typed).status_code == 200


# --- the preview ---


def preview(answer: Any) -> list[Any]:
    return [call for each in answer.context["page"].found.previews for call in each.calls if not call.asks]


def test_the_preview_shows_what_is_written_about_an_invented_person(staff, crm):
    [call] = preview(pressed(staff, crm, "follow", {**ONE, "steps": [WORDS]}))

    assert call.line == "PATCH /services/data/v62.0/composite/sobjects"
    assert json.loads(call.body)["records"][0]["A__c"] == "No"


def test_where_nobody_was_asked_it_shows_that_nothing_is_written(staff, crm):
    answer = pressed(staff, crm, "follow", ONE, answers="")

    assert preview(answer) == []
    assert "Nothing would be written" in answer.content.decode()


def test_no_secret_gets_into_the_preview(staff, crm, world):
    for slug in world.sandboxes:
        system = Destination.objects.get(slug=slug)
        page = staff.get(page_of(system)).content.decode()
        assert "SG.test" not in page
        assert "rehearsal" not in page


def test_a_real_person_is_looked_at_by_name_of_whoever_looks(staff, crm, world):
    person = world.registers(mrn="RH1", email="maria@example.org").profile_id
    whom = {"whose": "person", "kind": "email", "value": "maria@example.org"}
    waiting = pressed(staff, crm, "follow", ONE, **whom)
    assert "noted with your name" in waiting.context["page"].found.words
    assert not ViewLog.objects.filter(page="mapper preview").exists()

    pressed(staff, crm, "preview", ONE, **whom)
    noted = ViewLog.objects.get(page="mapper preview")
    assert (noted.actor, noted.profile_id, noted.found) == ("admin", person, 1)


def test_nobody_is_looked_at_without_the_right_to(client, crm, world, django_user_model):
    world.registers(mrn="RH1", email="maria@example.org")
    editor = allow(django_user_model.objects.create_user("ed", is_staff=True), "change_destination")
    client.force_login(editor)
    answer = pressed(client, crm, "preview", ONE, whose="person", kind="email", value="maria@example.org")

    assert "may not see people" in answer.context["page"].found.words
    assert not ViewLog.objects.filter(page="mapper preview").exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [("nobody@example.org", "Nobody is known by this"), ("not an address", "We can't read this")],
)
def test_whom_nobody_knows_is_said_so(staff, crm, value, words):
    answer = pressed(staff, crm, "preview", ONE, whose="person", kind="email", value=value)

    assert words in answer.context["page"].found.words


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce", "fhir", "webhook"])
def test_the_preview_is_exactly_what_the_system_then_receives(staff, world, slug):
    world.plant("salesforce", Contact=[{"LastName": "Santos", "MRN__c": "RH1"}])
    system = "urn:oid:2.16.840.1.113883.19.5"
    world.plant("fhir", Patient=[{"id": "p1", "identifier": [{"system": system, "value": "RH1"}]}])
    person = world.registers(mrn="RH1", email="maria@example.org", language="es").profile_id
    assert person
    world.drain()
    world.chooses(person, out("marketing_emails", "email"), out("patient_surveys", "email"))
    destination = Destination.objects.get(slug=slug)
    own = [{"target": "language", "source": "language"}] if slug == "webhook" else []
    rows = mapper(*own, connector=slug)["rows"]
    publish_draft(draft=drafted({"connector": slug, "rows": rows}, slug), by="ida")
    found = preview(pressed(staff, destination, "preview", *rows, whose="person", kind="mrn", value="RH1"))

    world.sandboxes[slug].requests.clear()
    world.drain()
    received = [
        each
        for each in world.sandboxes[slug].requests
        if each["method"] != "GET" and "token" not in each["path"] and not each["path"].endswith("/search")
    ]
    assert found
    assert [alike(call.line, json.loads(call.body)) for call in found] == [
        alike(f"{each['method']} {each['path']}", each["body"]) for each in received
    ]


def alike(line: str, body: Any) -> tuple[str, str]:
    """A call without what only the system itself, or the clock, can say."""
    text = json.dumps(body, sort_keys=True)
    for record in body.get("records", []):
        text = text.replace(record["id"], "their-record")
    if "patient" in body:
        text = text.replace(body["patient"]["reference"], "Patient/their-record")
    if "timestamp" in body:
        text = json.dumps(body["data"], sort_keys=True)
    path = line.partition("?")[0]
    return path.replace("http://", "").partition("/")[2], text
