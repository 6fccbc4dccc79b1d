"""The way from a system's page to what it is told, and to the drafts of that."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from unfold.decorators import action

from destinations.admin.mapper import editor
from destinations.admin.mapper_publication import publication
from destinations.connectors import CONNECTORS
from destinations.models import Destination
from preferences.admin.base import StaffAdmin


class MapperActs(StaffAdmin):
    """Two pages for each system whose kind is still supported."""

    def get_urls(self) -> list[Any]:
        draft = path(
            "<path:object_id>/mapper/<int:draft_id>/",
            self.admin_site.admin_view(self.mapper_draft),
            name="destinations_destination_mapper_draft",
        )
        return [draft, *super().get_urls()]

    def has_mapper_permission(self, request: HttpRequest, object_id: str) -> bool:
        may = object_id.isdecimal() and request.user.has_perm("destinations.change_destination")
        told = [slug for slug, each in CONNECTORS.items() if each.takes_preferences]
        return may and Destination.objects.filter(pk=object_id, connector__in=told).exists()

    @action(description="What it is told", url_path="mapper", icon="rule", permissions=["mapper"])
    def mapper(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Which fields it is told, edited row by row."""
        return editor(request, self, Destination.objects.get(pk=object_id))

    def mapper_draft(self, request: HttpRequest, object_id: str, draft_id: int) -> HttpResponse:
        """What a draft of that changes, before it is published."""
        if not self.has_mapper_permission(request, object_id):
            raise PermissionDenied
        return publication(self, request, Destination.objects.get(pk=object_id), draft_id)
