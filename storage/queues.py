"""Queues, as the PBX names them and as people call them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, false, func, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.rules.supervisions import Disclosure

LONGEST = 80  # characters of a name
LONGEST_WRAP_UP = 3600  # seconds
PAUSE_SECONDS = 180  # of a recording, unless somebody chose
SHORTEST_PAUSE, LONGEST_PAUSE = 5, 3600


class Queue(Base):
    """A queue of a PBX; it is added by itself when its first call comes."""

    __tablename__ = "queues"
    __table_args__ = (UniqueConstraint("pbx_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST))  # as in queues.conf
    label: Mapped[str] = mapped_column(String(LONGEST))  # as people say it
    outcome_required: Mapped[bool] = mapped_column(default=True, server_default=true())
    wrap_up_seconds: Mapped[int] = mapped_column(default=0, server_default="0")  # after each call
    wrap_up_pauses: Mapped[bool] = mapped_column(default=False, server_default=false())  # by us
    agents_log_in: Mapped[bool] = mapped_column(default=False, server_default=false())
    pause_seconds: Mapped[int] = mapped_column(  # of a recording, at most
        default=PAUSE_SECONDS, server_default=str(PAUSE_SECONDS)
    )
    supervision: Mapped[Disclosure | None]  # before what the agent's teams say; None: they say it


async def listed(session: AsyncSession) -> Sequence[Queue]:
    """Every queue, by label."""
    return (await session.scalars(select(Queue).order_by(func.lower(Queue.label), Queue.id))).all()


async def get(session: AsyncSession, key: UUID) -> Queue:
    """The queue; raises NotFound."""
    queue = await session.get(Queue, key)
    if queue is None:
        raise NotFound("queue", key)
    return queue


async def named(session: AsyncSession, pbx_id: UUID, name: str | None) -> Queue | None:
    """The queue that the PBX names so, or None."""
    query = select(Queue).where(Queue.pbx_id == pbx_id, Queue.name == (name or ""))
    queue: Queue | None = await session.scalar(query)
    return queue


async def ensure(session: AsyncSession, pbx_id: UUID, name: str) -> Queue:
    """The queue the PBX names so; it is added where this is its first call, by whoever is first."""
    name = name[:LONGEST]
    found = select(Queue).where(Queue.pbx_id == pbx_id, Queue.name == name)
    queue = await session.scalar(found)
    if queue is not None:
        return queue
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    key = uuid7(datetime.now(UTC))
    added = await session.execute(
        insert(Queue)
        .values(id=key, pbx_id=pbx_id, name=name, label=name)
        .on_conflict_do_nothing(index_elements=["pbx_id", "name"])
        .returning(Queue.id)
    )
    if added.first() is not None:
        audit.record(session, "queue.created", by=audit.SYSTEM, key=key, pbx=str(pbx_id))
    return (await session.scalars(found)).one()


async def rename(session: AsyncSession, key: UUID, label: str, *, by: UUID | None) -> None:
    """Choose what people call the queue; empty means as the PBX does."""
    queue = await get(session, key)
    queue.label = label.strip()[:LONGEST] or queue.name
    audit.record(session, "queue.renamed", by=by, key=key)


async def arrange(
    session: AsyncSession,
    key: UUID,
    *,
    wrap_up_seconds: int,
    wrap_up_pauses: bool,
    agents_log_in: bool,
    pause_seconds: int = PAUSE_SECONDS,
    supervision: Disclosure | None = None,
    by: UUID | None,
) -> None:
    """Choose how agents wrap up, log in, are told of supervisors, and how long a pause lasts."""
    if not 0 <= wrap_up_seconds <= LONGEST_WRAP_UP:
        raise Refused("a wrap-up lasts {most} seconds at most", most=LONGEST_WRAP_UP)
    if not SHORTEST_PAUSE <= pause_seconds <= LONGEST_PAUSE:
        raise Refused(
            "a pause of a recording lasts {least} to {most} seconds",
            least=SHORTEST_PAUSE, most=LONGEST_PAUSE,
        )  # fmt: skip
    queue = await get(session, key)
    queue.wrap_up_seconds, queue.wrap_up_pauses = wrap_up_seconds, wrap_up_pauses
    queue.agents_log_in, queue.pause_seconds = agents_log_in, pause_seconds
    queue.supervision = supervision
    audit.record(
        session, "queue.arranged", by=by, key=key, seconds=wrap_up_seconds, pauses=wrap_up_pauses,
        log_in=agents_log_in, recording_pause=pause_seconds,
        supervision=supervision.value if supervision else None,
    )  # fmt: skip
