"""Which recordings are still waited for, and which of them a file belongs to."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, column, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from storage.database import UtcDateTime
from storage.recordings import Recording, RecordingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A recording of an ended call whose file is not on the shelf yet."""

    id: UUID
    call_id: UUID
    pbx_id: UUID
    path_there: str
    ended_at: datetime  # of the call
    lasted: float  # seconds of talk that it should hold
    uniqueid: str = ""  # of the leg that was recorded
    recorded: float = 0.0  # seconds from its begin to its end, as the PBX told; 0 if it did not


_CALLS = table(  # the table of a noun that imports this one
    "calls",
    column("id", Uuid()),
    column("pbx_id", Uuid()),
    column("ended_at", UtcDateTime()),
    column("talk_seconds"),
)
_LEGS = table(
    "legs", column("id", Uuid()), column("call_id", Uuid()), column("pbx_id", Uuid()),
    column("uniqueid"),
)  # fmt: skip


MOST_MISSING = 5000  # of one PBX, that a scan looks for


async def awaited(session: AsyncSession) -> Sequence[Awaited]:
    """Every pending recording of an ended call: what a restart has to take up again."""
    return await _of(session, Recording.state == RecordingState.PENDING)


async def missing(session: AsyncSession, pbx_id: UUID) -> Sequence[Awaited]:
    """The newest recordings of the PBX whose files never came."""
    found = await _of(session, Recording.state == RecordingState.MISSING, _CALLS.c.pbx_id == pbx_id)
    return found[:MOST_MISSING]


async def _of(session: AsyncSession, *which: ColumnElement[bool]) -> Sequence[Awaited]:
    query = (
        select(
            Recording, _CALLS.c.pbx_id, _CALLS.c.ended_at, _CALLS.c.talk_seconds, _LEGS.c.uniqueid
        )
        .join(_CALLS, _CALLS.c.id == Recording.call_id)
        .outerjoin(_LEGS, _LEGS.c.id == Recording.leg_id)
        .where(_CALLS.c.ended_at.is_not(None), *which)
        .order_by(Recording.id.desc())
    )
    return [
        Awaited(
            id=recording.id,
            call_id=recording.call_id,
            pbx_id=pbx_id,
            path_there=recording.path_there,
            ended_at=ended_at,
            lasted=should_last(recording.started_at, recording.ended_at, talked),
            uniqueid=uniqueid or "",
            recorded=was_recorded(recording.started_at, recording.ended_at),
        )
        for recording, pbx_id, ended_at, talked, uniqueid in await session.execute(query)
    ]


async def call_of(session: AsyncSession, pbx_id: UUID, uniqueids: AbstractSet[str]) -> UUID | None:
    """Return the one call that has legs of these uniqueids; None where there are more."""
    query = select(_LEGS.c.call_id).where(_LEGS.c.pbx_id == pbx_id, _LEGS.c.uniqueid.in_(uniqueids))
    found = set(await session.scalars(query)) if uniqueids else set()
    return found.pop() if len(found) == 1 else None


async def claimed(
    session: AsyncSession, paths: AbstractSet[str], *, pbx_id: UUID
) -> dict[str, UUID]:
    """Which recordings of the PBX have one of these files as theirs, by path."""
    query = (
        select(Recording.id, Recording.path_there, Recording.path_found)
        .join(_CALLS, _CALLS.c.id == Recording.call_id)
        .where(
            _CALLS.c.pbx_id == pbx_id,
            or_(Recording.path_there.in_(paths), Recording.path_found.in_(paths)),
        )
    )
    return {
        path: key
        for key, there, found in await session.execute(query)
        for path in (there, found)
        if path is not None and path in paths
    }


def was_recorded(began: datetime | None, ended: datetime | None) -> float:
    """Seconds from the begin of a recording to its end, 0 where the PBX did not tell both."""
    return max(0.0, (ended - began).total_seconds()) if began and ended else 0.0


def should_last(began: datetime | None, ended: datetime | None, talked: float) -> float:
    """Seconds of talk that a recording holds when nothing of it is missing."""
    return min((ended - began).total_seconds(), talked) if began and ended else 0.0
