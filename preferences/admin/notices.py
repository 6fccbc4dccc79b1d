"""The wording that people are shown, and the scripts that staff read to them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from unfold import widgets

from preferences.admin.draft_page import SCRIPT
from preferences.admin.drafts import kept, opened
from preferences.admin.records import RevisionAdmin
from preferences.models import Draft, Notice
from preferences.services import in_force, save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind
from preferences.words import WordsField

PUBLISHING = ("name", "text", "reason", "seen")


class ScriptForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """Words to be read aloud, exactly as they stand here."""

    name = forms.CharField(
        label="Short name",
        max_length=50,
        validators=[RegexValidator(r"^[a-z0-9_]+\Z", "Use small letters, digits and underscores.")],
        help_text="calls_about_programs, for instance. The same name again drafts its next revision.",
        widget=widgets.UnfoldAdminTextInputWidget,
    )
    text = WordsField(
        label="What staff read aloud",
        max_length=2000,
        help_text="Every word, as it is read. It can never be altered or taken away, so name nobody in it.",
        widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )
    reason = WordsField(
        label="Why it should be published", max_length=500, widget=widgets.UnfoldAdminTextInputWidget
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Notice
        fields = ("reason",)


@admin.register(Notice)
class NoticeAdmin(RevisionAdmin):
    """The wording that stands. Scripts are added; nothing is ever altered."""

    intro = (
        "The exact wording that people are shown, or that staff read to them. A yes to marketing by call "
        "or text counts only with one. Earlier wordings stand under Publications."
    )
    empty = "Nobody was shown anything yet: a page's wording is kept where it is shown for the first time."
    list_display: tuple[str, ...] = ("key", "number", "author", "reason", "published_at")
    list_filter: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("preferences.add_notice")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else ScriptForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else PUBLISHING

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        draft = opened(request, RevisionKind.NOTICE)
        if draft is None:
            return {}
        seen = Shown.of(draft, None, request.user.get_username())
        given = {"name": draft.key.removeprefix(SCRIPT), "text": draft.body["text"]}
        return {**given, "reason": draft.reason, "seen": str(seen)}

    def save_model(self, request: Any, obj: Notice, form: ScriptForm, change: bool) -> None:
        given, by = form.cleaned_data, request.user.get_username()
        key = SCRIPT + given["name"]
        asked = request.GET.get("draft", "")
        goes_on = asked.isdecimal() and Draft.objects.filter(pk=asked, key=key).exists()
        # Written anew, or given another name, it replaces whatever bears that name.
        anew = Shown.of(None, in_force(RevisionKind.NOTICE, key), by)
        request.draft = save_draft(
            kind=RevisionKind.NOTICE,
            key=key,
            body={"text": given["text"]},
            author=by,
            reason=given["reason"],
            seen=Shown.read(given["seen"]) if goes_on else anew,
        )
        obj.key, obj.number = request.draft.key, request.draft.based_on + 1

    def response_add(self, request: Any, obj: Notice, post_url_continue: str | None = None) -> HttpResponse:
        return kept(request, request.draft)
