import pytest
from tests.preferences.admin_desk import PAGES
pytestmark = pytest.mark.django_db
@pytest.mark.parametrize("u",[*PAGES.values(),"/admin/auth/user/","/admin/auth/group/","/admin/auth/user/add/","/admin/destinations/destination/","/admin/destinations/attempt/","/admin/preferences/category/add/","/admin/preferences/apikey/add/","/admin/preferences/source/add/","/admin/destinations/destination/add/",*[f"/admin/destinations/destination/add/?connector={x}" for x in ("sendgrid","fhir","salesforce","webhook")]])
def test_s(admin_client,u):
    a=admin_client.get(u); assert a.status_code==200
def test_cat(admin_client):
    from preferences.models import Category
    for c in Category.objects.all():
        assert admin_client.get(f"/admin/preferences/category/{c.pk}/change/").status_code==200
