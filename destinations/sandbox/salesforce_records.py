"""What the organisation takes into a record, how it keeps it, and how it shows it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from destinations.sandbox.exchange import Document
from destinations.sandbox.salesforce_org import FIELDS, MADE, MUST, NAMES, PICKED, READ_ONLY, well_formed
from destinations.sandbox.soql import Refused

BESIDE_FIELDS = {"attributes", "id"}


def new(type_: str, key: str) -> Document:
    """A record in which nobody has filled in anything: unticked boxes are false, the rest is empty."""
    empty = {field: False if kind is bool else None for field, kind in FIELDS[type_].items()}
    return {**empty, "Id": key, **({"IsPersonAccount": True} if type_ == "Account" else {})}


def changed(record: Document, by: str, at: datetime) -> Document:
    """The record as changed by this user at this time."""
    now = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"
    name = " ".join(filter(None, [record.get("FirstName"), record.get("LastName")])) or record.get("Name")
    stamps = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": by}
    return {**record, **stamps, "Name": name, "CreatedDate": record.get("CreatedDate") or now}


def shown(type_: str, record: Document, fields: Iterable[str] = ()) -> Document:
    """The record, or the fields asked for, under its `attributes`."""
    url = f"/services/data/v62.0/sobjects/{type_}/{record['Id']}"
    return {
        "attributes": {"type": type_, "url": url},
        **{each: record[each] for each in fields or FIELDS[type_]},
    }


def wanted(type_: str, wish: Document) -> Document:
    """The fields that an update names, spelled as declared."""
    return {NAMES[type_][name.lower()]: value for name, value in wish.items() if name not in BESIDE_FIELDS}


def check_fields(wish: Document) -> None:
    """A field or object that the org does not have spoils the whole collection, not just its record."""
    type_ = str((wish.get("attributes") or {}).get("type"))
    if type_ not in FIELDS:
        raise Refused("INVALID_TYPE", f"sObject type '{type_}' is not supported.")
    for name in set(wish) - BESIDE_FIELDS:
        if name.lower() not in NAMES[type_]:
            raise Refused("INVALID_FIELD", f"No such column '{name}' on sobject of type {type_}")


def refusal(type_: str, key: str, record: Document | None, wish: Document, locked: bool) -> Document | None:
    """Why this one record is not updated: statusCode, message, fields."""
    if not key:
        return error("MISSING_ARGUMENT", "Id not specified in an update call")
    if not well_formed(key):
        return error("MALFORMED_ID", f"{type_} ID: id value of incorrect type: {key}", "Id")
    if record is None:
        return error("ENTITY_IS_DELETED", "entity is deleted")
    if locked:
        return error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    fields = wanted(type_, wish)
    if fixed := sorted(READ_ONLY.intersection(fields)):
        return error(
            "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {', '.join(fixed)}", *fixed
        )
    return wrong_value(type_, fields)


def not_made(wish: Document) -> Document | None:
    """Why this one record is not created."""
    type_ = str(wish["attributes"]["type"])
    if type_ != MADE or "id" in wish:
        return error("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"{type_} is not made here")
    fields = wanted(type_, wish)
    if lacks := [name for name in MUST if not fields.get(name)]:
        return error("REQUIRED_FIELD_MISSING", f"Required fields are missing: {lacks}", *lacks)
    return wrong_value(type_, fields)


def wrong_value(type_: str, fields: Document) -> Document | None:
    """A value of another type, or one that a picklist does not have."""
    wrong = [name for name, value in fields.items() if not fits(FIELDS[type_][name], value)]
    if wrong:
        return error("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{wrong[0]}: value not of required type", *wrong)
    picked = [name for name, value in fields.items() if name in PICKED and value not in PICKED[name]]
    if picked:
        return error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"{picked[0]}: bad value", *picked)
    return None


def fits(kind: type, value: object) -> bool:
    """A checkbox takes true and false only; text may be empty."""
    return isinstance(value, bool) if kind is bool else value is None or isinstance(value, str)


def error(code: str, message: str, *fields: str) -> Document:
    """One entry of a record's `errors`."""
    return {"statusCode": code, "message": message, "fields": list(fields)}
