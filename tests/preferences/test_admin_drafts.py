"""From a draft to a publication, as staff go about it: compared, weighed, seconded, brought back."""

import pytest
from django.contrib.auth.models import Permission

from preferences.languages import others
from preferences.models import Draft, Revision
from preferences.terms import RevisionKind
from tests.factories import PatientFactory
from tests.preferences.admin_desk import PAGES, in_force, message, posted, press
from tests.preferences.preparing import prepared
from tests.preferences.saying import chooses, out, publish, with_channel
from tests.preferences.test_admin_categories import drafted, page_of

pytestmark = pytest.mark.django_db
SURVEYS = "patient_surveys"
REQUIRED = {"required": "on", "required_reason": "The law asks us to"} | {
    f"{language}_required_reason": "(translated)" for language in others()
}


@pytest.fixture
def colleague(client, django_user_model):
    """Somebody else who may publish categories."""
    ben = django_user_model.objects.create_user("ben", is_staff=True)
    names = ("view_category", "change_category", "add_notice", "view_notice", "view_revision")
    ben.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(ben)
    return client


def draft_page(draft=None):
    return f"{PAGES['draft']}{(draft or Draft.objects.latest('updated_at')).pk}/change/"


def shown(client, draft=None):
    return client.get(draft_page(draft)).context["page"]


def differences(page):
    return [(each.what, each.before, each.after) for each in page.changes]


def test_what_is_saved_is_a_draft_and_changes_nothing(admin_client):
    answer = drafted(admin_client, SURVEYS, how_often="Once a year")

    assert answer.url == draft_page()
    assert in_force(SURVEYS).body["texts"]["en"]["how_often"] != "Once a year"
    assert "Kept as a draft" in message(admin_client, answer)


def test_a_draft_is_compared_line_by_line_in_words(admin_client):
    drafted(
        admin_client,
        SURVEYS,
        how_often="Once a year",
        sensitive="on",
        sms_offered=None,
        email_needs="person",
        email_out="US-WA",
        phone_offered="on",
    )

    assert sorted(differences(shown(admin_client))) == sorted(
        [
            ("Sensitive", "No", "Yes"),
            ("How often, in English", "At most one after a visit", "Once a year"),
            ("Email: in without a choice, in US-WA", "As everywhere else", "No"),
            ("Email: a yes counts from", "any source", "the person"),
            ("Text message: offered", "Yes", "No"),
            ("Phone call: in without a choice", "—", "No"),
            ("Phone call: a yes counts from", "—", "any source"),
            ("Phone call: offered", "No", "Yes"),
        ]
    )
    assert "How often, in English" in admin_client.get(draft_page()).text


def test_how_many_people_it_turns_something_on_for_is_said_first(admin_client):
    pat = PatientFactory.create()
    for _ in range(3):
        PatientFactory.create()
    chooses(pat, out())
    drafted(admin_client, SURVEYS, phone_offered="on", phone_default="on")

    page = shown(admin_client)
    assert page.reach == "This turns something on for 3 of 4 people (75.0 %)."
    assert page.why == "it turns something on for 3 of 4 people"
    assert not page.may_publish
    assert "It needs a second person" in admin_client.get(draft_page()).text


def test_what_turns_nothing_on_one_person_publishes(admin_client):
    drafted(admin_client, SURVEYS, how_often="Once a year", reason="Fewer surveys")

    answer = press(admin_client, "publish")

    number = in_force(SURVEYS).number
    assert f"Published as revision {number}" in message(admin_client, answer)
    assert in_force(SURVEYS).body["texts"]["en"]["how_often"] == "Once a year"
    assert "Published by admin" in admin_client.get(draft_page()).text


def test_the_author_alone_cannot_make_messages_required(admin_client):
    drafted(admin_client, SURVEYS, **REQUIRED)

    answer = press(admin_client, "publish")

    assert "This needs a second person: people could no longer turn" in message(admin_client, answer)
    assert in_force(SURVEYS).body["required"] is False


def test_a_second_person_finds_it_in_the_queue_reads_it_and_publishes_it(admin_client, colleague):
    drafted(admin_client, SURVEYS, reason="We must ask", **REQUIRED)
    press(admin_client, "ask")

    figures = {each.words: each for each in admin_client.get("/admin/").context["page"].figures}
    waiting = figures["drafts for a second person"]
    assert waiting.count == 1
    [draft] = colleague.get(waiting.link).context["cl"].result_list
    text = colleague.get(draft_page(draft)).text
    assert "We must ask" in text
    assert "people could no longer turn these messages off" in text

    press(colleague, "publish")

    stands = Revision.objects.get(pk=in_force(SURVEYS).pk)
    assert (stands.author, stands.approved_by, stands.reason) == ("admin", "ben", "We must ask")
    assert admin_client.get("/admin/").context["page"].figures[-1].count == 0


