"""A hospital's website with a banner: published by staff, its key in the page."""

import json
import uuid
from typing import Any

from portal.banner.beginning import first_body
from portal.banner.services import website_key
from preferences.services import publish
from preferences.terms import RevisionKind

SITE = "https://www.riverside.example"
CALIFORNIA = {"places": ["US-CA"], "mode": "opt_out", "texts": {}}
ELSEWHERE_IN_THE_US = {"places": ["US"], "mode": "notice_only", "texts": {}}
WASHINGTON = {"places": ["US-WA"], "mode": "opt_in", "texts": {}}


def body(*origins: str, **more: Any) -> dict[str, Any]:
    """A banner for those sites, with three regions beside everywhere else."""
    start = first_body("Main website", origins or (SITE,))
    start["regions"] |= {"California": CALIFORNIA, "US": ELSEWHERE_IN_THE_US, "Washington": WASHINGTON}
    start["categories"].append("marketing_emails")
    return {**start, **more}


def put_up(*origins: str, **more: Any) -> str:
    """Publish the banner, and make the key that its pages bear."""
    publish(
        kind=RevisionKind.BANNER,
        key="website",
        body=body(*origins, **more),
        author="Ana",
        reason="To begin with",
        approved_by="Bo",
    )
    return website_key(slug="website", name="Main website", by="Ana").secret


def config_of(client: Any, key: str, **headers: str) -> Any:
    """What the site's page is given."""
    answer = client.get(f"/banner/config/{key[5:13]}.json?language=en", headers={"origin": SITE, **headers})
    assert answer.status_code == 200, answer.content
    return answer.json()


def post(client: Any, key: str, choices: dict[str, bool], origin: Any = SITE, **more: Any) -> Any:
    """What the banner posts."""
    said = {"key": key, "anonymousId": str(uuid.uuid4()), "choices": choices, **more}
    headers = {"origin": origin} if origin else {}
    return client.post("/banner/choices", json.dumps(said), content_type="text/plain", headers=headers)
