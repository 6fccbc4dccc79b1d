"""The rules that Heed comes with, each with its source; rows that wait already keep their place in the line.

Where a law says no number (Colorado: "without undue delay") there is no row, and the rule of the house holds.
"""

from datetime import date

from django.db import migrations
from django.db.models import F

MESSAGES, DATA_USE = "communication", "data_use"
TCPA = "https://www.ecfr.gov/current/title-47/section-64.1200"

RULES = [
    {
        "slug": "can-spam",
        "name": "Marketing emails (CAN-SPAM)",
        "marketing": True,
        "channels": ["email"],
        "amount": 10,
        "unit": "business_days",
        "starts": date(2004, 1, 1),
        "source": "15 USC 7704(a)(4)(A)",
        "link": "https://www.law.cornell.edu/uscode/text/15/7704",
    },
    {
        "slug": "one-click",
        "name": "One-click unsubscribe",
        "channels": ["email"],
        "came_in": ["one_click"],
        "amount": 48,
        "unit": "hours",
        "starts": date(2024, 6, 1),
        "source": "Google’s and Yahoo’s rules for bulk senders; RFC 8058",
        "link": "https://support.google.com/a/answer/81126",
        "note": "Not a law: mail providers hold back the mail of those who take longer than two days.",
    },
    {
        "slug": "tcpa-revocation",
        "name": "Calls and texts (TCPA, consent revoked)",
        "kind": MESSAGES,
        "channels": ["sms", "phone"],
        "amount": 10,
        "unit": "business_days",
        "starts": date(2025, 4, 11),
        "source": "47 CFR 64.1200(a)(10); 89 FR 15756",
        "link": TCPA,
    },
    {
        "slug": "tcpa-care",
        "name": "Exempted care calls and texts: at once (TCPA)",
        "categories": ["appointment_reminders", "care_follow_ups"],
        "channels": ["sms", "phone"],
        "amount": 5,
        "unit": "minutes",
        "starts": date(2021, 3, 29),
        "source": "47 CFR 64.1200(a)(9)(iv); 86 FR 11443",
        "link": TCPA,
        "note": (
            "“Immediately”, where the messages rely on the exemption and not on consent. Five minutes is what the"
            " FCC takes for prompt in (a)(12). End this rule if you text for care by consent only."
        ),
    },
    {
        "slug": "tcpa-do-not-call",
        "name": "Own do-not-call list (TCPA)",
        "channels": ["phone"],
        "restrictions": ["do_not_call"],
        "amount": 30,
        "unit": "days",
        "starts": date(2003, 8, 25),
        "ends": date(2025, 4, 11),
        "source": "47 CFR 64.1200(d)(3), as it was; 68 FR 44144",
        "link": TCPA,
    },
    {
        "slug": "tcpa-do-not-call",
        "version": 2,
        "name": "Own do-not-call list (TCPA)",
        "channels": ["phone"],
        "restrictions": ["do_not_call"],
        "amount": 10,
        "unit": "business_days",
        "starts": date(2025, 4, 11),
        "source": "47 CFR 64.1200(d)(3); 89 FR 15756",
        "link": TCPA,
    },
    {
        "slug": "ccpa-opt-out",
        "name": "Sale or sharing of data (California)",
        "categories": ["sale_or_sharing"],
        "jurisdictions": ["US-CA"],
        "amount": 15,
        "unit": "business_days",
        "starts": date(2023, 3, 29),
        "source": "11 CCR 7026(f)",
        "link": "https://www.law.cornell.edu/regulations/california/11-CCR-7026",
    },
    {
        "slug": "ccpa-limit",
        "name": "Use of sensitive data (California)",
        "categories": ["sensitive_data"],
        "jurisdictions": ["US-CA"],
        "amount": 15,
        "unit": "business_days",
        "starts": date(2023, 3, 29),
        "source": "11 CCR 7027(g)",
        "link": "https://www.law.cornell.edu/regulations/california/11-CCR-7027",
    },
    {
        "slug": "ct-revocation",
        "name": "Consent to use of data revoked (Connecticut)",
        "categories": ["sensitive_data"],
        "jurisdictions": ["US-CT"],
        "amount": 15,
        "unit": "days",
        "starts": date(2023, 7, 1),
        "source": "Conn. Gen. Stat. 42-520(a)(6)",
        "link": "https://www.cga.ct.gov/current/pub/chap_743jj.htm",
        "note": "Calendar days, “as soon as practicable, but not later than”.",
    },
    {
        "slug": "casl",
        "name": "Commercial messages (Canada)",
        "marketing": True,
        "channels": ["email", "sms"],
        "jurisdictions": ["CA"],
        "amount": 10,
        "unit": "business_days",
        "starts": date(2014, 7, 1),
        "source": "S.C. 2010, c. 23, s. 11(3)",
        "link": "https://laws-lois.justice.gc.ca/eng/acts/E-1.6/",
        "note": "Counted with US holidays: a Canadian holiday does not extend it, which is never too late.",
    },
    {
        "slug": "house-messages",
        "name": "Any other opt-out",
        "kind": MESSAGES,
        "fallback": True,
        "amount": 10,
        "unit": "business_days",
        "starts": date(1970, 1, 2),
        "source": "Rule of the house: what 15 USC 7704(a)(4)(A) asks for marketing emails, for everything else",
        "note": "Where no law says by when: letters, surveys, confidential communications, pauses.",
    },
    {
        "slug": "house-data",
        "name": "Any other use of data",
        "kind": DATA_USE,
        "fallback": True,
        "amount": 15,
        "unit": "business_days",
        "starts": date(1970, 1, 2),
        "source": "Rule of the house: what 11 CCR 7026(f) asks in California, for everybody",
    },
]


def seed(apps, schema_editor):
    """Only on an empty table: what staff ended or added stands."""
    rules = apps.get_model("destinations", "DeadlineRule").objects.using(schema_editor.connection.alias)
    if not rules.exists():
        rules.bulk_create(rules.model(added_by="Heed", **rule) for rule in RULES)


def keep_the_line(apps, schema_editor):
    """What waits since before deadlines were known goes first."""
    rows = apps.get_model("destinations", "Propagation").objects.using(schema_editor.connection.alias)
    rows.filter(denied_at__isnull=False).update(deadline_at=F("denied_at"))


class Migration(migrations.Migration):
    dependencies = [("destinations", "0005_deadlines")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(keep_the_line, migrations.RunPython.noop),
    ]
