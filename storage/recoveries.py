"""Calls told from the PBX's own books: those that a gap swallowed, and those reconciliation mended.

The row is the mark: a call that has one was not (only) heard, and says what of it is uncertain.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base


class Reason(StrEnum):
    """Why the books were asked."""

    RECOVERED = "recovered"  # we heard nothing of the PBX while the call was up
    RECONCILED = "reconciled"  # we heard it all, and the books tell it otherwise


class Recovery(Base):
    """That a call was told from the books."""

    __tablename__ = "recoveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    gap_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("gaps.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[Reason]
    is_new: Mapped[bool]  # we knew nothing of the call
    uncertain: Mapped[list[str]] = mapped_column(default=list)  # words: offers, talk, hold …
    recovered_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a gap: calls we knew nothing of, and calls of which we knew a part."""

    recovered: int
    mended: int


async def note(
    session: AsyncSession,
    call_id: UUID,
    *,
    reason: Reason,
    gap_id: UUID | None,
    is_new: bool,
    uncertain: Iterable[str],
    at: datetime,
) -> None:
    """Mark the call as told from the books, and audit it; a second time renews the mark."""
    query = select(Recovery).where(Recovery.call_id == call_id, Recovery.reason == reason)
    query = query.where(Recovery.gap_id.is_not_distinct_from(gap_id))
    row = await session.scalar(query)
    if row is None:
        row = Recovery(id=uuid7(at), call_id=call_id, gap_id=gap_id, reason=reason, is_new=is_new)
        session.add(row)
    row.uncertain, row.recovered_at = sorted(uncertain), at
    await session.flush()
    audit.record(
        session, f"call.{reason.value}", by=audit.SYSTEM, key=call_id,
        gap=str(gap_id) if gap_id else None, uncertain=row.uncertain,
    )  # fmt: skip


async def of(session: AsyncSession, call_id: UUID) -> Recovery | None:
    """The latest mark of the call, None for a call that was heard."""
    query = select(Recovery).where(Recovery.call_id == call_id)
    row: Recovery | None = await session.scalar(query.order_by(Recovery.recovered_at.desc()))
    return row


async def among(session: AsyncSession, call_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the calls that were told from the books."""
    query = select(Recovery.call_id).where(Recovery.call_id.in_(call_ids))
    return frozenset(await session.scalars(query))


async def counts(session: AsyncSession, gap_id: UUID) -> Counts:
    """How many calls of the gap the books told, new ones and mended ones."""
    query = (
        select(Recovery.is_new, func.count())
        .where(Recovery.gap_id == gap_id)
        .group_by(Recovery.is_new)
    )
    found = dict((await session.execute(query)).all())
    return Counts(found.get(True, 0), found.get(False, 0))
