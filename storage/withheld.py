"""Who hears what of a recording: internal talk is for those who may hear that of its speakers."""

from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.call import SegmentKind
from storage import transcripts
from storage.calls import SegmentParty, SegmentRecord
from storage.calls.reaches import reach
from storage.recordings import Recording
from storage.rules.permissions import Scope
from storage.rules.withheld import Aside, Window, merged, windows, withheld_from

SPOKEN = (SegmentKind.TALK, SegmentKind.CONSULT)


async def of_listener(
    session: AsyncSession, recording: Recording, user_id: UUID, scope: Scope
) -> tuple[Window, ...]:
    """What is silent for a user whose right to hear internal talk has this scope."""
    heard = await reach(session, user_id, scope)
    return await _silent(session, recording, heard)


async def internal(
    session: AsyncSession, recording: Recording, user_id: UUID, scope: Scope
) -> tuple[Window, ...]:
    """Where the internal talk is that such a user does not hear, numbers of cards apart."""
    heard = await reach(session, user_id, scope)
    return _in(recording, await asides(session, recording.call_id), heard)


async def of_strangers(session: AsyncSession, recording: Recording) -> tuple[Window, ...]:
    """What is silent for everyone from outside."""
    return await _silent(session, recording, frozenset())


async def _silent(
    session: AsyncSession, recording: Recording, heard: frozenset[UUID] | None
) -> tuple[Window, ...]:
    """What is silent: internal talk that is not for them, and numbers of cards for everyone."""
    internal = _in(recording, await asides(session, recording.call_id), heard)
    return merged((*internal, *await transcripts.silenced(session, recording.id)))


async def asides(session: AsyncSession, call_id: UUID) -> tuple[Aside, ...]:
    """The talks of a call in which our people were among themselves."""
    query = (
        select(SegmentRecord, SegmentParty)
        .join(SegmentParty, SegmentParty.segment_id == SegmentRecord.id)
        .where(SegmentRecord.call_id == call_id, SegmentRecord.kind.in_(SPOKEN))
    )
    parties: dict[SegmentRecord, list[SegmentParty]] = {}
    for segment, party in await session.execute(query):
        parties.setdefault(segment, []).append(party)
    return tuple(
        Aside(
            segment.started_at,
            segment.ended_at or datetime.max.replace(tzinfo=segment.started_at.tzinfo),
            frozenset(chain.from_iterable([p.user_id] if p.user_id else () for p in among)),
        )
        for segment, among in parties.items()
        if segment.kind is SegmentKind.CONSULT or all(p.extension for p in among)
    )


def _in(
    recording: Recording, found: tuple[Aside, ...], heard: frozenset[UUID] | None
) -> tuple[Window, ...]:
    if recording.started_at is None:  # a file that a person gave to the call: where is what?
        hidden = withheld_from(found, heard)
        return (Window(0.0, (recording.seconds or 0.0) + 1),) if hidden else ()
    return windows(
        withheld_from(found, heard),
        began=recording.started_at,
        ended=recording.ended_at,
        seconds=recording.seconds or 0.0,
    )
