"""What every page of the admin has in common: nothing is ever deleted, and what is recorded is only read."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from preferences.errors import Refused
from preferences.services import log_view

NOBODY = "—"


class StaffAdmin(ModelAdmin):
    """A list and a form, with words of their own above the list and in its place when it is empty."""

    actions: Any = None
    change_list_template: Any = "preferences/admin/change_list.html"
    list_filter_submit = False
    compressed_fields = True
    list_display: tuple[str, ...] = ("__str__",)
    list_filter: tuple[Any, ...] = ()
    intro = ""
    empty = "Nothing here yet."

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **more: Any) -> HttpResponse:
        """One button that saves."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        answer: HttpResponse = super().render_change_form(request, context, **more)
        return answer

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def confirmed(self, request: HttpRequest, page: "Confirm") -> HttpResponse:
        """Ask first, and do it once somebody has said yes."""
        if request.method != "POST":
            return page.shown(self, request)
        try:
            messages.success(request, page.act(request))
        except Refused as refused:
            messages.error(request, refusal(refused))
        return HttpResponseRedirect(page.back)


class Confirm:
    """A dangerous act: what will happen, the button that does it, and where one lands after."""

    def __init__(self, *, title: str, words: list[str], button: str, back: str, danger: bool = False) -> None:
        self.title, self.words, self.button, self.back, self.danger = title, words, button, back, danger

    def act(self, request: HttpRequest) -> str:
        """Do it, and say what was done."""
        raise NotImplementedError

    def shown(self, admin: StaffAdmin, request: HttpRequest, **more: Any) -> HttpResponse:
        context = {
            **admin.admin_site.each_context(request),
            "title": self.title,
            "opts": admin.opts,
            "page": self,
            **more,
        }
        return TemplateResponse(request, "preferences/admin/confirm.html", context)


class ReadOnlyAdmin(StaffAdmin):
    """What is only ever added by the machinery: to be read, by nobody to be altered."""

    # A ledger has no end: pages follow each other without counting what there is.
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NotedAdmin(ReadOnlyAdmin):
    """Rows about people: whoever lists or opens them is noted (45 CFR 164.312(b))."""

    noted_as = ""

    def about(self, obj: Any) -> UUID | None:
        """Whose row it is, where it is one person's."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, extra_context)
        log_view(actor=request.user.get_username(), page=f"{self.noted_as}, list")
        return answer

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None and self.has_view_permission(request, found):
            log_view(actor=request.user.get_username(), page=self.noted_as, profile_id=self.about(found))
        return found


def refusal(refused: Refused) -> str:
    """Why something was refused, as a sentence."""
    return f"{refused.message[:1].upper()}{refused.message[1:]}."


def stacked(words: Iterable[str]) -> SafeString:
    """One below the other, on a phone too."""
    return format_html("<div>{}</div>", format_html_join("", "<div>{}</div>", ((each,) for each in words)))


def link_to_person(pk: UUID | None) -> str | SafeString:
    """A person without any identifier, and the way to their page."""
    if pk is None:
        return NOBODY
    return link(f"/admin/people/{pk}/", f"Person {str(pk)[:8]}")


def link(address: str, words: str) -> SafeString:
    """A way to one of staff's pages above this room."""
    return format_html('<a class="underline" href="{}">{}</a>', address, words)
