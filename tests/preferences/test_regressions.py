"""What once went wrong with what people want, and must not again."""

from datetime import UTC, datetime

import pytest

from preferences.errors import Malformed
from preferences.services import lift, restrict
from preferences.terms import RestrictionKind
from tests.preferences.saying import address, asked, by_system, t

pytestmark = pytest.mark.django_db
NUMBER = "+12025550101"


@pytest.mark.parametrize("undated", [None, datetime(1900, 1, 1, tzinfo=UTC)])
def test_a_start_without_a_date_lifts_no_stop(undated):
    number, stop = address("phone", NUMBER), RestrictionKind.STOP
    restrict(identifier_id=number, kind=stop, said=by_system(occurred=t(1)))

    with pytest.raises(Malformed):
        lift(identifier_id=number, kind=stop, said=by_system(occurred=undated), from_handset=True)
    assert asked("appointment_reminders", "sms", phone=NUMBER).reason == "restriction"
