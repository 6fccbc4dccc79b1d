"""Systems in staff's hands: how they fare, how they are set up, and whether they run."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from destinations import credentials
from destinations.models import Attempt, Destination, Propagation
from destinations.services import save_destination
from preferences.models import Identifier
from tests.factories import PatientFactory
from tests.preferences.admin_desk import posted

pytestmark = pytest.mark.django_db
LIST = "/admin/destinations/destination/"
GIVEN = {
    "name": "SendGrid",
    "slug": "sendgrid",
    "public_label": "Our email service",
    "purpose": "marketing",
    "agreement": "BAA of 2026",
    "state": "paused",
    "setting_base_url": "https://api.sendgrid.com",
    "setting_api_key": "SG.first",
    "setting_groups": "marketing_emails: 101\npatient_surveys: 103\n",
}


@pytest.fixture
def mail():
    """A system that tells patients by email."""
    return save_destination(
        connector="sendgrid",
        slug="sendgrid",
        name="SendGrid",
        public_label="Our email service",
        purpose="marketing",
        state="paused",
        settings={"base_url": "https://api.sendgrid.com", "groups": {"marketing_emails": 101}},
        secrets={"api_key": "SG.first"},
        agreement="BAA of 2026",
        author="tests",
    )


def owes(system, *states, **more):
    """As many people, where the telling of this system stands so."""
    for state in states:
        PatientFactory(phone="")
        held = Identifier.objects.filter(kind="email").latest("created_at")
        Propagation.objects.create(destination=system, identifier=held, state=state, **more)


def add(client, connector="sendgrid", **changes):
    fields = {name: value for name, value in {**GIVEN, **changes}.items() if value is not None}
    return client.post(f"{LIST}add/?connector={connector}", fields)


def page_of(system):
    return f"{LIST}{system.pk}/change/"


def save(client, system, **changes):
    form = client.get(page_of(system)).context["adminform"].form
    return client.post(page_of(system), posted(form, **changes))


def errors(answer):
    return {name: " ".join(words) for name, words in answer.context["adminform"].form.errors.items()}


def secrets_of(system):
    return credentials.unlock(bytes(Destination.objects.get(pk=system.pk).secrets))


# --- how they fare ---


def test_the_list_says_in_words_how_each_system_fares(admin_client, mail):
    owes(mail, "acknowledged", "verified", acknowledged_at=timezone.now() - timedelta(minutes=5))
    owes(mail, "pending", denied_at=timezone.now() - timedelta(hours=3))
    owes(mail, "later", "stuck")

    text = " ".join(admin_client.get(LIST).text.split())

    assert "Needs a person" in text
    assert "2 told, 1 waiting, 1 will be tried again" in text
    assert "1 needs a person" in text
    assert "Last told 5" in text
    assert "an opt-out has waited 3" in text


def test_it_takes_the_same_queries_however_many_there_are(admin_client, mail, django_assert_num_queries):
    owes(mail, "pending", "stuck")
    for slug in ("a", "b", "c"):
        Destination.objects.create(slug=slug, name=slug, public_label=slug, connector="webhook")

    with django_assert_num_queries(6):
        admin_client.get(LIST)


def test_no_system_at_all_is_said(admin_client):
    assert "what people say reaches nobody" in admin_client.get(LIST).text


def test_what_a_system_is_told_is_a_table_in_words(admin_client, mail):
    text = admin_client.get(page_of(mail)).text

    assert "Marketing emails by email" in text
    assert "groups.marketing_emails" in text
    assert "answer:" not in text


# --- setting one up ---


def test_first_one_chooses_the_kind_of_system(admin_client):
    text = admin_client.get(f"{LIST}add/").text

    for slug in ("sendgrid", "salesforce", "fhir", "webhook"):
        assert f'href="?connector={slug}"' in text


def test_then_the_form_asks_for_what_this_kind_needs(admin_client):
    fields = admin_client.get(f"{LIST}add/?connector=salesforce").context["adminform"].form.fields

    assert fields["setting_client_secret"].widget.input_type == "password"
    assert fields["setting_api_version"].required
    assert not fields["setting_login_url"].required
    assert "setting_groups" not in fields


def test_a_system_is_made_with_its_settings_and_its_secret_locked_away(admin_client):
    assert add(admin_client).status_code == 302

    made = Destination.objects.get()
    assert (made.connector, made.slug, made.state) == ("sendgrid", "sendgrid", "paused")
    assert made.settings["groups"] == {"marketing_emails": "101", "patient_surveys": "103"}
    assert "api_key" not in made.settings
    assert secrets_of(made) == {"api_key": "SG.first"}


def test_a_line_that_is_no_pair_is_named(admin_client):
    assert "“nonsense”" in errors(add(admin_client, setting_groups="nonsense"))["setting_groups"]


def test_what_is_missing_is_said(admin_client):
    assert "setting_api_key" in errors(add(admin_client, setting_api_key=None))
    assert not Destination.objects.exists()


def test_nothing_goes_live_without_an_agreement(admin_client):
    answer = add(admin_client, state="live", agreement="")

    assert "agreement (BAA)" in errors(answer)["__all__"]
    assert not Destination.objects.exists()


def test_a_secret_is_never_shown_again(admin_client, mail):
    assert "SG.first" not in admin_client.get(page_of(mail)).text
    answer = save(admin_client, mail, name="", setting_api_key="SG.second")
    assert "SG.second" not in answer.text
    save(admin_client, mail, setting_api_key="SG.third")
    noted = LogEntry.objects.values_list("change_message", "object_repr")
    assert "SG." not in str(list(noted))


def test_an_empty_secret_keeps_what_stands_and_a_new_one_replaces_it(admin_client, mail):
    save(admin_client, mail, name="Mail")
    assert secrets_of(mail) == {"api_key": "SG.first"}

    save(admin_client, mail, setting_api_key="SG.second")
    assert secrets_of(mail) == {"api_key": "SG.second"}
    assert Destination.objects.get().name == "Mail"


def test_slug_and_state_are_not_changed_by_the_form(admin_client, mail):
    save(admin_client, mail, slug="other", state="live", connector="webhook")

    mail.refresh_from_db()
    assert (mail.slug, mail.state, mail.connector) == ("sendgrid", "paused", "sendgrid")


def test_a_system_is_never_deleted(admin_client, mail):
    assert admin_client.post(f"{LIST}{mail.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_system_whose_connector_is_gone_still_loads(admin_client, mail):
    Destination.objects.update(connector="mailkite")

    assert "mailkite (no longer supported)" in admin_client.get(LIST).text
    assert "no longer supported" in admin_client.get(page_of(mail)).text
    assert "there is no connector" in errors(save(admin_client, mail)).get("__all__", "").lower()


# --- running ---


def test_going_live_says_first_what_will_be_sent(admin_client, mail):
    owes(mail, "pending", "later")

    assert "2 changes wait and will be sent at once" in admin_client.get(f"{LIST}{mail.pk}/go-live/").text
    assert Destination.objects.get().state == "paused"


def test_going_live_and_pausing_take_a_yes(admin_client, mail):
    answer = admin_client.post(f"{LIST}{mail.pk}/go-live/", follow=True)
    assert Destination.objects.get().state == "live"
    assert "SendGrid is live" in answer.text

    admin_client.post(f"{LIST}{mail.pk}/pause/")
    assert Destination.objects.get().state == "paused"


def test_pausing_says_first_what_waits_and_that_deadlines_run_on(admin_client, mail):
    Destination.objects.update(state="live")
    owes(mail, "pending")

    text = admin_client.get(f"{LIST}{mail.pk}/pause/").text
    assert "1 change already waits" in text
    assert "deadlines run on" in text


def test_without_an_agreement_the_button_says_why_not(admin_client, mail):
    Destination.objects.update(agreement="")

    answer = admin_client.post(f"{LIST}{mail.pk}/go-live/", follow=True)
    assert "Record the agreement (BAA) first" in answer.text
    assert Destination.objects.get().state == "paused"


# --- attempts, and the queue ---


@pytest.fixture
def attempt(mail):
    owes(mail, "stuck")
    return Attempt.objects.create(
        propagation=Propagation.objects.get(),
        token="1" * 32,
        leased=1,
        started_at=timezone.now(),
        took_ms=120,
        outcome="stuck",
        reason="rejected_auth",
        detail="HTTP 401",
        call="POST /asm/groups/*/suppressions",
        status=401,
    )


def test_attempts_are_read_in_words(admin_client, attempt):
    text = admin_client.get("/admin/destinations/attempt/").text

    for words in ("SendGrid", "Needs a person", "did not accept our credentials", "HTTP 401", "120 ms"):
        assert words in text
    assert "example.org" not in text


def test_nobody_alters_them(admin_client, attempt):
    for page in ("add/", f"{attempt.pk}/change/", f"{attempt.pk}/delete/"):
        assert admin_client.post(f"/admin/destinations/attempt/{page}", {"post": "yes"}).status_code == 403


def test_their_list_takes_the_same_queries(admin_client, attempt, django_assert_num_queries):
    with django_assert_num_queries(4) as seen:
        admin_client.get("/admin/destinations/attempt/")
    assert not [each for each in seen.captured_queries if each["sql"].startswith("SELECT COUNT")]


def test_the_queues_tables_are_not_shown():
    assert not [model for model in admin.site._registry if model._meta.app_label == "django_q"]
