"""Systems in staff's hands: how they fare, how they are set up, and whether they run."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django.utils.html import escape

from destinations import backfill, credentials
from destinations.admin import acts, sizing
from destinations.admin.system_form import SystemForm
from destinations.blast import Difference
from destinations.contract import Checked
from destinations.models import Approval, Attempt, Destination, Propagation
from destinations.services import save_destination
from destinations.tasks import something_is_due
from preferences.models import Identifier, Profile
from preferences.terms import State
from tests.config.staff import desk
from tests.factories import PatientFactory
from tests.portal import people
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


@pytest.mark.parametrize(
    ("connector", "words"),
    [
        ("mailchimp", "the person confirms an email from that system"),
        ("csv", "it cannot be read: Heed goes by its answers, and “Compare” is not offered"),
        ("sendgrid", "the address is put on the list: it then holds for whoever comes"),
        ("five9", "from 23:00 to 06:00 (America/Los_Angeles); until then they wait here"),
    ],
)
def test_whoever_connects_a_system_reads_how_its_kind_works(admin_client, connector, words):
    assert escape(words) in admin_client.get(f"{LIST}add/?connector={connector}").text


def test_staff_write_what_patients_call_it_in_every_language(admin_client, mail):
    page = f"{LIST}{mail.pk}/change/"
    labels = {"public_label_es": "Nuestro correo", "public_label_ar": "خدمة البريد لدينا"}

    admin_client.post(page, {**GIVEN, **labels})

    mail.refresh_from_db()
    assert mail.public_labels == {"es": "Nuestro correo", "ar": "خدمة البريد لدينا"}
    assert mail.label_in("ar") == ("خدمة البريد لدينا", "ar")
    assert mail.label_in("ko") == ("Our email service", "en")
    assert 'lang="ar" dir="auto"' in admin_client.get(page).text


def test_a_label_in_a_language_that_heed_no_longer_speaks_is_kept(admin_client, mail):
    Destination.objects.filter(pk=mail.pk).update(public_labels={"de": "Unsere E-Mails"})

    admin_client.post(f"{LIST}{mail.pk}/change/", {**GIVEN, "public_label_es": "Nuestro correo"})

    mail.refresh_from_db()
    assert mail.public_labels == {"de": "Unsere E-Mails", "es": "Nuestro correo"}


def test_the_page_of_a_system_says_how_its_kind_works(admin_client, mail):
    page = admin_client.get(f"{LIST}{mail.pk}/change/").text

    assert "How this kind of system works" in page
    assert "one bad record spoils the call" in page


@pytest.mark.parametrize("page", [f"{LIST}add/", "/admin/destinations/inbound/add/"])
def test_a_kind_of_system_is_known_by_its_picture(admin_client, page):
    shown = re.findall(r"/static/(heed/kinds/\w+)[.\w]*\.svg", admin_client.get(page).text)

    assert {"heed/kinds/mail", "heed/kinds/crm", "heed/kinds/record"} <= set(shown)


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


def test_a_form_saved_beside_a_pause_leaves_it_paused(admin_client, mail, monkeypatch):
    Destination.objects.update(state="live")
    clean = SystemForm.clean

    def beside(form):
        Destination.objects.update(state="paused")  # a colleague presses the button meanwhile
        return clean(form)

    monkeypatch.setattr(SystemForm, "clean", beside)
    save(admin_client, mail, name="Mail service")

    saved = Destination.objects.get(pk=mail.pk)
    assert (saved.name, saved.state) == ("Mail service", "paused")


def test_the_form_says_before_and_after_that_a_change_which_reaches_many_takes_a_colleague(
    admin_client, mail
):
    Destination.objects.update(state="live")
    for _ in range(20):
        patient = PatientFactory.create(phone="")
        people.chose(patient.id, ("marketing_emails", "email", State.OUT))
    assert "rehearsed until a colleague agrees" in admin_client.get(page_of(mail)).text

    save(admin_client, mail, setting_groups="marketing_emails: 201")
    text = admin_client.get(LIST).text
    assert "It now tells SendGrid something else about 20 of 20 (100%)." in text
    assert "nothing leaves, until a colleague agrees" in text
    assert Destination.objects.get().state == "shadow"


def test_what_counts_as_advertising_goes_on_doing_so_until_a_colleague_agrees(
    client, admin_client, django_user_model, mail
):
    Destination.objects.update(purpose="advertising")
    save(admin_client, mail, purpose="marketing", name="Mail service")
    saved = Destination.objects.get()
    assert (saved.name, saved.purpose) == ("Mail service", "advertising")
    assert "Mail service goes on counting as advertising" in admin_client.get(LIST).text

    question = f"/admin/stuck/agree/{Approval.objects.get().pk}/"
    admin_client.post(question, {"agree": ""})
    assert Destination.objects.get().purpose == "advertising"

    client.force_login(django_user_model.objects.create_superuser("ruth"))
    assert "Events would go there by the rules for marketing" in client.get(question).text
    client.post(question, {"agree": ""})
    assert Destination.objects.get().purpose == "marketing"


def test_whoever_makes_a_system_count_as_advertising_asks_nobody(admin_client, mail):
    save(admin_client, mail, purpose="advertising")
    assert Destination.objects.get().purpose == "advertising"
    assert not Approval.objects.exists()


def test_the_form_of_a_system_that_is_told_nothing_warns_of_nothing(admin_client, mail):
    assert "until a colleague agrees" not in admin_client.get(page_of(mail)).text


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


def test_a_system_is_made_paused_and_one_sees_first_what_it_would_be_told(admin_client):
    PatientFactory()
    answer = admin_client.get(add(admin_client, state="live").url)

    assert Destination.objects.get().state == "paused"
    assert "It is about <strong>1</strong> addresses" in answer.text
    assert "Nobody is subscribed anew" in answer.text


def test_a_rate_that_can_t_be_read_is_explained(admin_client):
    assert "600/minute" in errors(add(admin_client, rate="a lot"))["__all__"]


def test_a_rate_of_its_own_beats_the_kinds(admin_client):
    add(admin_client, rate="5/second", reads_back="")

    made = Destination.objects.get()
    assert (made.rate, made.reads_back) == ("5/second", False)
    assert "At most 5 calls a second" in admin_client.get(page_of(made)).text


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


def test_a_paused_system_does_not_say_that_it_catches_up(admin_client, mail):
    owes(mail, "pending")
    assert "Waits until it goes live" in admin_client.get(LIST).text

    Destination.objects.update(state="live")
    assert "Catching up" in admin_client.get(LIST).text


def test_an_act_is_named_above_what_it_will_do_and_rooms_of_the_code_are_not(admin_client, mail):
    for act in ("go-live", "shadow", "size"):
        answer = admin_client.get(f"{LIST}{mail.pk}/{act}/")
        headed = re.search(r"<h2[^>]*>([^<]*)</h2>", answer.text)
        assert headed is not None, act
        assert headed[1] == escape(answer.context["title"])
        assert "preferences/admin" in answer.text, "the stylesheet that hides them"


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


def test_no_colleague_is_asked_to_agree_that_a_system_without_an_agreement_goes_live(
    admin_client, mail, monkeypatch
):
    monkeypatch.setattr("destinations.services.agreeing.reach", lambda **_: Difference(100, 34))
    Destination.objects.update(agreement="")

    answer = admin_client.post(f"{LIST}{mail.pk}/go-live/", follow=True)

    assert "Record the agreement (BAA) first" in answer.text
    assert not Approval.objects.exists()


def test_a_rehearsal_takes_a_yes_and_lets_nothing_leave(admin_client, mail):
    assert "Nothing leaves" in admin_client.get(f"{LIST}{mail.pk}/shadow/").text
    admin_client.post(f"{LIST}{mail.pk}/shadow/")

    assert Destination.objects.get().state == "shadow"


def test_going_live_for_many_asks_a_colleague(admin_client, mail, settings):
    settings.HEED_BLAST_RADIUS = 0.05
    for _ in range(20):
        PatientFactory(phone="")
    for person in Profile.objects.values_list("pk", flat=True):
        people.chose(person, ("marketing_emails", "email", State.OUT))

    assert "20 of 20 (100%)" in admin_client.get(f"{LIST}{mail.pk}/go-live/").text
    answer = admin_client.post(f"{LIST}{mail.pk}/go-live/", follow=True)
    assert "A second person must agree" in answer.text
    assert (Approval.objects.get().asked_by, Destination.objects.get().state) == ("admin", "paused")


def test_telling_everyone_again_takes_a_yes(admin_client, mail):
    Destination.objects.update(state="live")
    assert "also where it has confirmed that already" in admin_client.get(f"{LIST}{mail.pk}/again/").text
    admin_client.post(f"{LIST}{mail.pk}/again/")

    assert Destination.objects.get().again == 1


def test_one_that_does_not_answer_says_so_and_is_tried_now(admin_client, mail):
    assert admin_client.get(f"{LIST}{mail.pk}/try-now/").status_code == 403
    later = timezone.now() + timedelta(hours=1)
    Destination.objects.update(
        state="live",
        failures=3,
        failing_since=timezone.now(),
        failing_reason="unavailable",
        not_before=later,
    )

    assert "3 calls failed in a row. The system is not available. Next try:" in admin_client.get(LIST).text
    admin_client.post(f"{LIST}{mail.pk}/try-now/")
    assert Destination.objects.get().not_before is None


def test_the_connection_is_tested_in_words(admin_client, mail):
    Destination.objects.update(settings={**mail.settings, "base_url": "https://127.0.0.1:9"})
    text = admin_client.post(f"{LIST}{mail.pk}/test/").text

    assert "Wrong." in text
    assert "HEED_PRIVATE_HOSTS" in text
    assert "SG.first" not in text


@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_only_looks_at_the_test_calls_nobody(admin_client, mail, monkeypatch, method):
    monkeypatch.setattr(acts, "probe", lambda system: pytest.fail("it was called"))
    answer = getattr(admin_client, method)(f"{LIST}{mail.pk}/test/")

    assert answer.status_code == 200


def fails(mail) -> None:
    later = timezone.now() + timedelta(hours=1)
    Destination.objects.update(
        state="live", failures=3, failing_since=timezone.now(), failing_reason="unavailable", not_before=later
    )
    owes(mail, "later", reason="unavailable", due_at=later)


def test_a_system_that_answers_the_test_is_no_longer_left_alone(admin_client, mail, monkeypatch):
    fails(mail)
    monkeypatch.setattr(acts, "probe", lambda system: [Checked(True, "It answers.")])
    admin_client.post(f"{LIST}{mail.pk}/test/")

    assert "failed in a row" not in admin_client.get(LIST).text
    assert something_is_due()


def test_a_system_that_does_not_answer_the_test_is_left_alone_as_before(admin_client, mail, monkeypatch):
    fails(mail)
    monkeypatch.setattr(acts, "probe", lambda system: [Checked(False, "No answer came.")])
    admin_client.post(f"{LIST}{mail.pk}/test/")

    assert "Next try:" in admin_client.get(LIST).text
    assert not something_is_due()


def test_where_nothing_can_be_tested_nothing_is_said_to_be_wrong_or_fine(admin_client, mail):
    fails(mail)
    Destination.objects.update(connector="manual", settings={"asked_of": "Rosa", "words": {}})
    answer = admin_client.post(f"{LIST}{mail.pk}/test/").text

    assert "<strong>Not tested.</strong> There is no system to call: Rosa finds" in answer
    assert not something_is_due()


def test_where_nothing_can_be_only_read_the_test_asks_first(admin_client, mail):
    Destination.objects.update(connector="webhook", settings={"base_url": "https://127.0.0.1:9"})

    assert "heed.ping" in admin_client.get(f"{LIST}{mail.pk}/test/").text
    assert "signing secret must be" in admin_client.post(f"{LIST}{mail.pk}/test/").text


def test_how_much_it_would_be_told_is_counted_a_second_at_a_time(admin_client, mail, monkeypatch):
    for _ in range(3):
        PatientFactory(phone="")
    monkeypatch.setattr(backfill, "CHUNK", 1)
    monkeypatch.setattr(sizing, "AT_A_TIME", 0.0)
    seen: list[int] = []
    while len(seen) < 10:
        answer = admin_client.get(f"{LIST}{mail.pk}/size/")
        seen.append(answer.context["page"].size.people)
        if "Refresh" not in answer.headers:
            break

    assert seen == [1, 2, 3, 3]


def test_who_may_only_look_has_no_buttons(client, django_user_model, mail):
    looker = desk.allow(django_user_model.objects.create_user("leo", is_staff=True), "view_destination")
    client.force_login(looker)

    for act in ("go-live", "pause", "shadow", "again", "try-now", "test", "size"):
        assert client.post(f"{LIST}{mail.pk}/{act}/").status_code == 403


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
