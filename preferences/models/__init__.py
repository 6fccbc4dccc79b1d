"""What Heed keeps about people, what they said, and what staff publish."""

from preferences.models.configuration import (
    ApiKey,
    Appearance,
    Banner,
    Category,
    Draft,
    Notice,
    Revision,
    Source,
)
from preferences.models.inbox import IdempotentRequest, Message, Review, ViewLog
from preferences.models.ledger import Change, Outbox
from preferences.models.people import DataKey, Holding, Identifier, Profile, ProxyGrant
from preferences.models.standing import ListEnd, Standing

__all__ = [
    "ApiKey",
    "Appearance",
    "Banner",
    "Category",
    "Change",
    "DataKey",
    "Draft",
    "Holding",
    "IdempotentRequest",
    "Identifier",
    "ListEnd",
    "Message",
    "Notice",
    "Outbox",
    "Profile",
    "ProxyGrant",
    "Review",
    "Revision",
    "Source",
    "Standing",
    "ViewLog",
]
