"""Staff mark a language as reviewed, and are told what changes since; without JavaScript, too."""

import re

import pytest
from playwright.sync_api import expect

from preferences.models import Category
from preferences.services import publish
from preferences.terms import RevisionKind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/settings/languages/"


@pytest.fixture
def device(any_device):
    """With and without JavaScript."""
    return any_device


def review(desk):
    desk.goto(f"{PAGE}vi/review/")
    desk.get_by_label("Who reviewed it").fill("Linh Tran")
    desk.get_by_label("What makes them a qualified translator").fill("CHI certificate 1234")
    desk.get_by_label("When").fill("2026-11-20")
    desk.get_by_label("They read every text").check()
    desk.get_by_label("Reason for this change").fill("Reviewed for the spring")
    desk.get_by_role("button", name="It is reviewed").click()


def test_a_language_is_vouched_for_and_what_changes_since_is_told(desk, look):
    desk.goto(PAGE)
    look("languages")
    review(desk)
    expect(desk.get_by_text("Vietnamese is offered from now on.")).to_be_visible()
    surveys = Category.objects.get(key="patient_surveys").body
    vietnamese = {**surveys["texts"]["vi"], "how_often": "Mỗi năm một lần"}
    publish(
        kind=RevisionKind.CATEGORY,
        key="patient_surveys",
        body={**surveys, "texts": {**surveys["texts"], "vi": vietnamese}},
        author="ann",
        reason="Ours",
    )

    desk.goto("/admin/")
    look("languages-home")
    desk.get_by_role("link", name="1 texts new or changed since a review").click()
    expect(desk.get_by_text("1 text is new or changed since the review")).to_be_visible()
    look("languages-since")
    desk.get_by_role("link", name=re.compile("Read its texts.*Vietnamese")).click()
    expect(desk.get_by_role("heading", name="New or changed since the review")).to_be_visible()
    desk.goto(f"{PAGE}vi/review/")
    look("languages-review")
    review(desk)
    expect(desk.get_by_text("Vietnamese is reviewed as it is now.")).to_be_visible()
    desk.get_by_role("link", name=re.compile("Take back.*Vietnamese")).click()
    look("languages-take-back")
