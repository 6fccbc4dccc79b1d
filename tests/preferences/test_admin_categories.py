"""Categories in staff's hands: read in words, published with a reason, never deleted."""

import pytest
from django.contrib.auth.models import Permission

from preferences.models import Category, Revision
from tests.preferences.admin_desk import PAGES, in_force, posted, press

pytestmark = pytest.mark.django_db
LIST = PAGES["category"]


def page_of(slug):
    return f"{LIST}{in_force(slug).pk}/change/"


def drafted(client, category, **changes):
    """Open a category, change something in its form, and save: a draft."""
    page = page_of(category)
    form = client.get(page).context["adminform"].form
    return client.post(page, posted(form, **{"reason": "Because", **changes}))


def save(client, category, **changes):
    """The same, and publish it."""
    answer = drafted(client, category, **changes)
    return press(client, "publish", answer.url) if answer.status_code == 302 else answer


def errors(answer):
    return {name: " ".join(words) for name, words in answer.context["adminform"].form.errors.items()}


@pytest.fixture
def new(admin_client):
    """A new category, as its form would be filled in."""

    def add(**given):
        form = admin_client.get(f"{LIST}add/").context["adminform"].form
        fields = {
            "slug": "classes",
            "kind": "communication",
            "name": "Classes",
            "description": "What you can learn with us.",
            "email_offered": "on",
            "email_needs": "person",
            "reason": "The school of nursing asked",
        }
        answer = admin_client.post(f"{LIST}add/", posted(form, **{**fields, **given}))
        return press(admin_client, "publish", answer.url) if answer.status_code == 302 else answer

    return add


def test_the_list_says_what_people_decide_about_in_words(admin_client):
    text = admin_client.get(LIST).text

    assert "Marketing emails" in text
    assert "Email: yes (no in CA-ON, CA-QC)" in text
    assert "Use of data" in text
    assert "marketing_emails" not in text


def test_it_takes_the_same_queries_however_many_there_are(admin_client, django_assert_num_queries, new):
    new()

    with django_assert_num_queries(6):
        admin_client.get(LIST)


def test_saving_publishes_the_next_revision_with_author_and_reason(admin_client):
    answer = save(admin_client, "patient_surveys", how_often="Once a year", reason="Fewer surveys")

    assert answer.status_code == 302
    stands = Revision.objects.filter(key="patient_surveys").latest("number")
    assert (stands.number, stands.author, stands.reason) == (2, "admin", "Fewer surveys")
    assert stands.body["texts"]["en"]["how_often"] == "Once a year"


def test_what_was_not_changed_stays_to_the_letter(admin_client):
    for category in Category.objects.all():
        assert save(admin_client, category.key).status_code == 302
        assert in_force(category.key).body == category.body


def test_nothing_is_published_without_a_reason(admin_client):
    answer = save(admin_client, "patient_surveys", how_often="Once a year", reason="")

    assert "reason" in errors(answer)
    assert in_force("patient_surveys").number == 1


def test_a_new_category_is_published_and_offered(new):
    answer = new(email_out="us-wa, CA-QC")
    assert answer.status_code == 302, errors(answer)

    body = in_force("classes").body
    assert [offer["channel"] for offer in body["offers"]] == ["email"]
    assert body["offers"][0]["elsewhere"] == {"CA-QC": False, "US-WA": False}
    assert body["offers"][0]["default"] is False


def test_a_use_of_data_has_no_channels(new):
    assert new(slug="research", kind="data_use", use_needs="person_second_step").status_code == 302

    assert [offer["channel"] for offer in in_force("research").body["offers"]] == [""]


def test_a_short_name_is_taken_once(new):
    assert "already a category" in errors(new(slug="marketing_emails"))["slug"]


@pytest.mark.parametrize("slug", ["Classes", "a-b", "1st", "*", "a:b"])
def test_a_short_name_is_fit_for_systems(new, slug):
    assert "slug" in errors(new(slug=slug))


def test_short_name_and_kind_are_fixed_once_made(admin_client):
    save(admin_client, "patient_surveys", slug="other", kind="data_use", how_often="Never")

    stands = in_force("patient_surveys")
    assert stands.number == 2
    assert (stands.body["slug"], stands.body["kind"]) == ("patient_surveys", "communication")


def test_what_breaks_a_rule_is_refused_in_words(new):
    answer = new(marketing="on", sms_offered="on", sms_default="on", sms_needs="any")

    assert "47 CFR 64.1200" in errors(answer)["__all__"]


def test_a_place_that_is_none_is_refused(new):
    assert "“ATLANTIS” is no jurisdiction" in errors(new(email_out="Atlantis"))["email_out"]


def test_a_name_that_shows_nothing_is_none(admin_client):
    answer = save(admin_client, "patient_surveys", name="\u200b")

    assert "name" in errors(answer)


def test_required_messages_say_why_in_every_language_that_was_begun(admin_client):
    answer = save(admin_client, "patient_surveys", required="on", required_reason="We want to know")

    assert "Spanish: why it is required" in errors(answer)["__all__"]


def test_turning_a_default_off_does_not(admin_client):
    assert save(admin_client, "marketing_emails", email_default=None).status_code == 302
    assert in_force("marketing_emails").body["offers"][0]["default"] is False


def test_a_channel_that_is_taken_away_stays_on_record_as_removed(admin_client):
    save(admin_client, "patient_surveys", sms_offered=None)

    [sms] = [each for each in in_force("patient_surveys").body["offers"] if each["channel"] == "sms"]
    assert sms["removed"] is True


def test_earlier_revisions_stand_below_the_form(admin_client):
    save(admin_client, "patient_surveys", how_often="Once a year", reason="Fewer surveys")

    text = admin_client.get(page_of("patient_surveys")).text
    assert "Revision 2" in text
    assert "Fewer surveys" in text
    assert "Revision 1" in text


def test_both_languages_are_written_in_one_form(admin_client):
    save(admin_client, "patient_surveys", how_often="Once a year", es_how_often="Una vez al año")

    texts = in_force("patient_surveys").body["texts"]
    assert (texts["en"]["how_often"], texts["es"]["how_often"]) == ("Once a year", "Una vez al año")
    assert texts["es"]["name"] == "Encuestas para pacientes"


def test_a_language_is_written_whole_or_not_at_all(new):
    assert "Spanish: what it is about" in errors(new(es_name="Clases"))["__all__"]

    assert new(es_name="Clases", es_description="Lo que puede aprender con nosotros.").status_code == 302


def test_the_list_says_how_many_texts_are_missing_in_which_language(admin_client, new):
    assert "missing in" not in admin_client.get(LIST).text

    new()
    save(admin_client, "patient_surveys", es_example=None)

    text = admin_client.get(LIST).text
    assert "2 missing in Spanish" in text
    assert "1 missing in Spanish" in text


def test_nobody_can_delete_one(admin_client):
    pk = in_force("patient_surveys").pk

    assert admin_client.post(f"{LIST}{pk}/delete/", {"post": "yes"}).status_code == 403


def test_who_may_only_look_reads_it_in_words(client, django_user_model):
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_category"))
    client.force_login(reader)

    text = client.get(page_of("marketing_emails")).text
    assert "Email: yes (no in CA-ON, CA-QC)" in text
    assert client.post(page_of("marketing_emails"), {"reason": "x"}).status_code == 403
