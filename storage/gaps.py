"""Gaps: when we heard nothing of a PBX, and what its own books then told of the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, String, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit, recoveries
from storage.database import Base
from storage.errors import NotFound, Refused

PAGE = 50


class GapState(StrEnum):
    """How far a gap is filled."""

    OPEN = "open"  # we still hear nothing
    FILLING = "filling"  # we hear again; the books are read, and once more until nothing is new
    FILLED = "filled"
    NO_BOOKS = "no_books"  # nobody said where the PBX's books are
    FAILED = "failed"  # they could not be read: `failure` says why


DUE = (GapState.FILLING, GapState.FAILED)


class Gap(Base):
    """A time in which we heard nothing of a PBX; the counts are of calls that touched it."""

    __tablename__ = "gaps"
    __table_args__ = (Index(None, "pbx_id", "started_at"), Index(None, "state"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # when we heard again
    cause: Mapped[str] = mapped_column(String(200))  # a sentence
    state: Mapped[GapState]
    recovered: Mapped[int] = mapped_column(default=0)  # calls we knew nothing of
    mended: Mapped[int] = mapped_column(default=0)  # calls of which we knew a part
    unchanged: Mapped[int] = mapped_column(default=0)  # calls that were told right already
    in_progress: Mapped[int] = mapped_column(default=0)  # calls that go on: told when they end
    books: Mapped[list[str]] = mapped_column(default=list)  # cel, cdr, queue_log: what was read
    doubts: Mapped[list[str]] = mapped_column(default=list)  # sentences: what stays uncertain
    failure: Mapped[str] = mapped_column(String(200), default="")  # a sentence
    filled_at: Mapped[datetime | None]  # when the books were read last
    times_filled: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a reading of the books told of a gap: its calls, the books, what stays uncertain."""

    told: int = 0  # calls that touched the gap and are over
    in_progress: int = 0
    books: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


async def opened(session: AsyncSession, pbx_id: UUID, *, since: datetime, cause: str) -> Gap:
    """From `since` on we hear nothing of the PBX; one that is open already goes on."""
    gap = await session.scalar(_open(pbx_id))
    if gap is None:
        gap = Gap(
            id=uuid7(since),
            pbx_id=pbx_id,
            started_at=since,
            cause=cause[:200],
            state=GapState.OPEN,
            books=[],
            doubts=[],
        )
        session.add(gap)
        await session.flush()
    return gap


async def ended(session: AsyncSession, pbx_id: UUID, *, at: datetime) -> Gap | None:
    """We hear the PBX again; gives the gap that is to be filled now, if there was one."""
    gap = await session.scalar(_open(pbx_id))
    if gap is not None:
        gap.ended_at = max(at, gap.started_at)
        gap.state = GapState.FILLING
        await session.flush()
    return gap


async def due(session: AsyncSession) -> Sequence[Gap]:
    """Gaps that ended and are not filled for good, oldest first."""
    query = select(Gap).where(Gap.state.in_(DUE)).order_by(Gap.started_at)
    return (await session.scalars(query)).all()


async def filled(
    session: AsyncSession, key: UUID, filling: Filling, *, state: GapState, at: datetime
) -> Gap:
    """The books were read once more; what they told is stored and marked already."""
    gap = await get(session, key)
    counts = await recoveries.counts(session, key)
    gap.recovered, gap.mended = counts.recovered, counts.mended
    gap.unchanged = max(0, filling.told - counts.recovered - counts.mended)
    gap.in_progress = filling.in_progress
    gap.books, gap.doubts = list(filling.books), list(filling.doubts)
    gap.state, gap.filled_at, gap.failure = state, at, ""
    gap.times_filled += 1
    return gap


async def failed(session: AsyncSession, key: UUID, why: str, *, at: datetime) -> None:
    """The books could not be read; the reason is a sentence."""
    gap = await get(session, key)
    gap.state, gap.failure, gap.filled_at = GapState.FAILED, why[:200], at
    gap.times_filled += 1


async def fill_again(session: AsyncSession, key: UUID, *, by: UUID | None) -> Gap:
    """Have the books of the gap read once more; Refused while it is still open."""
    gap = await get(session, key)
    if gap.state is GapState.OPEN:
        raise Refused("we still hear nothing of this PBX; its books are read when the link is back")
    gap.state, gap.filled_at, gap.times_filled = GapState.FILLING, None, 0
    audit.record(session, "gap.filled_again", by=by, key=key)
    return gap


async def get(session: AsyncSession, key: UUID) -> Gap:
    """The gap; raises NotFound."""
    gap = await session.get(Gap, key)
    if gap is None:
        raise NotFound("gap", key)
    return gap


async def listed(
    session: AsyncSession, *, older_than: UUID | None = None, limit: int = PAGE
) -> Sequence[Gap]:
    """The newest gaps; `older_than` gives the page after that one."""
    query = select(Gap).order_by(Gap.id.desc()).limit(limit)
    if older_than is not None:
        query = query.where(Gap.id < older_than)
    return (await session.scalars(query)).all()


async def within(
    session: AsyncSession, *, since: datetime | None, until: datetime | None, limit: int = PAGE
) -> Sequence[Gap]:
    """The newest gaps that touch the period; an end that is None is open."""
    query = select(Gap).order_by(Gap.started_at.desc()).limit(limit)
    if since is not None:
        query = query.where(or_(Gap.ended_at.is_(None), Gap.ended_at > since))
    if until is not None:
        query = query.where(Gap.started_at < until)
    return (await session.scalars(query)).all()


async def unfilled(session: AsyncSession) -> int:
    """How many gaps are not filled: for the metrics."""
    query = select(func.count()).select_from(Gap).where(Gap.state != GapState.FILLED)
    return await session.scalar(query) or 0


def _open(pbx_id: UUID) -> Select[Gap]:
    return select(Gap).where(Gap.pbx_id == pbx_id, Gap.state == GapState.OPEN)
