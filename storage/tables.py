"""Every table, imported once, so that `Base.metadata` is whole wherever it is needed."""

from storage import (
    agents,
    audit,
    calls,
    contacts,
    customers,
    notes,
    numbers,
    outcomes,
    pbxs,
    promises,
    queues,
    recordings,
    sessions,
    settings,
    teams,
    tokens,
    users,
)
from storage.database import Base

__all__ = [
    "Base",
    "agents",
    "audit",
    "calls",
    "contacts",
    "customers",
    "notes",
    "numbers",
    "outcomes",
    "pbxs",
    "promises",
    "queues",
    "recordings",
    "sessions",
    "settings",
    "teams",
    "tokens",
    "users",
]