def test_a_second_person_who_says_no_says_why(admin_client, colleague):
    drafted(admin_client, SURVEYS, **REQUIRED)
    press(admin_client, "ask")

    assert "tell admin why" in message(colleague, press(colleague, "discard")).lower()
    press(colleague, "discard", why="Nobody must answer surveys")

    assert "Nobody must answer surveys" in admin_client.get(draft_page()).text
    assert in_force(SURVEYS).body["required"] is False


def test_what_was_published_meanwhile_is_shown_and_the_draft_goes_on_from_there(admin_client):
    drafted(admin_client, SURVEYS, how_often="Once a year")
    meanwhile = publish(SURVEYS, order=31)

    page = shown(admin_client)
    assert page.stale
    assert [(each.what, each.after) for each in page.meanwhile] == [("Place in the list", "31")]
    assert not page.may_publish
    answer = press(admin_client, "publish")
    assert f"revision {meanwhile.number} meanwhile: see what it changed" in message(admin_client, answer)

    answer = admin_client.get(page.edit)
    assert "after this draft was begun: once you save it you see what that changed" in answer.text
    form = answer.context["adminform"].form
    assert form["how_often"].value() == "Once a year"
    admin_client.post(page.edit, posted(form))
    assert shown(admin_client).stale
    press(admin_client, "put_on_top", number=str(meanwhile.number))
    press(admin_client, "publish")

    assert in_force(SURVEYS).body["texts"]["en"]["how_often"] == "Once a year"


def test_once_it_is_published_it_says_what_it_changed_and_goes_on_saying_so(admin_client):
    drafted(admin_client, SURVEYS, how_often="Once a year")
    changed = differences(shown(admin_client))
    press(admin_client, "publish")
    publish(SURVEYS, order=31)

    assert differences(shown(admin_client)) == changed
    text = admin_client.get(draft_page()).text
    assert "What it changed" in text
    assert "meanwhile" not in text


def test_a_form_of_an_older_window_overwrites_nothing_and_its_author_chooses(admin_client):
    opened = admin_client.get(page_of(SURVEYS)).context["adminform"].form
    drafted(admin_client, SURVEYS, how_often="Once a year")
    kept = Draft.objects.get()

    answer = admin_client.post(page_of(SURVEYS), posted(opened, reason="Older", how_often="Never"))

    aside = Draft.objects.exclude(pk=kept.pk).get()
    assert answer.url == draft_page(aside)
    assert "You have another draft of this" in admin_client.get(answer.url).text
    assert differences(shown(admin_client, aside)) == [("How often, in English", "Once a year", "Never")]
    press(admin_client, "take_up", page=draft_page(aside))
    assert Draft.objects.get(state="draft").body["texts"]["en"]["how_often"] == "Never"
    press(admin_client, "take_up", page=draft_page(kept))
    assert Draft.objects.get(state="draft").body["texts"]["en"]["how_often"] == "Once a year"


def test_to_go_on_with_a_colleagues_draft_overwrites_nothing_of_ones_own(admin_client, colleague):
    drafted(admin_client, SURVEYS, how_often="Once a year")
    drafted(colleague, SURVEYS, how_often="Every day")
    theirs = f"{page_of(SURVEYS)}?draft={Draft.objects.get(author='admin').pk}"

    colleague.post(theirs, posted(colleague.get(theirs).context["adminform"].form, reason="Mine"))

    kept = Draft.objects.get(author="ben", state="draft")
    assert kept.body["texts"]["en"]["how_often"] == "Every day"


def test_what_somebody_published_while_the_form_was_open_makes_the_draft_stale(admin_client):
    form = admin_client.get(page_of(SURVEYS)).context["adminform"].form
    publish(SURVEYS, order=31)

    admin_client.post(page_of(SURVEYS), posted(form, reason="Because", how_often="Once a year"))

    assert shown(admin_client).stale
    assert Draft.objects.get().body["texts"]["en"]["how_often"] == "Once a year"


def test_nobody_publishes_what_was_saved_again_while_they_read(admin_client, colleague):
    drafted(admin_client, SURVEYS, how_often="Once a year")
    seen = shown(colleague).seen
    drafted(admin_client, SURVEYS, how_often="Every day")

    answer = colleague.post(draft_page(), {"act": "publish", "seen": seen})

    assert "Look at it once more" in message(colleague, answer)
    assert Draft.objects.get().state == "draft"


def test_a_form_opens_with_ones_own_draft(admin_client):
    drafted(admin_client, SURVEYS, how_often="Once a year", reason="Fewer surveys")

    answer = admin_client.get(page_of(SURVEYS))

    form = answer.context["adminform"].form
    assert form["how_often"].value() == "Once a year"
    assert form["reason"].value() == "Fewer surveys"
    assert "You go on with the draft by admin" in answer.text


