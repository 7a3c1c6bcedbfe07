"""Supervisors in calls that go on: who listened to whom, how, from when to when by the PBX's clock.

A row is one mode in one call: who goes on from listening to speaking has two. It holds ids only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, String, exists, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.rules.supervisions import Mode
from storage.users import User

CHANNEL = "ringbook-listen-"  # how the uniqueids of supervisors' legs begin
WHY_LENGTH = 200


class Supervision(Base):
    """One supervisor in one call, in one mode."""

    __tablename__ = "supervisions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(120), unique=True)  # of the click
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[str] = mapped_column(String(150), index=True)  # the supervisor's uniqueid
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    extension: Mapped[str] = mapped_column(String(20))  # of the supervisor
    call_id: Mapped[UUID] = mapped_column(index=True)  # it may not be stored yet
    leg: Mapped[str] = mapped_column(String(150))  # the agent's uniqueid
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    agent_extension: Mapped[str] = mapped_column(String(20))
    mode: Mapped[Mode | None]  # None: begun by keys of a phone, which the PBX does not tell
    shown: Mapped[bool]  # the agent's card told it
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]  # None: the phone was not lifted
    ended_at: Mapped[datetime | None]
    end_heard: Mapped[bool] = mapped_column(default=True, server_default=true())
    why: Mapped[str | None] = mapped_column(String(WHY_LENGTH))  # what the PBX refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who wants to be in which call; the same `key` is the same click."""

    key: str | None
    pbx_id: UUID
    channel_id: str  # of a leg that is up, "" for one to be made
    user_id: UUID | None
    extension: str
    call_id: UUID
    leg: str
    agent_id: UUID | None
    agent_extension: str
    mode: Mode | None
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A supervision with the names that a list shows."""

    row: Supervision
    by: str | None
    agent: str | None


async def claim(
    session: AsyncSession, order: Order, *, now: datetime, key: UUID | None = None
) -> tuple[Supervision, bool]:
    """Return the supervision of this click, and whether it is the caller's to begin.

    `key` is the id of the row, where it is known already.
    """
    key = key or uuid7(now)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    claiming = (
        insert(Supervision)
        .values(
            id=key,
            key=order.key,
            pbx_id=order.pbx_id,
            channel_id=order.channel_id or f"{CHANNEL}{key.hex}",
            user_id=order.user_id,
            extension=order.extension,
            call_id=order.call_id,
            leg=order.leg,
            agent_id=order.agent_id,
            agent_extension=order.agent_extension,
            mode=order.mode,
            shown=order.shown,
            asked_at=now,
            end_heard=True,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Supervision.id)
    )
    is_first = await session.scalar(claiming) is not None
    if is_first:
        audit.record(session, "supervision.asked", by=order.user_id, key=key, **_details(order))
    found = Supervision.id == key if is_first else Supervision.key == order.key
    return (await session.scalars(select(Supervision).where(found))).one(), is_first


def _details(order: Order) -> dict[str, object]:
    return {
        "call": str(order.call_id),
        "agent": str(order.agent_id) if order.agent_id else None,
        "extension": order.agent_extension,
        "mode": order.mode.value if order.mode else None,
        "shown": order.shown,
    }


async def began(session: AsyncSession, key: UUID, at: datetime) -> None:
    """Say that the PBX began it at `at`, by its own clock."""
    row = await session.get(Supervision, key)
    if row is not None and row.started_at is None:
        row.started_at = at
        audit.record(
            session, "supervision.began", by=row.user_id, key=key, at=at.isoformat(),
            call=str(row.call_id), mode=row.mode.value if row.mode else None,
        )  # fmt: skip


async def ended(
    session: AsyncSession, key: UUID, at: datetime, *, heard: bool = True, why: str | None = None
) -> None:
    """Say that it is over since `at`; `heard`: the PBX said so; `why`: what it refused."""
    row = await session.get(Supervision, key)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = max(at, row.started_at or at)
    row.end_heard, row.why = heard, why[:WHY_LENGTH] if why else None
    audit.record(
        session, "supervision.ended", by=row.user_id, key=key, at=row.ended_at.isoformat(),
        call=str(row.call_id), mode=row.mode.value if row.mode else None, heard=heard,
    )  # fmt: skip


async def unended(session: AsyncSession) -> Sequence[Supervision]:
    """What is not over as far as is stored, oldest first."""
    query = select(Supervision).where(Supervision.ended_at.is_(None)).order_by(Supervision.id)
    return (await session.scalars(query)).all()


async def of_call(session: AsyncSession, call_id: UUID) -> Sequence[Line]:
    """Who was in the call to supervise it, oldest first; no phone that nobody lifted."""
    by, agent = aliased(User), aliased(User)
    query = (
        select(Supervision, by.name, agent.name)
        .outerjoin(by, by.id == Supervision.user_id)
        .outerjoin(agent, agent.id == Supervision.agent_id)
        .where(Supervision.call_id == call_id, Supervision.started_at.is_not(None))
        .order_by(Supervision.started_at, Supervision.id)
    )
    return [Line(row=row[0], by=row[1], agent=row[2]) for row in await session.execute(query)]


def is_of(uniqueid: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a leg is a supervisor's, by its uniqueid."""
    return exists().where(Supervision.channel_id == uniqueid)
