"""Fixtures of the partner API's tests."""

from tests.preferences.api.partner import browser, partner, portal_system

__all__ = ["browser", "partner", "portal_system"]
