"""Cards: all that an agent sees of a caller, read quickly enough to come before the ring."""

from storage.cards.cards import Cards
from storage.cards.readers import CardsUnreadable
from storage.cards.values import (
    Card,
    CardCustomer,
    CardNote,
    CardPromise,
    CardTask,
    Choice,
    Company,
    Interaction,
    StoredWrapUp,
    Unfinished,
)

__all__ = [
    "Card",
    "CardCustomer",
    "CardNote",
    "CardPromise",
    "CardTask",
    "Cards",
    "CardsUnreadable",
    "Choice",
    "Company",
    "Interaction",
    "StoredWrapUp",
    "Unfinished",
]
