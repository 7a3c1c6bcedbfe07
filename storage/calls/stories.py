"""One call's whole story: what happened in order, who took part, what was said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.recording_pauses
from storage.calls.joins import resolve
from storage.calls.tables import (
    CallAgent,
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
    WrapUp,
)
from storage.customers import Customer
from storage.database import Base
from storage.errors import NotFound
from storage.notes import Note
from storage.outcomes import Outcome
from storage.pbxs import Pbx
from storage.promises import Promise
from storage.queues import Queue
from storage.recording_pauses import RecordingPause
from storage.recordings import Recording
from storage.users import User

Part = TypeVar("Part", bound=Base)


@dataclass(frozen=True, slots=True)
class SegmentStory:
    """An interval of the call and who took part in it."""

    segment: SegmentRecord
    parties: Sequence[SegmentParty]


@dataclass(frozen=True, slots=True)
class WrapUpStory:
    """What an agent noted after the call."""

    user_id: UUID
    outcome: str | None
    note: str
    at: datetime
    outcome_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that is remembered of one call."""

    call: CallRecord
    pbx: str
    customer: Customer | None
    legs: Sequence[LegRecord]
    segments: Sequence[SegmentStory]
    offers: Sequence[OfferRecord]
    recordings: Sequence[Recording]
    pauses: Mapping[UUID, Sequence[RecordingPause]]  # by recording
    wrap_ups: Sequence[WrapUpStory]
    notes: Sequence[Note]
    promises: Sequence[Promise]
    names: Mapping[UUID, str]  # of every user in it
    queues: Mapping[str, str]  # as the PBX names them -> as people say
    agents: frozenset[UUID]  # whose call it is
    talked: frozenset[UUID]  # of these, who may hear it as their own

    def queue_label(self, name: str | None) -> str:
        """The queue as people call it."""
        return self.queues.get(name, name) if name else ""


async def get(session: AsyncSession, key: UUID, *, reach: frozenset[UUID] | None = None) -> Story:
    """The story of a call, also under an id it had before; raises NotFound.

    `reach` are the users whose calls the asker may see (None: everyone's). A call of a known
    customer is part of the customer's history, which is open to every colleague.
    """
    call = await session.get_one(CallRecord, await resolve(session, key))
    agents = await _agents(session, call.id)
    if reach is not None and call.customer_id is None and reach.isdisjoint(agents):
        raise NotFound("call", key)
    customer = await session.get(Customer, call.customer_id) if call.customer_id else None
    pbx = await session.get_one(Pbx, call.pbx_id)
    queues = await session.execute(
        select(Queue.name, Queue.label).where(Queue.pbx_id == call.pbx_id)
    )
    segments = await _segments(session, call.id)
    wrap_ups = await _wrap_ups(session, call.id)
    offers = await _of(session, OfferRecord, call.id)
    notes = await _of(session, Note, call.id, order="created_at")
    legs = await _of(session, LegRecord, call.id)
    recordings = await _of(session, Recording, call.id, order="created_at")
    users = {
        *agents, *(w.user_id for w in wrap_ups), *(n.user_id for n in notes if n.user_id),
        *(o.user_id for o in offers if o.user_id), *(x.user_id for x in legs if x.user_id),
    }  # fmt: skip
    names = await session.execute(select(User.id, User.name).where(User.id.in_(users)))
    return Story(
        call=call,
        pbx=pbx.name,
        customer=customer,
        legs=legs,
        segments=segments,
        offers=offers,
        recordings=recordings,
        pauses=await storage.recording_pauses.of(session, [each.id for each in recordings]),
        wrap_ups=wrap_ups,
        notes=notes,
        promises=await _of(session, Promise, call.id, order="due_on"),
        names=dict(names.all()),
        queues=dict(queues.all()),
        agents=frozenset(agents),
        talked=frozenset(user for user, talked in agents.items() if talked),
    )


async def talkers(session: AsyncSession, call_id: UUID) -> frozenset[UUID]:
    """The users who talked in the call: whose recording it is."""
    agents = await _agents(session, call_id)
    return frozenset(user for user, talked in agents.items() if talked)


async def _agents(session: AsyncSession, call_id: UUID) -> dict[UUID, bool]:
    query = select(CallAgent.user_id, CallAgent.talked).where(CallAgent.call_id == call_id)
    return dict((await session.execute(query)).all())


async def _of(
    session: AsyncSession, part: type[Part], call_id: UUID, *, order: str = "started_at"
) -> Sequence[Part]:
    """The parts of one kind that the call has, in order of time."""
    columns = cast("Table", part.__table__).c
    query = select(part).where(columns.call_id == call_id)
    return (await session.scalars(query.order_by(columns[order], columns.id))).all()


async def _segments(session: AsyncSession, call_id: UUID) -> Sequence[SegmentStory]:
    segments = await _of(session, SegmentRecord, call_id)
    keys = [segment.id for segment in segments]
    query = select(SegmentParty).where(SegmentParty.segment_id.in_(keys))
    parties: dict[UUID, list[SegmentParty]] = {key: [] for key in keys}
    for party in await session.scalars(query):
        parties[party.segment_id].append(party)
    return [SegmentStory(segment, parties[segment.id]) for segment in segments]


async def _wrap_ups(session: AsyncSession, call_id: UUID) -> Sequence[WrapUpStory]:
    query = (
        select(WrapUp.user_id, Outcome.name, WrapUp.note, WrapUp.updated_at, WrapUp.outcome_id)
        .outerjoin(Outcome, Outcome.id == WrapUp.outcome_id)
        .where(WrapUp.call_id == call_id)
        .order_by(WrapUp.created_at)
    )
    return [WrapUpStory(*row) for row in (await session.execute(query))]
