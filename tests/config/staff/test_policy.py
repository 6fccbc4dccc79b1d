"""Privacy staff write rules: drafted, compared in words, published, taken back."""

import html

import pytest
from django.contrib.auth.models import Permission

from governance import policy
from governance.mission import BODY, PRIVACY_SIGNAL
from governance.terms import POLICY
from preferences.models import Draft, Revision
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.governance.listing import allow

pytestmark = pytest.mark.django_db
RULES, MINE = "/admin/rules/policy/", "/admin/rules/policy/mine/"
NEW = f"{MINE}new/"
OUT = {
    "name": "No surveys: nothing to marketing",
    "on": "on",
    "effect": "block",
    "c0-kind": "consent",
    "c0-category": "marketing_emails",
    "c0-is": "opted_out",
    "c0-on": "any",
    "purposes": ["marketing"],
    "act": "save",
}


@pytest.fixture
def colleague(django_user_model, client):
    """Somebody else who may publish rules."""
    return at_work(django_user_model, client, "ben", "view_policy", "change_policy")


def at_work(users, client, name, *rights):
    user = users.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


def read(client, path):
    return html.unescape(client.get(path).text)


def draft():
    return Draft.objects.get(state="draft")


def compared(reason="Fewer letters", client=None):
    """On from the draft to the page that says what it changes."""
    return send(client, MINE, {"act": "publish", "reason": reason}).url


def send(client, page, typed):
    """What a browser sends: also what the page had shown."""
    return client.post(page, {"seen": client.get(page).context["page"].seen, **typed})


def settle(client, page, act, **more):
    seen = client.get(page).context["page"].seen
    return client.post(page, {"act": act, "seen": seen, **more}, follow=True)


def in_force():
    return policy.in_force().policy


def test_the_rules_in_force_read_as_sentences(admin_client):
    page = " ".join(read(admin_client, RULES).split())

    assert "When “Marketing emails” is opted out on any channel, " in page
    assert ">block</strong> for Marketing and Advertising systems." in page
    assert "no HIPAA authorization (45 CFR 164.508). Off, or altered, only by two people." in page
    assert "Heed: Here from the start" in page


def test_a_rule_is_written_compared_published_and_taken_back(admin_client):
    send(admin_client, NEW, OUT)
    assert len(in_force().rules) == 4
    page = compared(client=admin_client)
    assert "“Marketing emails” is opted out on any channel, block for Marketing systems" in read(
        admin_client, page
    )
    settle(admin_client, page, "publish")

    assert in_force().number == 2
    assert in_force().rules[-1].id == "no-surveys-nothing-to-marketing"
    assert "What policy 2 changed" in read(admin_client, RULES)

    back = admin_client.post(f"{RULES}1/back/").url
    settle(admin_client, back, "publish")
    assert (in_force().number, len(in_force().rules)) == (3, 4)


