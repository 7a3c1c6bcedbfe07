"""Recordings that are not right: listed with their calls, looked for again, given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, column, func, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import audit
from storage.database import UtcDateTime
from storage.errors import Refused
from storage.recordings import WRONG, Recording, RecordingState, get

PAGE = 50
MENDABLE = {
    RecordingState.MISSING, RecordingState.EMPTY, RecordingState.BROKEN, RecordingState.GIVEN_UP,
}  # fmt: skip
LISTED = (*WRONG, RecordingState.PENDING, RecordingState.GIVEN_UP)  # pending: with a cause

_CALLS = table(
    "calls", column("id", Uuid()), column("pbx_id", Uuid()), column("started_at", UtcDateTime()),
    column("number"), column("name"), column("queue"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of them: in one state, of one PBX, of calls since then; None is any."""

    state: RecordingState | None = None  # None: every one that is wrong
    pbx_id: UUID | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A recording that is not right, and what is shown of its call."""

    recording: Recording
    pbx_id: UUID
    started_at: datetime
    number: str
    queue: str | None


async def listed(
    session: AsyncSession, wanted: Wanted, *, older_than: UUID | None = None, limit: int = PAGE
) -> Sequence[Wrong]:
    """Recordings that are not right, those of the newest first."""
    calls = _CALLS.c
    query = _where(
        select(Recording, calls.pbx_id, calls.started_at, calls.number, calls.queue), wanted
    )
    if older_than is not None:
        query = query.where(Recording.id < older_than)
    return [
        Wrong(recording=recording, pbx_id=pbx_id, started_at=started_at, number=number, queue=queue)
        for recording, pbx_id, started_at, number, queue in await session.execute(
            query.order_by(Recording.id.desc()).limit(limit)
        )
    ]


async def counts(session: AsyncSession, wanted: Wanted) -> dict[RecordingState, int]:
    """How many there are in each state, whichever one is `wanted`."""
    query = select(Recording.state, func.count()).select_from(Recording)
    query = query.join(_CALLS, _CALLS.c.id == Recording.call_id)
    waits_in_vain = or_(Recording.state != RecordingState.PENDING, Recording.cause != "")
    query = _narrowed(query.where(waits_in_vain), wanted)
    found = dict((await session.execute(query.group_by(Recording.state))).all())
    return {state: found.get(state, 0) for state in LISTED}


async def look_again(session: AsyncSession, key: UUID, *, by: UUID) -> Recording:
    """Wait for the file once more; Refused where there is sound, or it is waited for."""
    recording = await get(session, key)
    if recording.state not in MENDABLE:
        raise Refused("this recording is not one that could be looked for again")
    recording.state, recording.cause, recording.reason = RecordingState.PENDING, "", None
    audit.record(session, "recording.looked_for", by=by, key=key)
    return recording


async def give_up(session: AsyncSession, key: UUID, reason: str, *, by: UUID) -> Recording:
    """Say why nothing more will come of it. One that is cut short stays to be heard, as ready."""
    recording = await get(session, key)
    reason = reason.strip()[:200]
    if not reason:
        raise Refused("say why")
    if recording.state not in WRONG:
        raise Refused("this recording is not one that could be given up")
    audible = recording.is_audible
    recording.state = RecordingState.READY if audible else RecordingState.GIVEN_UP
    recording.reason = reason
    if audible:
        recording.cause = ""
    audit.record(session, "recording.given_up", by=by, key=key, state=recording.state.value)
    return recording


async def came_late(session: AsyncSession, key: UUID) -> bool:
    """The file of a missing recording has come after all: wait for it again."""
    row = await session.execute(
        update(Recording)
        .where(Recording.id == key, Recording.state == RecordingState.MISSING)
        .values(state=RecordingState.PENDING, cause="")
        .returning(Recording.id)
    )
    if row.first() is None:
        return False
    audit.record(session, "recording.came_late", by=audit.SYSTEM, key=key)
    return True


def _where(query: Select, wanted: Wanted) -> Select:  # type: ignore[type-arg]
    query = query.join(_CALLS, _CALLS.c.id == Recording.call_id)
    delayed = and_(Recording.state == RecordingState.PENDING, Recording.cause != "")
    if wanted.state is None:
        return _narrowed(query.where(or_(Recording.state.in_(WRONG), delayed)), wanted)
    if wanted.state is RecordingState.PENDING:
        return _narrowed(query.where(delayed), wanted)
    return _narrowed(query.where(Recording.state == wanted.state), wanted)


def _narrowed(query: Select, wanted: Wanted) -> Select:  # type: ignore[type-arg]
    if wanted.pbx_id is not None:
        query = query.where(_CALLS.c.pbx_id == wanted.pbx_id)
    if wanted.since is not None:
        query = query.where(_CALLS.c.started_at >= wanted.since)
    return query
