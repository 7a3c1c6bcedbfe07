"""Calls with their legs, segments, offers and wrap-ups."""

from storage.calls.tables import (
    CallAlias,
    CallRecord,
    LegRecord,
    MatchLevel,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
    WrapUp,
)

__all__ = [
    "CallAlias",
    "CallRecord",
    "LegRecord",
    "MatchLevel",
    "OfferRecord",
    "SegmentParty",
    "SegmentRecord",
    "WrapUp",
]
