"""Where changes come from."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from preferences.admin.base import StaffAdmin
from preferences.models import Source
from preferences.services import save_source


@admin.register(Source)
class SourceAdmin(StaffAdmin):
    """The slug is the namespace of the ids a source gives, so it is fixed once made."""

    intro = "The systems and pages that tell Heed what people want. A source is never deleted."
    empty = "No sources yet: add the first system that will tell Heed what people want."
    list_display = ("name", "kind", "own_word", "keys_in_use", "in_use")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "kind", "speaks_for_person", "is_active")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        keys = Count("keys", filter=Q(keys__revoked_at__isnull=True))
        found: QuerySet[Source] = super().get_queryset(request).annotate(keys_in_use=keys)
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        save_source(source=obj)

    @display(description="An opt-in from it is", ordering="speaks_for_person")
    def own_word(self, source: Source) -> str:
        return "the person's own word" if source.speaks_for_person else "hearsay: may not be enough"

    @display(description="Keys", ordering="keys_in_use")
    def keys_in_use(self, source: Any) -> int:
        return int(source.keys_in_use)

    @display(description="State", ordering="is_active", label={"in use": "success", "not in use": "warning"})
    def in_use(self, source: Source) -> str:
        return "in use" if source.is_active else "not in use"
