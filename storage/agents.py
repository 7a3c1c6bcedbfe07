"""Agents: which user sits at which phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.pbxs
import storage.users
from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound
from storage.pbxs import Pbx
from storage.users import User


class Agent(Base):
    """A user at an extension of a PBX. One phone has one agent at a time."""

    __tablename__ = "agents"
    __table_args__ = (
        UniqueConstraint("pbx_id", "extension"),
        UniqueConstraint("pbx_id", "interface"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    extension: Mapped[str] = mapped_column(String(20))  # 101
    interface: Mapped[str] = mapped_column(String(80))  # PJSIP/101
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """Who sits at a phone now, for the bridge."""

    pbx_id: UUID
    interface: str
    extension: str
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An agent with the names a list shows."""

    agent: Agent
    user: User
    pbx: Pbx


async def phones(session: AsyncSession) -> Sequence[Phone]:
    """Every phone with an agent who may log in, by PBX and extension."""
    query = (
        select(Agent)
        .join(User, User.id == Agent.user_id)
        .where(User.active)
        .order_by(Agent.pbx_id, Agent.extension)
    )
    return [
        Phone(
            pbx_id=agent.pbx_id,
            interface=agent.interface,
            extension=agent.extension,
            user_id=agent.user_id,
        )
        for agent in await session.scalars(query)
    ]


async def seats(session: AsyncSession) -> Sequence[Seat]:
    """Every phone with its agent's and its PBX's names."""
    query = (
        select(Agent, User, Pbx)
        .join(User, User.id == Agent.user_id)
        .join(Pbx, Pbx.id == Agent.pbx_id)
        .order_by(Pbx.name, Agent.extension)
    )
    return [Seat(agent=row[0], user=row[1], pbx=row[2]) for row in await session.execute(query)]


async def get(session: AsyncSession, key: UUID) -> Agent:
    """The agent; raises NotFound."""
    agent = await session.get(Agent, key)
    if agent is None:
        raise NotFound("agent", key)
    return agent


async def create(
    session: AsyncSession,
    *,
    user_id: UUID,
    pbx_id: UUID,
    extension: str,
    interface: str = "",
    now: datetime,
    by: UUID | None,
) -> Agent:
    """Seat a user at a phone, PJSIP/<extension> unless named; Conflict where it is taken."""
    interface = interface or f"PJSIP/{extension}"
    await _refuse_unknown(session, user_id, pbx_id)
    await _refuse_taken(session, pbx_id, extension, interface)
    agent = Agent(
        id=uuid7(now),
        user_id=user_id,
        pbx_id=pbx_id,
        extension=extension,
        interface=interface,
        created_at=now,
    )
    session.add(agent)
    await session.flush()
    audit.record(session, "agent.seated", by=by, key=agent.id, user=str(user_id), pbx=str(pbx_id))
    return agent


async def change(
    session: AsyncSession,
    key: UUID,
    *,
    user_id: UUID,
    pbx_id: UUID,
    extension: str,
    interface: str = "",
    by: UUID | None,
) -> None:
    """Seat another user at the phone, or name the phone otherwise; raises Conflict as `create`."""
    agent = await get(session, key)
    interface = interface or f"PJSIP/{extension}"
    await _refuse_unknown(session, user_id, pbx_id)
    await _refuse_taken(session, pbx_id, extension, interface, but=key)
    agent.user_id, agent.pbx_id = user_id, pbx_id
    agent.extension, agent.interface = extension, interface
    audit.record(session, "agent.changed", by=by, key=key, user=str(user_id), pbx=str(pbx_id))


async def remove(session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
    """Take the user away from the phone."""
    agent = await get(session, key)
    audit.record(session, "agent.removed", by=by, key=key, user=str(agent.user_id))
    await session.delete(agent)


async def _refuse_unknown(session: AsyncSession, user_id: UUID, pbx_id: UUID) -> None:
    await storage.users.get(session, user_id)
    await storage.pbxs.get(session, pbx_id)


async def _refuse_taken(
    session: AsyncSession, pbx_id: UUID, extension: str, interface: str, *, but: UUID | None = None
) -> None:
    query = (
        select(Agent.id, Agent.extension, User.name)
        .join(User, User.id == Agent.user_id)
        .where(
            Agent.pbx_id == pbx_id,
            or_(Agent.extension == extension, Agent.interface == interface),
        )
    )
    for row in await session.execute(query):
        if row.id != but:
            if row.extension == extension:
                raise Conflict("this extension is taken: {name} sits there", name=row.name)
            raise Conflict("this device is taken: {name} sits there", name=row.name)
