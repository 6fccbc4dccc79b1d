"""The API's browsable pages, under our own content security policy, with nothing from elsewhere."""

import pytest
from playwright.sync_api import expect

from tests.preferences.api.partner import Partner

pytestmark = pytest.mark.browser


def test_an_example_is_tried_out_with_a_key(open_browser, device, picture):
    key = Partner(slug="docs").secret
    tab = open_browser(**device.options)
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto("/v1/docs")
    expect(tab.get_by_role("heading", name="Heed, the partner API")).to_be_visible()
    picture(tab, f"api-docs-{device.name}")

    tab.get_by_role("button", name="Authorize").click()
    tab.locator("#auth-bearer-value").fill(key)
    tab.get_by_role("button", name="Apply credentials").first.click()
    tab.get_by_role("button", name="Close").last.click()
    tab.locator(".opblock", has_text="/v1/categories").get_by_role("button").first.click()
    tab.get_by_role("button", name="Execute").click()
    answer = tab.locator(".live-responses-table .response-col_status").last
    expect(answer).to_contain_text("200")
    picture(tab, f"api-docs-tried-{device.name}")

    assert all(url.startswith((tab.url.partition("/v1")[0], "data:")) for url in asked)
