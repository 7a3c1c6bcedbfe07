"""Calls that we place: each is claimed before it is sent, and is never sent again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.calls import LegRecord
from storage.database import Base
from storage.errors import Conflict, NotFound

WHY_LENGTH = 200


class OriginateState(StrEnum):
    """What is known of a call that we placed."""

    CLAIMED = "claimed"  # it was sent, or never will be: look for its channel
    QUEUED = "queued"  # the PBX took it
    REFUSED = "refused"  # nothing was dialled
    UNKNOWN = "unknown"  # no answer came: look for its channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whom somebody wants to call, and from which phone; the same `key` is the same click."""

    key: str
    pbx_id: UUID
    user_id: UUID | None
    device: str
    exten: str


class Originate(Base):
    """One call that was to be placed."""

    __tablename__ = "originates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    device: Mapped[str] = mapped_column(String(120))
    exten: Mapped[str] = mapped_column(String(80))
    channel_id: Mapped[str] = mapped_column(String(120))  # the Uniqueid of its first leg
    claimed_at: Mapped[datetime]
    state: Mapped[OriginateState]
    why: Mapped[str | None] = mapped_column(String(WHY_LENGTH))


async def claim(session: AsyncSession, order: Order, *, now: datetime) -> tuple[Originate, bool]:
    """Return the call of this key, and whether it is the caller's to send: only the first one's.

    Raises Conflict where the key was used for another call.
    """
    key = uuid7(now)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    claiming = (
        insert(Originate)
        .values(
            id=key,
            key=order.key,
            pbx_id=order.pbx_id,
            user_id=order.user_id,
            device=order.device,
            exten=order.exten,
            channel_id=f"ringbook-{key.hex}",
            claimed_at=now,
            state=OriginateState.CLAIMED,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Originate.id)
    )
    is_first = await session.scalar(claiming) is not None
    if is_first:
        audit.record(session, "originate.claimed", by=order.user_id, key=key)
    row = (await session.scalars(select(Originate).where(Originate.key == order.key))).one()
    if (row.pbx_id, row.device, row.exten) != (order.pbx_id, order.device, order.exten):
        raise Conflict("this key was used for another call")
    return row, is_first


async def settle(
    session: AsyncSession, key: UUID, state: OriginateState, *, why: str | None = None
) -> Originate:
    """Say what came of a call; raises NotFound."""
    row = await session.get(Originate, key)
    if row is None:
        raise NotFound("originate", key)
    row.state, row.why = state, why[:WHY_LENGTH] if why else None
    return row


async def call_of(session: AsyncSession, originate: Originate) -> UUID | None:
    """Return the call that it became, whatever the PBX answered; None where no leg was seen."""
    query = (
        select(LegRecord.call_id)
        .where(LegRecord.pbx_id == originate.pbx_id, LegRecord.uniqueid == originate.channel_id)
        .limit(1)
    )
    return await session.scalar(query)
