"""What staff may publish as a banner, and when that takes two."""

import pytest

from portal.colours import contrast
from preferences.errors import Forbidden, Malformed
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.portal.banner.sites import CALIFORNIA, body, put_up

pytestmark = pytest.mark.django_db


def published(approved_by="", **more):
    return publish(
        kind=RevisionKind.BANNER,
        key="website",
        body=body(**more),
        author="Ana",
        reason="x",
        approved_by=approved_by,
    )


PALE = {
    "light": {"paper": "#ffffff", "ink": "#1c2b2d", "accent": "#7ab8bd"},
    "dark": body()["colours"]["dark"],
}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"origins": ["https://*.example.org"]}, "is no site"),
        ({"origins": ["http://www.example.org"]}, "is no site"),
        ({"origins": ["https://www.example.org/"]}, "is no site"),
        ({"origins": ["https://www.example.org:443"]}, "is no site"),
        ({"origins": ["https://www.example.org:99999"]}, "is no site"),
        ({"origins": ["https://[www"], "cookie_domain": "example.org"}, "is no site"),
        ({"cookie_domain": "org; Path=/x"}, "cookie"),
        ({"cookie_domain": "other.org"}, "no part of other.org"),
        ({"origins": ["https://www.clinic.co.uk"], "cookie_domain": "co.uk"}, "parts of co.uk are other"),
        ({"origins": ["https://clinic.github.io"], "cookie_domain": "github.io"}, "parts of github.io are"),
        ({"origins": ["https://a.s3.amazonaws.com"], "cookie_domain": "amazonaws.com"}, "no cookie for all"),
        ({"days": 4000}, "400"),
        ({"categories": ["marketing_emails"]}, "use of data"),
        ({"categories": ["sale_or_sharing", "phone_outreach"]}, "leave it out"),
        ({"categories": ["sale_or_sharing", "horoscopes"]}, "no category"),
        ({"colours": PALE}, "contrast is 2.2"),
        ({"regions": {"California": CALIFORNIA}}, "everywhere else"),
        ({"regions": {**body()["regions"], "Britain": {**CALIFORNIA, "places": ["UK"]}}}, "write GB"),
    ],
)
def test_what_would_not_work_is_refused_with_what_to_do(more, words):
    with pytest.raises(Malformed, match=words):
        published(**more)


@pytest.mark.parametrize(
    ("site", "domain"),
    [
        ("https://www.clinic.co.uk", "clinic.co.uk"),
        ("https://a.b.clinic.org", "b.clinic.org"),
        ("https://clinic.github.io", "clinic.github.io"),
        ("https://www.hospital.internal", "hospital.internal"),
        ("http://site.localhost:8000", "site.localhost"),
    ],
)
def test_a_cookie_is_for_all_of_a_domain_that_is_ones_own(site, domain):
    assert published(origins=[site], cookie_domain=domain)


def test_a_place_is_in_one_region():
    regions = {**body()["regions"], "Again": CALIFORNIA}
    with pytest.raises(Malformed, match="two regions"):
        published(regions=regions)


def test_to_ask_visitors_less_takes_a_second_person():
    put_up()
    weaker = {**body()["regions"], "Washington": {"places": ["US-WA"], "mode": "opt_out", "texts": {}}}
    with pytest.raises(Forbidden, match="US-WA"):
        published(regions=weaker)

    assert published(regions=weaker, approved_by="Bo").number == 2


def test_to_ask_about_less_takes_a_second_person():
    put_up()
    with pytest.raises(Forbidden, match="no longer asked about sensitive_data"):
        published(categories=["sale_or_sharing", "marketing_emails"])


def test_to_grant_a_signal_whatever_visitors_say_takes_a_second_person():
    put_up()
    with pytest.raises(Forbidden, match="ad_storage would be granted"):
        published(signals={**body()["signals"], "ad_storage": "*"})


def test_to_protect_visitors_more_takes_one():
    put_up()
    stricter = {**body()["regions"], "California": {**CALIFORNIA, "mode": "opt_in"}}

    assert published(regions=stricter).number == 2


def test_contrast_is_measured_as_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