def test_conditions_are_added_and_removed_by_buttons_and_nothing_typed_is_lost(admin_client):
    typed = {**OUT, "act": "condition", "kind": "jurisdiction"}
    page = send(admin_client, NEW, typed).context["page"]
    assert [each.kind for each in page.form.conditions] == ["consent", "jurisdiction"]
    assert page.form.name == OUT["name"]

    typed |= {"c1-kind": "jurisdiction", "c1-in": "us-wa, US-NV", "act": "uncondition:0"}
    [left] = send(admin_client, NEW, typed).context["page"].form.conditions
    assert left.controls[0].value == "US-WA, US-NV"
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        ({"name": ""}, "name", "Give it a name"),
        ({"purposes": []}, "reach", "Choose at least one purpose or system."),
        ({"c0-category": ""}, 0, "Choose a category."),
        ({"c0-category": "gone"}, 0, "There is no category 'gone'"),
        ({"c0-category": "care_follow_ups", "c0-on": "push"}, 0, "is not sent by push"),
        ({"c0-kind": "jurisdiction", "c0-in": ""}, 0, "Say where"),
        ({"c0-kind": "jurisdiction", "c0-in": "Washington"}, 0, "write it like US-WA"),
        ({"c0-kind": "event"}, 0, "Choose at least one event."),
        ({"c0-kind": "property", "c0-path": "clinic", "c0-op": "equals"}, 0, "Say what it is compared with."),
        ({"c0-kind": "property", "c0-path": "age", "c0-op": "present"}, 0, "no such event has a property"),
        ({"effect": "redact"}, "redactions", "Say what is redacted"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(admin_client, wrong, where, words):
    allow()
    answer = send(admin_client, NEW, {**OUT, **wrong})
    form = answer.context["page"].form

    assert answer.status_code == 422
    said = form.problems[where] if isinstance(where, str) else " ".join(form.conditions[where].problems)
    assert words.lower() in said.lower()
    assert html.escape(said) in answer.text
    assert not Draft.objects.exists()


def test_a_rule_that_redacts_says_what_and_how(admin_client):
    allow()
    told = {
        **OUT,
        "effect": "redact",
        "r0-what": "class:identifier",
        "r0-how": "hash",
        "r1-what": "clinic",
        "r1-how": "truncate",
        "r1-keep": "3",
    }
    send(admin_client, NEW, told)
    rule = draft().body["rules"][-1]

    assert rule["then"]["redactions"] == [
        {"class": "identifier", "how": "hash"},
        {"property": "clinic", "how": "truncate", "keep": 3},
    ]
    assert "clinic: only the first characters (3)" in read(admin_client, MINE)
    again = admin_client.get(f"{MINE}{rule['id']}/").context["page"].form
    assert [each.controls[0].chosen for each in again.redactions] == [("class:identifier",), ("clinic",)]


def test_what_a_form_shows_it_saves_again_unchanged(admin_client):
    """Each rule from the start, opened and kept, is the same rule."""
    for rule in BODY["rules"]:
        form = admin_client.get(f"{MINE}{rule['id']}/").context["page"].form
        send(admin_client, f"{MINE}{rule['id']}/", {**sent(form), "act": "save"})

    assert draft().body == BODY


def sent(form):
    """What a browser would send for it."""
    posted = {"name": form.name, "effect": form.effect, **({"on": "on"} if form.on else {})}
    for part in (*form.conditions, *form.redactions):
        if part.kind:
            posted[f"c{part.at}-kind"] = part.kind
        for control in part.controls:
            posted[control.name] = list(control.chosen) if control.form == "checks" else control.value
    for control in (form.purposes, form.systems):
        posted[control.name] = list(control.chosen)
    return posted


def test_a_template_is_one_click_and_a_stance_another(admin_client):
    send(admin_client, MINE, {"act": "template:own-category-out"})
    send(admin_client, MINE, {"act": "stances", "stance-marketing": "allow", "stance-care": "nonsense"})
    page = read(admin_client, compared(client=admin_client))

    assert "the event’s own category is opted out on any channel, block for every system" in page
    assert "Allow unless blocked" in page
    assert draft().body["stances"] == {**BODY["stances"], "marketing": "allow"}


def test_a_protected_rule_goes_off_only_by_two_people(admin_client, colleague):
    send(admin_client, MINE, {"act": f"off:{PRIVACY_SIGNAL}"})
    page = compared("They asked", admin_client)
    assert "It needs a second person" in read(admin_client, page)
    settle(admin_client, page, "publish")
    assert in_force().number == 1
    settle(admin_client, page, "ask")
    assert "prepares a change" in read(colleague, RULES)
    settle(colleague, page, "publish")

    assert in_force().number == 2
    assert Revision.objects.get(kind=RevisionKind.POLICY, number=2).approved_by == "ben"


def test_nobody_publishes_over_what_they_have_not_seen(admin_client):
    send(admin_client, NEW, OUT)
    body = {**BODY, "stances": {**BODY["stances"], "other": "allow"}}
    publish(kind=RevisionKind.POLICY, key=POLICY, body=body, author="ann", reason="Faster")
    page = compared(client=admin_client)
    assert "ann published policy 2 after" in read(admin_client, page)
    settle(admin_client, page, "publish")
    assert in_force().number == 2

    settle(admin_client, page, "put_on_top", number="2")
    settle(admin_client, page, "publish")
    assert in_force().number == 3


def test_without_a_reason_nothing_is_published(admin_client):
    send(admin_client, NEW, OUT)
    page = compared("", admin_client)

    assert "Nobody has said yet why" in read(admin_client, page)
    settle(admin_client, page, "publish")
    assert in_force().number == 1


def test_what_lost_its_category_is_named_and_cannot_be_published(admin_client):
    send(admin_client, NEW, OUT)
    mine = draft()
    mine.body["rules"][-1]["when"][0]["category"] = "gone"
    mine.save()

    assert "There is no category 'gone'" in read(admin_client, MINE)
    page = compared(client=admin_client)
    assert "It can’t be published so." in read(admin_client, page)
    settle(admin_client, page, "publish")
    assert in_force().number == 1


def test_the_common_list_of_drafts_leads_to_this_page(admin_client):
    send(admin_client, NEW, OUT)
    answer = admin_client.get(f"/admin/preferences/draft/{draft().pk}/change/")

    assert answer.url == f"/admin/rules/policy/drafts/{draft().pk}/"


@pytest.mark.parametrize(
    ("rights", "open_pages"),
    [
        (("view_policy",), {RULES}),
        (("view_policy", "add_policy"), {RULES, MINE, NEW}),
        (("view_allowance",), set()),
    ],
)
def test_whoever_lacks_the_right_is_told_which(client, django_user_model, rights, open_pages):
    at_work(django_user_model, client, "kim", *rights)
    for page in (RULES, MINE, NEW):
        assert client.get(page).status_code == (200 if page in open_pages else 403)


def test_who_prepares_may_not_publish(client, django_user_model):
    at_work(django_user_model, client, "kim", "view_policy", "add_policy")
    send(client, NEW, OUT)
    page = compared(client=client)
    assert "yours may not" in read(client, page)

    seen = client.get(page).context["page"].seen
    assert client.post(page, {"act": "publish", "seen": seen}).status_code == 404
    settle(client, page, "ask")
    assert draft().asked_at is not None


def test_a_rule_that_is_not_there_is_not_found(admin_client):
    assert admin_client.get(f"{MINE}nothing/").status_code == 404
    assert admin_client.get(f"{RULES}99/").status_code == 404


def test_a_rule_of_an_older_window_overwrites_nothing_of_the_draft(admin_client):
    opened = admin_client.get(NEW).context["page"].seen
    send(admin_client, NEW, OUT)

    answer = admin_client.post(NEW, {**OUT, "name": "Another", "seen": opened}, follow=True)

    assert "You have another draft of this" in answer.text
    assert [each["name"] for each in draft().body["rules"]][-1] == OUT["name"]
