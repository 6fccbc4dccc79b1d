"""One button stops everything that can be stopped, now and later."""

from preferences.catalogue import catalogue
from preferences.selectors import decide
from tests.portal import people
from tests.portal.forms import save
from tests.portal.story import choices_of, result


def test_one_button_stops_everything_that_can_be_stopped(visit, joan):
    people.publish_required_category()
    people.chose(joan, ("phone_outreach", "sms", people.IN))

    save(visit, act="stop")

    assert choices_of(joan)[-1] == ("*", "*", "opted_out")
    for category, channel in catalogue().grid:
        allowed = decide(joan, category.slug, channel).allowed
        assert allowed == category.required or category.is_data_use
    page = result(visit)
    assert "We will stop" in page
    assert "What you will still get Bills and legal letters Email, Letter The law asks us" in page


def test_stopping_covers_what_is_added_later(visit, joan):
    save(visit, act="stop")
    people.publish_category(people.body_of("patient_surveys") | {"slug": "newsletters", "order": 90})

    assert not decide(joan, "newsletters", "email").allowed


def test_stopping_forgets_a_yes_in_the_same_form_and_keeps_a_no_to_uses_of_data(visit, joan):
    save(visit, act="stop", patient_surveys__email="yes", sale_or_sharing__="no")

    assert set(choices_of(joan)) == {("*", "*", "opted_out"), ("sale_or_sharing", "", "opted_out")}


def test_with_nothing_required_the_result_says_that_nothing_comes(visit):
    save(visit, act="stop")

    assert "What you will still get None of the messages on our list." in result(visit)


def test_pressed_again_it_writes_nothing_and_says_the_same(visit, joan):
    form = {"act": "stop", "patient_surveys__email": "yes", "sale_or_sharing__": "no"}
    save(visit, **form)
    save(visit, **form)

    assert len(choices_of(joan)) == 2
    assert "We will stop" in result(visit)


def test_after_a_later_yes_it_stops_everything_anew(visit, joan):
    save(visit, act="stop")
    people.chose(joan, ("care_follow_ups", "mail", people.IN))
    save(visit, act="stop")

    assert not decide(joan, "care_follow_ups", "mail").allowed
    assert choices_of(joan).count(("*", "*", "opted_out")) == 2
