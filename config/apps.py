"""What Django loads for the room on top: the staff site and Heed's own system checks."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin

from config import checks

__all__ = ["ConfigConfig", "HeedAdminConfig", "checks"]  # importing the checks registers them


class HeedAdminConfig(admin.AdminConfig):
    """Django's admin, with Heed's own site behind `admin.site` and `@admin.register`."""

    default = False
    default_site = "config.staff.site.HeedAdminSite"


class ConfigConfig(AppConfig):
    """The room on top: it wires what the rooms below leave open."""

    default = True
    name = "config"
    label = "config"
    verbose_name = "Heed"
