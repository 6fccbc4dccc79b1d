"""Links that may be in the wrong hands: none made by now opens the person's page; `/u` goes on."""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from preferences import clock, ledger
from preferences.errors import Malformed
from preferences.models import Profile
from preferences.services.recording import lock_profiles
from preferences.services.said import Said
from preferences.terms import SubjectKind


@transaction.atomic
def switch_links_off(*, profile_id: UUID, seen: int, said: Said, reason: str) -> bool:
    """End every link made by now, and the pages that are open by one; systems are told nothing.

    False, and nothing is done, where they were switched off since `seen`, the epoch that whoever asks was
    shown: two clicks are one act. Every record that is this person bears an epoch and gets an entry of its
    own, so that merging and parting lose and double none. Raises NotFound, Forgotten, Malformed.
    """
    if not reason.strip():
        raise Malformed("say why their links are switched off")
    subject = lock_profiles([profile_id])[profile_id]
    if not Profile.objects.filter(pk=profile_id, link_epoch=seen).exists():
        return False
    now, said = clock.now(), said.with_evidence(reason=reason.strip())
    known = Profile.objects.filter(merged_into=subject.id, erased_at__isnull=True)
    merged = list(known.values_list("id", flat=True))
    parts = ledger.lock(SubjectKind.PROFILE, merged) if merged else []
    for each in (subject, *parts):
        beside = {} if each is subject else {"part_of": str(subject.id)}
        ledger.append(each, [said.signed({"do": "links_off", **beside})], said.origin(now))
        ledger.finish(each)
    Profile.objects.filter(pk__in=[subject.id, *merged]).update(link_epoch=F("link_epoch") + 1)
    return True
