"""Incoming connections: made, changed, and what was set for each."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from destinations import credentials
from destinations.contract import Settings, missing
from destinations.models import Destination, Inbound
from destinations.vendors import VENDORS
from preferences.errors import Malformed
from preferences.models import Source
from preferences.services import save_source
from preferences.terms import SourceKind


@transaction.atomic
def save_inbound(
    *,
    inbound: Inbound | None = None,
    slug: str,
    name: str,
    vendor: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    speaks_for_person: bool = False,
    system: Destination | None = None,
) -> Inbound:
    """Make or change a place where a vendor tells us; a blank secret keeps what stands.

    `system`: the one that Heed tells there, whose targets the events name. Raises Malformed.
    """
    known = credentials.standing(bytes(inbound.secrets)) if inbound else {}
    known |= {key: value for key, value in secrets.items() if value}
    check_inbound(vendor=vendor, settings=settings, secrets=known, system=system, inbound=inbound)
    source = inbound.source if inbound else Source(slug=slug, kind=SourceKind.VENDOR_WEBHOOK)
    source.name, source.speaks_for_person = name, speaks_for_person
    save_source(source=source)
    saved = inbound or Inbound(source=source, vendor=vendor)
    saved.settings, saved.secrets = dict(settings), credentials.lock(known)
    saved.save()
    Destination.objects.filter(source=source).update(source=None)
    if system:
        Destination.objects.filter(pk=system.pk).update(source=source)
    return saved


def check_inbound(
    *,
    vendor: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    system: Destination | None = None,
    inbound: Inbound | None = None,
) -> None:
    """Could a connection be saved so? Raises Malformed with what is missing."""
    declared = VENDORS.get(vendor)
    if declared is None:
        raise Malformed(f"there is no vendor {vendor!r}; there are {', '.join(VENDORS)}")
    if lacks := missing(declared.settings, settings, secrets):
        raise Malformed(f"{lacks.label} is missing")
    if problem := declared.problem(settings, secrets):
        raise Malformed(problem)
    if system and declared.connector != system.connector:
        raise Malformed(f"{declared.name} are not about {system.name}")
    if system and system.source_id and (inbound is None or system.source_id != inbound.pk):
        raise Malformed(f"the changes of {system.name} come in elsewhere already")


def settings_of(inbound: Inbound) -> Settings:
    """What was set for this connection, and for the system whose changes come in by it."""
    system = Destination.objects.filter(source=inbound.source_id).values_list("settings", flat=True).first()
    return Settings({**(system or {}), **inbound.settings, **credentials.unlock(bytes(inbound.secrets))})
