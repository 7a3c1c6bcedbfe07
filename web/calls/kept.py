"""What the call's page shows of its keeping."""

from dataclasses import dataclass
from uuid import UUID

import storage.consents
import storage.holds
import storage.retention
import storage.tags
import storage.tombstones
from storage.calls import Story
from storage.consents import CallConsent
from storage.database import Session
from storage.holds import LegalHold
from storage.retention import Due
from storage.tags import Tag
from storage.tombstones import Tombstone


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the call's page shows of its keeping."""

    tags: list[Tag]
    all_tags: list[Tag]
    consent: CallConsent | None
    holds: list[LegalHold]
    tombstones: dict[UUID, Tombstone]
    ends: dict[UUID, Due]


async def keeping_of(session: Session, story: Story) -> Keeping:
    """Read what the call's page shows of its keeping."""
    call = story.call
    terms = await storage.retention.terms(session)
    ends = {}
    for recording in story.recordings:
        end = await storage.retention.end_of_recording(session, recording.id, terms=terms)
        if end is not None:
            ends[recording.id] = end
    return Keeping(
        tags=list(await storage.tags.of_call(session, call.id)),
        all_tags=list(await storage.tags.listed(session)),
        consent=await storage.consents.of_call(session, call.id),
        holds=list(await storage.holds.on_call(session, call.id, call.customer_id)),
        tombstones=await storage.tombstones.of_calls(session, [call.id]),
        ends=ends,
    )
