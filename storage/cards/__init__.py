"""Cards: all that an agent sees of a caller, read quickly enough to come before the ring."""

from storage.cards.cards import (
    Card,
    CardCustomer,
    CardNote,
    CardPromise,
    Cards,
    Choice,
    Company,
    Interaction,
    StoredWrapUp,
    Unfinished,
)
from storage.cards.readers import CardsUnreadable

__all__ = [
    "Card",
    "CardCustomer",
    "CardNote",
    "CardPromise",
    "Cards",
    "CardsUnreadable",
    "Choice",
    "Company",
    "Interaction",
    "StoredWrapUp",
    "Unfinished",
]