def test_an_earlier_revision_says_what_it_changed_and_is_brought_back(admin_client):
    first = Revision.objects.filter(key=SURVEYS).latest("number")
    second = publish(SURVEYS, order=31)
    page = f"{PAGES['revision']}{first.pk}/bring-back/"
    assert "Place in the list" in admin_client.get(f"{PAGES['revision']}{second.pk}/change/").text
    assert "Until then nothing changes" in admin_client.get(page).text

    answer = admin_client.post(page)

    assert answer.url == draft_page()
    assert differences(shown(admin_client)) == [("Place in the list", "31", "30")]
    press(admin_client, "publish")
    assert in_force(SURVEYS).body == first.body


def test_bringing_back_never_overwrites_ones_draft(admin_client):
    first = Revision.objects.filter(key=SURVEYS).latest("number")
    publish(SURVEYS, order=31)
    drafted(admin_client, SURVEYS, how_often="Once a year")

    answer = admin_client.post(f"{PAGES['revision']}{first.pk}/bring-back/")

    assert "You have another draft of this" in admin_client.get(answer.url).text
    assert Draft.objects.get(state="draft").body["texts"]["en"]["how_often"] == "Once a year"


def test_what_stands_is_not_brought_back(admin_client):
    stands = in_force(SURVEYS)

    assert admin_client.get(f"{PAGES['revision']}{stands.pk}/bring-back/").status_code == 403


def test_a_script_is_drafted_gone_on_with_and_published(admin_client):
    given = {"name": "calls", "text": "May we call?", "reason": "Counsel wrote it"}
    admin_client.post(f"{PAGES['notice']}add/", given)
    page = shown(admin_client)
    assert differences(page) == [("What staff read aloud", "—", "May we call?")]

    form = admin_client.get(page.edit).context["adminform"].form
    admin_client.post(page.edit, posted(form, text="May we call you?"))
    press(admin_client, "publish")

    assert Revision.objects.get(key="script.calls").body == {"text": "May we call you?"}
    assert Draft.objects.count() == 1


def test_a_script_that_is_given_another_name_is_a_draft_beside_the_first(admin_client):
    given = {"name": "calls", "text": "May we call?", "reason": "Counsel wrote it"}
    admin_client.post(f"{PAGES['notice']}add/", given)
    page = shown(admin_client)

    form = admin_client.get(page.edit).context["adminform"].form
    admin_client.post(page.edit, posted(form, name="calls_at_noon"))

    assert [*Draft.objects.filter(state="draft").order_by("key").values_list("key", "based_on")] == [
        ("script.calls", 0),
        ("script.calls_at_noon", 0),
    ]


def test_the_list_shows_who_prepares_what_and_why(admin_client):
    drafted(admin_client, SURVEYS, how_often="Once a year", reason="Fewer surveys")
    text = admin_client.get(PAGES["draft"]).text

    for words in ("Patient surveys", "Fewer surveys", "admin"):
        assert words in text


def test_an_empty_list_says_so(admin_client):
    assert "Nobody prepares anything" in admin_client.get(PAGES["draft"]).text


def test_the_list_takes_the_same_queries_however_many_there_are(admin_client, django_assert_num_queries):
    for number in range(4):
        body = {**in_force(SURVEYS).body, "order": number}
        prepared(RevisionKind.CATEGORY, SURVEYS, body, f"author {number}")

    with django_assert_num_queries(3):
        admin_client.get(PAGES["draft"])


def test_who_may_only_look_publishes_and_discards_nothing(client, admin_client, django_user_model):
    drafted(admin_client, SURVEYS, how_often="Once a year")
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_category"))
    client.force_login(reader)

    page = shown(client)

    assert not page.may_publish
    assert client.post(draft_page(), {"act": "publish", "seen": page.seen}).status_code == 403
    assert Draft.objects.get().state == "draft"


def test_without_that_a_draft_is_not_even_seen(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    prepared(RevisionKind.NOTICE, "script.x", {"text": "x"}, "ann")

    assert client.get(draft_page()).status_code == 403


def test_a_channel_that_comes_is_weighed_without_those_who_are_kept_out(admin_client):
    pat = PatientFactory.create()
    chooses(pat, out(SURVEYS, "email"), out(SURVEYS, "sms"))
    body = {**in_force(SURVEYS).body, "offers": with_channel(SURVEYS, channel="phone")}
    prepared(RevisionKind.CATEGORY, SURVEYS, body, "admin", "Calls too")

    assert shown(admin_client).reach == "This turns nothing on for anybody."
    press(admin_client, "publish")
    assert in_force(SURVEYS).body["offers"][-1]["channel"] == "phone"
