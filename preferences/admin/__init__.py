"""Staff's pages for what Heed keeps: settings that are published, and records that are only read."""

from preferences.admin import categories, keys, matters, notices, records, sources, users

__all__ = ["categories", "keys", "matters", "notices", "records", "sources", "users"]
