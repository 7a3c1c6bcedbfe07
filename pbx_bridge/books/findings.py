"""What does not agree between the calls that we tell and the books of the PBX."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class FindingKind(StrEnum):
    """In what our calls and the PBX's books differ."""

    CALL_MISSING = "call_missing"  # channels of which no call of ours tells
    CALL_TWICE = "call_twice"  # channels of which several calls of ours tell
    CDR_UNEXPLAINED = "cdr_unexplained"  # a row of CDR that no call of ours explains
    CDR_TWICE = "cdr_twice"  # a row of CDR that several calls of ours explain
    CDR_MISSING = "cdr_missing"  # a call of ours of which CDR has no row
    LEGS_DIFFER = "legs_differ"
    TALK_DIFFERS = "talk_differs"
    RESULT_DIFFERS = "result_differs"
    QUEUE_DIFFERS = "queue_differs"
    OFFERS_DIFFER = "offers_differ"
    NOT_ON_THE_PBX = "not_on_the_pbx"  # a call of ours of which the books say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference; `said` is ours, `books` is theirs."""

    kind: FindingKind
    call: UUID | None  # ours, None where there is none
    linkedid: str  # "" where the books have none
    at: datetime
    said: str
    books: str
