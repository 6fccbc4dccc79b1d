import pytest
from django.db import connection
from preferences import triggers
from preferences.models import Revision, Source

@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1,2])
def test_the_triggers_are_on(time):
    assert triggers.missing() == []
    assert Revision.objects.count() == 7
    assert Source.objects.filter(slug="staff").exists()
    Source.objects.create(slug="x",name="x",kind="staff")
