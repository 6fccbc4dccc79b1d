"""Every way in which what Heed knows can change: nothing outside this package writes to these tables."""

from preferences.services.access import (
    IssuedKey,
    issue_key,
    key_for,
    log_view,
    new_key_id,
    revoke_key,
    save_source,
)
from preferences.services.calls import Call, Outcome
from preferences.services.choosing import choose
from preferences.services.correcting import correct_address, may_correct
from preferences.services.delivering import arrived, came_back
from preferences.services.drafting import (
    ASIDE,
    Overtaken,
    ask_second_person,
    discard_draft,
    publish_draft,
    put_on_top,
    revert,
    save_draft,
    set_aside,
    take_up,
    why_a_second,
)
from preferences.services.identifying import identify
from preferences.services.listing import rebuild_standing, refresh_standing
from preferences.services.merging import merge, part
from preferences.services.pausing import end_pause, pause
from preferences.services.proxying import grant_proxy, record_by_proxy, revoke_proxy
from preferences.services.publishing import check_category, check_notice, in_force, notice_shown, publish
from preferences.services.recording import NotCounted, Recorded, reached, record
from preferences.services.repeating import (
    claim_request,
    forget_old_requests,
    release_request,
    settle_request,
)
from preferences.services.restricting import denial_at, lift, restrict
from preferences.services.restricting_people import Allowed, end_order, order, set_deceased
from preferences.services.reviewing import settle_review
from preferences.services.said import Choice, Said
from preferences.services.signalling import signal
from preferences.services.sparing import spare
from preferences.services.switching_links_off import switch_links_off
from preferences.services.timing import hand_over_what_time_changed
from preferences.services.unused import drop_unused
from preferences.services.voiding import move, void

__all__ = [
    "ASIDE",
    "Allowed",
    "Call",
    "Choice",
    "IssuedKey",
    "NotCounted",
    "Outcome",
    "Overtaken",
    "Recorded",
    "Said",
    "arrived",
    "ask_second_person",
    "came_back",
    "check_category",
    "choose",
    "check_notice",
    "claim_request",
    "correct_address",
    "denial_at",
    "discard_draft",
    "drop_unused",
    "end_order",
    "end_pause",
    "forget_old_requests",
    "grant_proxy",
    "hand_over_what_time_changed",
    "identify",
    "in_force",
    "issue_key",
    "key_for",
    "lift",
    "log_view",
    "may_correct",
    "merge",
    "move",
    "new_key_id",
    "notice_shown",
    "order",
    "part",
    "pause",
    "publish",
    "publish_draft",
    "put_on_top",
    "reached",
    "rebuild_standing",
    "record",
    "refresh_standing",
    "record_by_proxy",
    "release_request",
    "restrict",
    "revert",
    "revoke_key",
    "revoke_proxy",
    "save_draft",
    "save_source",
    "set_aside",
    "set_deceased",
    "spare",
    "switch_links_off",
    "settle_request",
    "settle_review",
    "signal",
    "take_up",
    "void",
    "why_a_second",
]
