"""The organisation behind the Salesforce sandbox: its objects, their declared fields, its users and ids."""

import re

# Opted out of (category, channel): one checkbox each, as an administrator would have added them for Heed.
OPT_OUTS = {
    "Marketing_Emails": ("Email",),
    "Appointment_Reminders": ("Sms", "Email", "Phone"),
    "Patient_Surveys": ("Email", "Sms"),
    "Care_Follow_Ups": ("Email", "Sms", "Phone", "Mail"),
    "Phone_Outreach": ("Phone", "Sms"),
}
BOXES = [f"{category}_{channel}_Opt_Out" for category, channels in OPT_OUTS.items() for channel in channels]
NAMED = {"FirstName": str, "LastName": str, "Name": str}
PERSON = {**NAMED, "Email": str, "Phone": str, "MobilePhone": str}
CONTACT_POINTS = {"Email": str, "MobilePhone": str, "HomePhone": str}
STANDARD_LABELS = {"HasOptedOutOfEmail": "All email", "DoNotCall": "All calls"}
CHANNEL_LABELS = {"Email": "email", "Sms": "text", "Phone": "phone", "Mail": "letter"}
REFUSALS = {"HasOptedOutOfEmail": bool, "HasOptedOutOfFax": bool, "DoNotCall": bool}
SYSTEM = {
    "Id": str,
    "IsDeleted": bool,
    "CreatedDate": str,
    "LastModifiedDate": str,
    "LastModifiedById": str,
    "SystemModstamp": str,
}

# Fields of the organisation's own that are no checkboxes: words for an answer, and plain facts.
OWN = {"Email_Marketing": str, "Preferred_Language": str, "Marketing_Answer_Date": str}

ON_A_PERSON = {
    **SYSTEM,
    **PERSON,
    **REFUSALS,
    "MRN__c": str,
    "IndividualId": str,
    **{f"{box}__c": bool for box in BOXES},
    **{f"{field}__c": kind for field, kind in OWN.items()},
}
FIELDS: dict[str, dict[str, type]] = {
    "Contact": {**ON_A_PERSON, "HomePhone": str, "OtherPhone": str},
    "Lead": {**ON_A_PERSON, "Company": str, "IsConverted": bool},
    "Account": {
        **SYSTEM,
        **NAMED,
        "IsPersonAccount": bool,
        "Phone": str,
        **{f"Person{name}": kind for name, kind in (CONTACT_POINTS | REFUSALS).items()},
        "MRN__pc": str,
        "PersonIndividualId": str,
        **{f"{box}__pc": bool for box in BOXES},
        **{f"{field}__pc": kind for field, kind in OWN.items()},
    },
    "ContactPointTypeConsent": {
        **SYSTEM,
        "Name": str,
        "PartyId": str,
        "ContactPointType": str,
        "DataUsePurposeId": str,
        "EngagementChannelTypeId": str,
        "PrivacyConsentStatus": str,
        "CaptureDate": str,
        "CaptureSource": str,
        "CaptureContactPointType": str,
    },
}
MADE = "ContactPointTypeConsent"  # the only object whose records are made by the API here
MUST = ("Name", "PartyId", "ContactPointType", "PrivacyConsentStatus")
PICKED = {
    "ContactPointType": {"Email", "MailingAddress", "Phone", "Social", "Web"},
    "CaptureContactPointType": {"Email", "MailingAddress", "Phone", "Social", "Web"},
    "PrivacyConsentStatus": {"NotSeen", "Seen", "OptIn", "OptOut"},
}
NAMES = {type_: {field.lower(): field for field in fields} for type_, fields in FIELDS.items()}
READ_ONLY = {*SYSTEM, "Name", "IsPersonAccount", "IsConverted"}

# How people are found, and which fields the store keeps an index for.
FINDS = {
    "Email": "email", "PersonEmail": "email", "MRN__c": "mrn", "MRN__pc": "mrn",
    "Phone": "phone", "MobilePhone": "phone", "HomePhone": "phone", "OtherPhone": "phone",
    "PersonMobilePhone": "phone", "PersonHomePhone": "phone",
}  # fmt: skip

PREFIX = {"Contact": "003", "Lead": "00Q", "Account": "001", "User": "005", MADE: "0ZI"}


def record_id(type_: str, number: int) -> str:
    """An 18-character id: prefix, instance, number, and three letters that keep its case apart."""
    short = f"{PREFIX[type_]}8d{number:010d}"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (short[:5], short[5:10], short[10:])
    upper = (sum(1 << at for at, char in enumerate(part) if char.isupper()) for part in parts)
    return short + "".join(letters[bits] for bits in upper)


INTEGRATION_USER = record_id("User", 1)
HUMAN = record_id("User", 2)


def well_formed(key: str) -> bool:
    """Whether this could be an id."""
    return re.fullmatch(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", key) is not None


def label(field: str) -> str:
    """A box in words: `Care_Follow_Ups_Sms_Opt_Out__c` is "Care follow ups by text"; else nothing."""
    bare = field.removeprefix("Person").removesuffix("__pc").removesuffix("__c")
    if not bare.endswith("_Opt_Out"):
        return STANDARD_LABELS.get(bare, "")
    category, _, channel = bare.removesuffix("_Opt_Out").rpartition("_")
    return f"{category.replace('_', ' ').capitalize()} by {CHANNEL_LABELS[channel]}"
