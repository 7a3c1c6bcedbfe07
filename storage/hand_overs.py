"""Calls that an agent sends on from the desk: to whom, and what the next one is to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.users import User

LONGEST_NOTE = 500


class TargetKind(StrEnum):
    """Where a call can be sent on to."""

    PHONE = "phone"  # of a colleague: an extension
    QUEUE = "queue"  # by the PBX's own name
    NUMBER = "number"  # as it is dialled


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a call is to be sent on to."""

    kind: TargetKind
    value: str


class HandOver(Base):
    """One agent sent a call on, with a note for whoever takes it."""

    __tablename__ = "hand_overs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    target_kind: Mapped[TargetKind]
    target: Mapped[str] = mapped_column(String(120))
    asked_first: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


async def add(
    session: AsyncSession,
    call_id: UUID,
    target: Target,
    note: str,
    *,
    asked_first: bool,
    by: UUID,
    now: datetime,
) -> HandOver:
    """Note that the stored call was sent on."""
    row = HandOver(
        id=uuid7(now),
        call_id=call_id,
        user_id=by,
        target_kind=target.kind,
        target=target.value,
        asked_first=asked_first,
        note=note[:LONGEST_NOTE],
        at=now,
    )
    session.add(row)
    audit.record(session, "hand_over.made", by=by, key=row.id, call=str(call_id))
    return row


async def of_call(session: AsyncSession, call_id: UUID) -> Sequence[tuple[HandOver, str]]:
    """Who sent the call on, with their names, oldest first."""
    query = (
        select(HandOver, User.name)
        .join(User, User.id == HandOver.user_id)
        .where(HandOver.call_id == call_id)
        .order_by(HandOver.at, HandOver.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def since(session: AsyncSession, at: datetime) -> Sequence[HandOver]:
    """What was sent on from this time on, oldest first."""
    query = select(HandOver).where(HandOver.at >= at).order_by(HandOver.at, HandOver.id)
    return (await session.scalars(query)).all()
