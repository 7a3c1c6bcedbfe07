"""What each agent was for the queues, from when to when, and who brought it about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, and_, bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.presences import AgentState, Source
from storage.database import Base
from storage.rules.shifts import Stretch

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A state that begins; without a queue it is the agent's state in all."""

    id: UUID
    user_id: UUID
    pbx_id: UUID
    extension: str
    queue: str | None
    state: AgentState
    reason: str
    source: Source | None
    began_at: datetime


class Place(NamedTuple):
    """Where a page of intervals begins: after the one of this begin and id."""

    began_at: datetime
    id: UUID


class PresenceRecord(Base):
    """One interval, by the PBX's clock. Where there is none, nothing is known of the agent."""

    __tablename__ = "presences"
    __table_args__ = (Index(None, "user_id", "began_at"), Index(None, "pbx_id", "ended_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    extension: Mapped[str] = mapped_column(String(20))
    queue: Mapped[str | None] = mapped_column(String(80))  # None: in all
    state: Mapped[AgentState]  # of a queue: available or paused while the phone is in it
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    source: Mapped[Source | None]  # None where it was so when we came
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # None while it lasts


async def write(
    session: AsyncSession, begun: Iterable[Interval], ended: Mapping[UUID, datetime]
) -> None:
    """Add intervals and end some. No audit row: what was done is the row itself.

    Written again, it is the same: who writes may not know whether it was done.
    """
    rows = [
        {**asdict(each), "reason": each.reason[:LONGEST_REASON], "ended_at": ended.get(each.id)}
        for each in begun
    ]
    if rows:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        adding = insert(PresenceRecord)
        again = {"ended_at": adding.excluded.ended_at}
        adding = adding.on_conflict_do_update(index_elements=["id"], set_=again)
        await session.execute(adding, rows)
    added = {row["id"] for row in rows}
    endings = [{"key": key, "at": at} for key, at in ended.items() if key not in added]
    if endings:
        key = PresenceRecord.id == bindparam("key")
        ending = update(PresenceRecord).where(key).values(ended_at=bindparam("at"))
        await (await session.connection()).execute(ending, endings)


async def break_off(session: AsyncSession, pbx_id: UUID, *, at: datetime) -> None:
    """End what was left open when we heard the PBX last, at `at`; nothing ends before it begins."""
    began = PresenceRecord.began_at
    await session.execute(
        update(PresenceRecord)
        .where(PresenceRecord.pbx_id == pbx_id, PresenceRecord.ended_at.is_(None))
        .values(ended_at=case((began > at, began), else_=at))
        .execution_options(synchronize_session=False)
    )


async def of_user(
    session: AsyncSession, user_id: UUID, *, since: datetime, until: datetime
) -> Sequence[PresenceRecord]:
    """What an agent was in a period, in all and in each queue, oldest first."""
    query = (
        select(PresenceRecord)
        .where(
            PresenceRecord.user_id == user_id,
            PresenceRecord.began_at < until,
            or_(PresenceRecord.ended_at.is_(None), PresenceRecord.ended_at > since),
        )
        .order_by(
            PresenceRecord.began_at,
            PresenceRecord.queue.is_not(None),
            PresenceRecord.queue,
            PresenceRecord.id,
        )
    )
    return (await session.scalars(query)).all()


async def listed(
    session: AsyncSession,
    *,
    user_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Place | None = None,
    limit: int,
) -> Sequence[PresenceRecord]:
    """What agents were at some time of a period, in the order in which it began."""
    query = select(PresenceRecord).order_by(PresenceRecord.began_at, PresenceRecord.id)
    if user_id is not None:
        query = query.where(PresenceRecord.user_id == user_id)
    if since is not None:
        query = query.where(or_(PresenceRecord.ended_at.is_(None), PresenceRecord.ended_at > since))
    if until is not None:
        query = query.where(PresenceRecord.began_at < until)
    if after is not None:
        same = and_(PresenceRecord.began_at == after.began_at, PresenceRecord.id > after.id)
        query = query.where(or_(PresenceRecord.began_at > after.began_at, same))
    return (await session.scalars(query.limit(limit))).all()


async def stretches(
    session: AsyncSession, *, since: datetime, until: datetime, user_id: UUID | None = None
) -> Sequence[Stretch]:
    """What agents were in all in a period, everyone's or one's."""
    row = PresenceRecord
    query = select(
        row.user_id, row.extension, row.state, row.reason, row.began_at, row.ended_at
    ).where(
        row.queue.is_(None),
        row.began_at < until,
        or_(row.ended_at.is_(None), row.ended_at > since),
    )
    if user_id is not None:
        query = query.where(row.user_id == user_id)
    return [Stretch(*each) for each in await session.execute(query)]
