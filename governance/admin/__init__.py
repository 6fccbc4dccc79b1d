"""Staff's pages for what may flow."""

from governance.admin import allowances, seen

__all__ = ["allowances", "seen"]
