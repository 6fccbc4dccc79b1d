"""Staff's pages for what Heed keeps: settings that are published, and records that are only read."""

from preferences.admin import categories, drafts, keys, matters, notices, records, sources

__all__ = ["categories", "drafts", "keys", "matters", "notices", "records", "sources"]
