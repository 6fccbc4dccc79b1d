"""The composed pages of the staff site: where each stands. `HeedAdminSite` guards them all."""

from typing import NamedTuple

from config.staff import (
    branding,
    deadlines,
    granting,
    group_acts,
    hands,
    in_error,
    language_help,
    languages,
    links,
    merging,
    missing_texts,
    out,
    pausing,
    person,
    protecting,
    recording,
    restricting,
    search,
    seconds,
    signalling,
    stuck,
    why,
)
from config.staff.access import View
from config.staff.banners import designing, listing, preview, speaking
from config.staff.banners import standing as banner_pages
from config.staff.policy import drafting, editing, publishing, standing

PERSON = "people/<uuid:profile_id>/"
POLICY = "rules/policy/"
BANNER = "settings/banners/<slug:slug>/"


class Page(NamedTuple):
    """One page."""

    route: str
    view: View
    name: str


PAGES = (
    Page("people/", search.search, "people"),
    Page("people/out/", out.out, "out"),
    Page("people/out/list/", out.out_list, "out_list"),
    Page(PERSON, person.see, "person"),
    Page(f"{PERSON}unmask/", person.unmask, "person_unmask"),
    Page(f"{PERSON}retry/", person.retry, "person_retry"),
    Page(f"{PERSON}why/", why.why, "person_why"),
    Page(f"{PERSON}again/", person.again, "person_again"),
    Page(f"{PERSON}record/", recording.record, "person_record"),
    Page(f"{PERSON}recorded/<int:change_id>/", recording.recorded, "person_recorded"),
    Page(f"{PERSON}in-error/<int:change_id>/", in_error.in_error, "person_in_error"),
    Page("people/two/", merging.two, "people_two"),
    Page(f"{PERSON}same-as/", merging.same_as, "person_same_as"),
    Page(f"{PERSON}same-as/<uuid:other_id>/", merging.compare_two, "person_compare"),
    Page(f"{PERSON}parts/<uuid:part_id>/", merging.part, "person_part"),
    Page(f"{PERSON}order/", protecting.order, "person_order"),
    Page(f"{PERSON}order/end/", protecting.end_order, "person_order_end"),
    Page(f"{PERSON}deceased/", protecting.deceased, "person_deceased"),
    Page(f"{PERSON}deceased/correct/", protecting.not_deceased, "person_not_deceased"),
    Page(f"{PERSON}pause/", pausing.pause, "person_pause"),
    Page(f"{PERSON}pause/end/", pausing.end_pause, "person_pause_end"),
    Page(f"{PERSON}restrict/", restricting.restrict, "person_restrict"),
    Page(f"{PERSON}lift/", restricting.lift, "person_lift"),
    Page(f"{PERSON}privacy-request/", signalling.signal, "person_signal"),
    Page(f"{PERSON}links/off/", links.switch_off, "person_links_off"),
    Page(f"{PERSON}proxies/", granting.find_proxy, "person_proxies"),
    Page(f"{PERSON}proxies/<uuid:proxy_id>/", granting.grant, "person_grant"),
    Page(f"{PERSON}grants/<int:grant_id>/end/", granting.end_grant, "person_grant_end"),
    Page(f"{PERSON}attempts/<uuid:propagation_id>/", person.attempts, "person_attempts"),
    Page(POLICY, standing.policy, "policy"),
    Page(f"{POLICY}<int:number>/", standing.version, "policy_version"),
    Page(f"{POLICY}<int:number>/back/", standing.bring_back, "policy_back"),
    Page(f"{POLICY}mine/", drafting.drafting, "policy_drafting"),
    Page(f"{POLICY}mine/<slug:rule_id>/", editing.editing, "policy_rule"),
    Page(f"{POLICY}drafts/<int:draft_id>/", publishing.publishing, "policy_draft"),
    Page("settings/missing-texts/", missing_texts.missing_texts, "missing_texts"),
    Page("settings/look/", branding.branding, "branding"),
    Page("settings/look/<int:number>/back/", branding.bring_back, "branding_back"),
    Page("settings/languages/", languages.languages, "languages"),
    Page("settings/languages/<str:code>/", languages.texts, "language_texts"),
    Page("settings/languages/<str:code>/page/", languages.preview, "language_preview"),
    Page("settings/languages/<str:code>/review/", languages.review, "language_review"),
    Page("settings/languages/<str:code>/take-back/", languages.take_back, "language_take_back"),
    Page("settings/language-help/", language_help.language_help, "language_help"),
    Page("settings/language-help/<int:number>/back/", language_help.bring_back, "language_help_back"),
    Page("settings/banners/", listing.banners, "banners"),
    Page("settings/banners/add/", listing.add, "banner_add"),
    Page(BANNER, banner_pages.banner, "banner"),
    Page(f"{BANNER}edit/", designing.design, "banner_edit"),
    Page(f"{BANNER}texts/<str:language>/", speaking.texts, "banner_texts"),
    Page(f"{BANNER}preview/", preview.preview, "banner_preview"),
    Page(f"{BANNER}preview/page/", preview.page, "banner_page"),
    Page(f"{BANNER}preview/config/", preview.config, "banner_shown"),
    Page(f"{BANNER}key/", banner_pages.key, "banner_key"),
    Page("deadlines/", deadlines.deadlines, "deadlines"),
    Page("deadlines/rows/", deadlines.rows, "deadline_rows"),
    Page("stuck/", stuck.stuck, "stuck"),
    Page("stuck/rows/", stuck.rows, "rows"),
    Page("stuck/rows/retry/", stuck.retry_one, "retry_one"),
    Page("stuck/retry/", group_acts.retry_all, "retry_all"),
    Page("stuck/hand/", hands.hand, "hand"),
    Page("stuck/done/<int:task_id>/", hands.done, "done"),
    Page("stuck/agree/<int:approval_id>/", seconds.answer, "agree"),
)
