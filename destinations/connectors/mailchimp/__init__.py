"""Mailchimp. https://mailchimp.com/developer/marketing/api/list-members/"""

import json
from collections.abc import Sequence
from datetime import datetime

from destinations.connectors.mailchimp.audience import LISTS, Audience
from destinations.connectors.mailchimp.member import OUT, STATUS
from destinations.connectors.mailchimp.round import Round, email_of
from destinations.contract import (
    Answer,
    BackIn,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Grain,
    Kind,
    Page,
    Probe,
    Refused,
    Setting,
    Settings,
    Shows,
    Steps,
    Target,
    Wanted,
)

PAGE = 1000  # the most members that one call brings
AT_ONCE = 25  # members are read one by one: part of a large batch must be done before time is up


class Mailchimp(Connector):
    """One audience: being subscribed to it, and its groups (Mailchimp's word in calls is interests)."""

    slug, name, channels = "mailchimp", "Mailchimp", frozenset({"email"})
    glyph = Glyph.MAIL
    addresses, batch_max, calls_a_row = By.ADDRESS, 100, 2
    grain, found_by, shows = Grain.CATEGORY, ("email",), Shows.ONE
    back_in = BackIn.DOUBLE_OPT_IN
    echo = "the webhook is set to leave out what was changed by the API"
    account = ("base_url", "api_key")
    settings = {
        "base_url": Setting(
            "API address", "https://us21.api.mailchimp.com: what follows the dash in the key"
        ),
        "api_key": Setting("API key", secret=True),
        "list_id": Setting("Audience id", "Audience, Settings, Audience name and defaults"),
        "interests": Setting("Groups", "category: id of the group", many=True, required=False),
    }
    may_call = (
        f"GET {LISTS}/*",
        f"POST {LISTS}/*",
        f"GET {LISTS}/*/members/*",
        f"PATCH {LISTS}/*/members/*",
        f"GET {LISTS}/*/members",
        f"GET {LISTS}/*/interest-categories",
        f"GET {LISTS}/*/interest-categories/*/interests",
    )
    reads = tuple(each for each in may_call if each.startswith("GET "))
    lists_out = True
    rows = (
        {"target": STATUS, "source": "answer:marketing_emails:email"},
        *(
            {"target": f"interests.{each}", "source": f"answer:{each}:email"}
            for each in ("patient_surveys", "care_follow_ups")
        ),
    )
    targets = (
        Target(STATUS, STATUS, "the audience as a whole: unsubscribed from it", frozenset({Kind.ANSWER})),
        Target(
            r"interests\.[a-z][a-z0-9_]{0,49}",
            "interests.patient_surveys",
            "a group of the audience, by the name it has in the system's settings",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # A member is set to what it must hold, and nobody is put into an audience: a repeat changes nothing.
        refused: Refused | None = None
        for start in range(0, len(batch), AT_ONCE):
            refused = yield from Round(batch[start : start + AT_ONCE], settings).through(refused)

    def listing(self, targets: Sequence[str], after: str, settings: Settings, now: datetime) -> Steps[Page]:
        """Members who have unsubscribed, whoever changed last at the end; `after` is an offset.

        Groups are not listed: whoever is not in one may never have been asked.
        """
        if STATUS not in targets:
            return Page(())
        start = int(after or 0)
        params = [
            ("status", OUT),
            ("fields", "members.email_address"),
            ("sort_field", "last_changed"),
            ("sort_dir", "ASC"),
            ("count", str(PAGE)),
            ("offset", str(start)),
        ]
        audience = Audience(settings, now)
        said = yield from audience.ask("GET", f"{audience.path}/members", params=params)
        members = [email_of(each) for each in said.get("members") or ()]
        further = str(start + PAGE) if len(members) == PAGE else ""
        return Page([((STATUS,), address) for address in members if address], further)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """They are subscribed and in every group."""
        if call.method == "POST":
            said = {"updated_members": call.json["members"], "new_members": [], "errors": []}
            return Answer(200, json.dumps(said).encode())
        groups = {str(group): True for group in (settings.interests or {}).values()}
        return Answer(200, json.dumps({"status": "subscribed", "interests": groups}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        audience = Audience(settings, now)
        said = yield from audience.ask("GET", audience.path, params=[("fields", "id,stats.member_count")])
        members = said.get("stats", {}).get("member_count")
        found = [Checked(True, f"The API key is accepted. The audience has {members} members.")]
        there = yield from audience.groups()
        for category in (each.partition(".")[2] for each in targets if each != STATUS):
            group = str((settings.interests or {}).get(category, ""))
            if group not in there:
                wrong = f"group {group} does not exist" if group else "no group is named for it"
                found.append(Checked(False, f"{category}: {wrong}.", "Correct it under “Groups”."))
        return found
