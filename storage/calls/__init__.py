"""Calls with their legs, segments, offers and wrap-ups."""

from pbx_bridge.matching import Level as MatchLevel
from storage.calls.about import About, Reviewed
from storage.calls.course import Course, Transferred
from storage.calls.gaps import OpenLeg, close_lost, open_legs
from storage.calls.joins import join, resolve
from storage.calls.lines import CallLine, lines_of
from storage.calls.lists import (
    MISSED,
    CallFilters,
    CallPage,
    Place,
    in_progress,
    latest_of,
    listed,
)
from storage.calls.matches import adopt, last_contact, match_by_hand
from storage.calls.missed import Contact, MissedCall, missed, rang_in_vain
from storage.calls.reaches import reach
from storage.calls.readings import Parts, owners, parts, touching
from storage.calls.reasons import Matched, context_of, matched, reason_of
from storage.calls.rows import CallContext
from storage.calls.saving import retell, save, save_many
from storage.calls.stories import SegmentStory, Story, WrapUpStory, get, talkers
from storage.calls.tables import (
    ERASED,
    CallAgent,
    CallAlias,
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
    WrapUp,
)
from storage.calls.wrap_ups import dismiss, not_wrapped_up, put_away, wrap_up

__all__ = [
    "ERASED",
    "MISSED",
    "About",
    "CallAgent",
    "CallAlias",
    "CallContext",
    "CallFilters",
    "CallLine",
    "CallPage",
    "CallRecord",
    "Contact",
    "Course",
    "LegRecord",
    "MatchLevel",
    "Matched",
    "MissedCall",
    "OfferRecord",
    "OpenLeg",
    "Parts",
    "Place",
    "Reviewed",
    "SegmentParty",
    "SegmentRecord",
    "SegmentStory",
    "Story",
    "Transferred",
    "WrapUp",
    "WrapUpStory",
    "adopt",
    "close_lost",
    "context_of",
    "dismiss",
    "get",
    "in_progress",
    "join",
    "last_contact",
    "latest_of",
    "lines_of",
    "listed",
    "match_by_hand",
    "matched",
    "missed",
    "not_wrapped_up",
    "open_legs",
    "owners",
    "parts",
    "put_away",
    "rang_in_vain",
    "reach",
    "reason_of",
    "resolve",
    "retell",
    "save",
    "save_many",
    "talkers",
    "touching",
    "wrap_up",
]
