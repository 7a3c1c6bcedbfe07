"""Softphones: the SIP accounts with which agents telephone in the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.agents
from storage import audit
from storage.agents import Agent
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.pbxs import Pbx
from storage.rules.softphones import host_of
from storage.secrets import SecretBox


class Softphone(Base):
    """The SIP account of an agent's phone; its password is encrypted as a PBX's secret is."""

    __tablename__ = "softphones"

    agent_id: Mapped[UUID] = mapped_column(
        ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True
    )
    account: Mapped[str] = mapped_column(String(80))
    secret: Mapped[str] = mapped_column(String(512))  # Fernet token
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A softphone that a user can register: where it is, without its password."""

    agent_id: UUID
    pbx_id: UUID
    pbx: str
    extension: str
    url: str
    account: str

    @property
    def address(self) -> str:
        """The SIP address that registers, without `sip:`."""
        return f"{self.account}@{host_of(self.url)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A line with its password: for the signed-in page of its agent alone."""

    line: Line
    password: str = field(repr=False)


async def accounts(session: AsyncSession) -> Mapping[UUID, str]:
    """The SIP account of every agent who has a softphone, by the agent's key."""
    rows = await session.execute(select(Softphone.agent_id, Softphone.account))
    return {row.agent_id: row.account for row in rows}


async def keep(
    session: AsyncSession,
    agent_id: UUID,
    *,
    account: str = "",
    password: str | None,
    secrets: SecretBox,
    now: datetime,
    by: UUID | None,
) -> None:
    """Give the phone an account, its device's name unless said; no `password` keeps what is stored.

    Raises NotFound, and Refused where there is no password yet.
    """
    agent = await storage.agents.get(session, agent_id)
    account = account or agent.interface.partition("/")[2]
    softphone = await session.get(Softphone, agent_id)
    if softphone is None and not password:
        raise Refused("a softphone needs the password of its SIP account")
    if softphone is None:
        softphone = Softphone(agent_id=agent_id, account="", secret="", created_at=now)
        session.add(softphone)
    changed = ["account"] if softphone.account != account else []
    softphone.account = account
    if password:
        softphone.secret = secrets.close(password)
        changed.append("secret")
    await session.flush()
    audit.record(session, "softphone.kept", by=by, key=agent_id, fields=changed)


async def remove(session: AsyncSession, agent_id: UUID, *, by: UUID | None) -> None:
    """Take the softphone away from the phone; raises NotFound."""
    softphone = await session.get(Softphone, agent_id)
    if softphone is None:
        raise NotFound("softphone", agent_id)
    audit.record(session, "softphone.removed", by=by, key=agent_id)
    await session.delete(softphone)


async def line_of(session: AsyncSession, user_id: UUID) -> Line | None:
    """The user's softphone: the first whose PBX is listened to and has an address for it."""
    row = await _row_of(session, user_id)
    return None if row is None else _line(*row)


async def register(session: AsyncSession, user_id: UUID, *, secrets: SecretBox) -> Registration:
    """Give the user's own line with its password; each time is audited. Raises NotFound."""
    row = await _row_of(session, user_id)
    if row is None:
        raise NotFound("softphone", user_id)
    softphone, agent, pbx = row
    audit.record(session, "softphone.password_given", by=user_id, key=agent.id)
    return Registration(line=_line(softphone, agent, pbx), password=secrets.open(softphone.secret))


async def _row_of(session: AsyncSession, user_id: UUID) -> tuple[Softphone, Agent, Pbx] | None:
    query = (
        select(Softphone, Agent, Pbx)
        .join(Agent, Agent.id == Softphone.agent_id)
        .join(Pbx, Pbx.id == Agent.pbx_id)
        .where(Agent.user_id == user_id, Pbx.enabled, Pbx.softphone_url.is_not(None))
        .order_by(Pbx.name, Agent.extension)
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return None if found is None else (found[0], found[1], found[2])


def _line(softphone: Softphone, agent: Agent, pbx: Pbx) -> Line:
    return Line(
        agent_id=agent.id,
        pbx_id=pbx.id,
        pbx=pbx.name,
        extension=agent.extension,
        url=pbx.softphone_url or "",
        account=softphone.account,
    )
