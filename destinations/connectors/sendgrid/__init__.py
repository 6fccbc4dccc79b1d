"""SendGrid. https://www.twilio.com/docs/sendgrid/api-reference/suppressions-unsubscribe-groups"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from destinations.connectors.sendgrid.places import EVERYTHING, GLOBAL, GROUPS, members, place_of
from destinations.connectors.sendgrid.round import Round
from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Grain,
    Items,
    Kind,
    Page,
    Probe,
    Setting,
    Settings,
    Shows,
    Steps,
    Stranger,
    Target,
    Wanted,
    ask,
    read,
)

UNSUBSCRIBES, PAGE = "/v3/suppression/unsubscribes", 500  # the global list as a whole
CATEGORIES = ("marketing_emails", "appointment_reminders", "patient_surveys", "care_follow_ups")


class SendGrid(Connector):
    """One unsubscribe group for each category, and the global list."""

    slug, name, channels = "sendgrid", "SendGrid", frozenset({"email"})
    glyph = Glyph.MAIL
    addresses, batch_max, reads_back = By.ADDRESS, 500, True
    grain, found_by, items = Grain.CATEGORY, ("email",), Items.TOGETHER
    shows, stranger = Shows.BATCH, Stranger.PARK
    echo = "a group unsubscribe that names no message, within ten minutes of Heed's own write"
    account = ("base_url", "api_key")  # every customer calls the same host
    settings = {
        "base_url": Setting(
            "API address", "https://api.eu.sendgrid.com for EU accounts", default="https://api.sendgrid.com"
        ),
        "api_key": Setting(
            "API key", "May read and write unsubscribe groups and the global list", secret=True
        ),
        "groups": Setting("Unsubscribe groups", "category: id of the group", many=True),
    }
    may_call = (
        f"GET {GROUPS}",
        f"POST {GROUPS}/*/suppressions",
        f"POST {GROUPS}/*/suppressions/search",
        f"DELETE {GROUPS}/*/suppressions/*",
        f"POST {GLOBAL}",
        f"GET {GLOBAL}/*",
        f"DELETE {GLOBAL}/*",
        f"GET {GROUPS}/*/suppressions",
        f"GET {UNSUBSCRIBES}",
    )
    reads = (*(each for each in may_call if each.startswith("GET ")), f"POST {GROUPS}/*/suppressions/search")
    lists_out = True
    rows = (
        *({"target": f"groups.{each}", "source": f"answer:{each}:email"} for each in CATEGORIES),
        {"target": EVERYTHING, "source": "suppressed:email"},
    )
    targets = (
        Target(
            r"groups\.(?P<name>[a-z][a-z0-9_]{0,49})",
            "groups.marketing_emails",
            "an unsubscribe group, by the name it has in the system's settings",
            frozenset({Kind.ANSWER}),
            setting="groups",
        ),
        Target(
            EVERYTHING,
            EVERYTHING,
            "the global list, which silences every message",
            frozenset({Kind.ANSWER}),
            only=("suppressed:", "all_out:", "deceased"),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Lists are sets: adding or removing an address twice is harmless, so a lost answer is too.
        return Round(batch, settings).through()

    def listing(self, targets: Sequence[str], after: str, settings: Settings, now: datetime) -> Steps[Page]:
        """Group by group, each as a whole, then the global list by pages; `after` is `place:offset`."""
        listed_as, stands_for = place_of(settings.groups), dict[str, list[str]]()
        for target in targets:
            stands_for.setdefault(listed_as(target), []).append(target)
        places = sorted((each for each in stands_for if each), key=lambda each: (each == GLOBAL, each))
        number, _, offset = (after or "0:0").partition(":")
        if int(number) >= len(places):
            return Page(())
        place = places[int(number)]
        headers = {"Authorization": f"Bearer {settings.api_key}"}
        if place == GLOBAL:
            params = [("limit", str(PAGE)), ("offset", offset)]
            answer = yield from ask(Call("GET", UNSUBSCRIBES, headers=headers, params=params))
            listed = [str(each.get("email", "")) for each in read(answer, list, now)]
        else:
            answer = yield from ask(Call("GET", members(place), headers=headers))
            listed = [] if answer.status == 404 else [str(each) for each in read(answer, list, now)]
        is_full = place == GLOBAL and len(listed) == PAGE
        further = f"{number}:{int(offset) + PAGE}" if is_full else f"{int(number) + 1}:0"
        ended = not is_full and int(number) + 1 == len(places)
        return Page([(stands_for[place], address) for address in listed], "" if ended else further)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """Every group that is asked for exists; nobody is on any list."""
        said: Any = {"recipient_emails": [wanted.address]}
        if call.method == "GET":
            said = [{"id": int(group)} for _, group in call.params if group.isdigit()] if call.params else {}
        elif call.path.endswith("/search"):
            said = []
        return Answer(200 if call.method == "GET" else 201, json.dumps(said).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        headers = {"Authorization": f"Bearer {settings.api_key}"}
        answer = yield from ask(Call("GET", GROUPS, headers=headers))
        there = {str(each.get("id")) for each in read(answer, list, now) if isinstance(each, dict)}
        found = [Checked(True, f"The API key is accepted. There are {len(there)} unsubscribe groups.")]
        for target in targets:
            category = target.removeprefix("groups.")
            group = str(settings.groups.get(category, ""))
            if target != EVERYTHING and group not in there:
                wrong = f"group {group} does not exist" if group else "no group is named for it"
                found.append(
                    Checked(False, f"{category}: {wrong}.", "Correct it under “Unsubscribe groups”.")
                )
        return found
