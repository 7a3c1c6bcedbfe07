"""Calls that we place: each is claimed before it is sent, and is never sent again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, String, and_, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.calls import LegRecord
from storage.database import Base
from storage.errors import Conflict, NotFound
from storage.rules.dialling import WINDOW_SECONDS, NumberKind, Usage

WHY_LENGTH = 200
UNSEEN_FOR = timedelta(seconds=60)  # a call of which nothing is stored by then was not placed
LONGEST = timedelta(hours=12)  # a call that goes on for longer counts no more
_TURN = 0x52494E47  # the lock that those who count calls take on PostgreSQL


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
    kind: NumberKind = NumberKind.UNREAD  # what the number is; the dearest guess unless said


class Originate(Base):
    """One call that was to be placed."""

    __tablename__ = "originates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    device: Mapped[str] = mapped_column(String(120))
    exten: Mapped[str] = mapped_column(String(80))
    kind: Mapped[NumberKind | None]  # None: placed before kinds were told apart
    channel_id: Mapped[str] = mapped_column(String(120))  # the Uniqueid of its first leg
    claimed_at: Mapped[datetime] = mapped_column(index=True)
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
            kind=order.kind,
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
    row = await repeated(session, order)
    assert row is not None  # noqa: S101 - it was written above, by whoever
    return row, is_first


async def repeated(session: AsyncSession, order: Order) -> Originate | None:
    """Return the call of this key, None where it is new; Conflict where the key was another's."""
    row = await session.scalar(select(Originate).where(Originate.key == order.key))
    if row is None:
        return None
    wanted = (order.pbx_id, order.user_id, order.device, order.exten)
    if (row.pbx_id, row.user_id, row.device, row.exten) != wanted:
        raise Conflict("this key was used for another call")
    return row


async def going_on(session: AsyncSession, order: Order, *, now: datetime) -> Originate | None:
    """Return the call that the user has placed to this number already and that is not over."""
    query = (
        select(Originate)
        .where(
            Originate.pbx_id == order.pbx_id,
            Originate.user_id == order.user_id,
            Originate.device == order.device,
            Originate.exten == order.exten,
            _is_up(now),
        )
        .order_by(Originate.claimed_at.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def usage(session: AsyncSession, user_id: UUID | None, *, now: datetime) -> Usage:
    """Count what was placed in the last minute and what is going on.

    Whoever counts waits for the others who do, so that two do not both take the last place.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_TURN)))
    lately = and_(
        Originate.claimed_at > now - timedelta(seconds=WINDOW_SECONDS),
        Originate.state != OriginateState.REFUSED,
    )
    up = _is_up(now)
    mine = Originate.user_id == user_id
    count = func.count
    row = (
        await session.execute(
            select(
                count().filter(and_(lately, mine)).label("mine"),
                count().filter(and_(up, mine)).label("mine_now"),
                count().filter(lately).label("all"),
                count().filter(up).label("all_now"),
            ).where(Originate.claimed_at > now - LONGEST)
        )
    ).one()
    return Usage(mine=row.mine, mine_now=row.mine_now, all=row.all, all_now=row.all_now)


def _is_up(now: datetime) -> ColumnElement[bool]:
    """Whether a call that we placed goes on: a leg of it lives, or may not be stored yet."""
    leg = and_(LegRecord.pbx_id == Originate.pbx_id, LegRecord.uniqueid == Originate.channel_id)
    return and_(
        Originate.state != OriginateState.REFUSED,
        Originate.claimed_at > now - LONGEST,
        or_(
            exists().where(leg, LegRecord.ended_at.is_(None)),
            and_(Originate.claimed_at > now - UNSEEN_FOR, ~exists().where(leg)),
        ),
    )


async def by_key(session: AsyncSession, key: str, *, user_id: UUID) -> Originate:
    """Return what the user placed with this key; raises NotFound."""
    query = select(Originate).where(Originate.key == key, Originate.user_id == user_id)
    row = await session.scalar(query)
    if row is None:
        raise NotFound("originate", key)
    return row


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
