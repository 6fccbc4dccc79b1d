"""Nothing is written about somebody who was forgotten (R19), whoever asks and however."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.links import link_for
from preferences import clock, services
from preferences.errors import Forgotten
from preferences.models import Change, Profile, ProxyGrant
from preferences.services import Allowed
from preferences.terms import Relation, RestrictionKind
from tests.factories import Patient, PatientFactory
from tests.preferences.api.partner import Partner, problem
from tests.preferences.saying import allowed, chooses, on_page, out, tells
from tests.preferences.test_in_error import by_staff

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)


def forgotten(*people: Patient) -> None:
    Profile.objects.filter(pk__in=[each.id for each in people]).update(erased_at=timezone.now())


def grant(person: Patient, proxy: Patient) -> None:
    services.grant_proxy(
        profile_id=person.id,
        proxy_id=proxy.id,
        relation=Relation.CAREGIVER,
        starts=clock.now(),
        ends=clock.now() + SOON,
        categories=["*"],
        said=by_staff(),
    )


def paused(person: Patient) -> None:
    services.pause(profile_id=person.id, category="patient_surveys", until=clock.now() + SOON, said=on_page())


def ordered(person: Patient) -> None:
    services.order(profile_id=person.id, allowed=[Allowed("mail", text="PO Box 7")], said=by_staff())


def merge(survivor: Patient, other: Patient) -> None:
    services.merge(survivor_id=survivor.id, other_id=other.id, said=by_staff(), reason="one person")


def entry_of(person: Patient) -> int:
    return Change.objects.filter(subject_id=person.id).latest("id").pk


Act = Callable[[Patient, Patient], Any]
ACTS: dict[str, Act] = {
    "record": lambda pat, _: chooses(pat, out("marketing_emails")),
    "choose": lambda pat, _: services.choose(
        profile_id=pat.id, choices=[out("care_follow_ups")], said=on_page()
    ),
    "record_by_proxy": lambda pat, sam: services.record_by_proxy(
        profile_id=pat.id, proxy_id=sam.id, choices=[out("marketing_emails")], said=on_page()
    ),
    "pause": lambda pat, _: paused(pat),
    "end_pause": lambda pat, _: services.end_pause(
        profile_id=pat.id, category="patient_surveys", said=on_page()
    ),
    "order": lambda pat, _: ordered(pat),
    "end_order": lambda pat, _: services.end_order(profile_id=pat.id, said=by_staff()),
    "set_deceased": lambda pat, _: services.set_deceased(profile_id=pat.id, deceased=True, said=by_staff()),
    "signal": lambda pat, _: services.signal(profile_id=pat.id, kind="gpc", said=on_page()),
    "grant for them": grant,
    "grant to them": lambda pat, sam: grant(sam, pat),
    "revoke_proxy": lambda pat, sam: services.revoke_proxy(
        grant_id=ProxyGrant.objects.get(profile=pat.id).pk, said=by_staff()
    ),
    "merge into them": merge,
    "merge them": lambda pat, sam: merge(sam, pat),
    "void": lambda pat, _: services.void(change_id=entry_of(pat), said=by_staff(), reason="a slip"),
    "move away": lambda pat, sam: services.move(
        change_id=entry_of(pat), to=sam.id, said=by_staff(), reason="a slip"
    ),
    "move to them": lambda pat, sam: services.move(
        change_id=entry_of(sam), to=pat.id, said=by_staff(), reason="a slip"
    ),
    "switch_links_off": lambda pat, _: services.switch_links_off(
        profile_id=pat.id, seen=0, said=by_staff(), reason="a slip"
    ),
    "link": lambda pat, _: link_for(pat.id),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_every_act_is_refused_in_the_same_words(act: Act) -> None:
    pat, sam = PatientFactory.create(), PatientFactory.create()
    grant(pat, PatientFactory.create())
    ordered(pat)
    paused(pat)
    for each in (pat, sam):
        chooses(each, out("patient_surveys"))
    forgotten(pat)
    written = Change.objects.count()

    with pytest.raises(Forgotten, match="was forgotten"):
        act(pat, sam)

    assert Change.objects.count() == written


def test_somebody_who_was_part_of_them_is_refused_too() -> None:
    pat, twin = PatientFactory.create(), PatientFactory.create()
    merge(pat, twin)
    forgotten(pat, twin)

    with pytest.raises(Forgotten):
        chooses(twin, out("marketing_emails"))
    with pytest.raises(Forgotten):
        services.part(profile_id=twin.id, said=by_staff(), reason="twins")


def test_what_was_recorded_in_error_is_voided_for_whom_they_had_been_taken_for() -> None:
    pat, sam = PatientFactory.create_batch(2)
    merge(pat, sam)
    chooses(pat, out("marketing_emails"))
    no = entry_of(pat)
    services.part(profile_id=sam.id, said=by_staff(), reason="twins")
    forgotten(sam)
    before = Change.objects.filter(subject_id=sam.id).count()

    services.void(change_id=no, said=by_staff(), reason="wrong patient")

    assert allowed(pat, "marketing_emails", "email")
    assert Change.objects.filter(subject_id=sam.id).count() == before


def test_partners_read_so() -> None:
    pat, partner = PatientFactory.create(), Partner()
    died = partner.post("/v1/restrictions", {"kind": "deceased", "profile": str(pat.id)}).json()["id"]
    forgotten(pat)
    answers = [
        partner.patch(f"/v1/profiles/{pat.id}/preferences", {"preferences": {"marketing_emails": False}}),
        partner.post(f"/v1/profiles/{pat.id}/links", {}),
        partner.post("/v1/restrictions", {"kind": RestrictionKind.DECEASED.value, "profile": str(pat.id)}),
        partner.delete(f"/v1/restrictions/{died}"),
    ]

    assert [problem(each) for each in answers] == [(410, "forgotten")] * 4


def test_whoever_bears_their_number_next_is_somebody_new() -> None:
    pat = PatientFactory.create()
    forgotten(pat)

    told = tells(out("marketing_emails"), external_id=pat.external_id)

    assert told.profile_id not in (None, pat.id)
