"""What Heed keeps about people, what they said, and what staff publish."""

from preferences.models.configuration import ApiKey, Category, Draft, Notice, Revision, Source
from preferences.models.inbox import IdempotentRequest, Message, Review, ViewLog
from preferences.models.ledger import Change, Outbox
from preferences.models.people import DataKey, Holding, Identifier, Profile, ProxyGrant

__all__ = [
    "ApiKey",
    "Category",
    "Change",
    "DataKey",
    "Draft",
    "Holding",
    "IdempotentRequest",
    "Identifier",
    "Message",
    "Notice",
    "Outbox",
    "Profile",
    "ProxyGrant",
    "Review",
    "Revision",
    "Source",
    "ViewLog",
]
