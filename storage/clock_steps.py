"""When each PBX's clock went back last: what it dated about then may be out of order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class ClockStep(Base):
    """One row for each PBX: its last step, in seconds, and when we noticed it by our clock."""

    __tablename__ = "clock_steps"

    pbx_id: Mapped[UUID] = mapped_column(
        ForeignKey("pbxs.id", ondelete="CASCADE"), primary_key=True
    )
    seconds: Mapped[float]
    noticed_at: Mapped[datetime]


async def note(session: AsyncSession, pbx_id: UUID, *, seconds: float, at: datetime) -> None:
    """The PBX's clock went back. No audit row: nobody's act."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"pbx_id": pbx_id, "seconds": seconds, "noticed_at": at}
    adding = insert(ClockStep).values(row)
    newer = {"seconds": adding.excluded.seconds, "noticed_at": adding.excluded.noticed_at}
    await session.execute(adding.on_conflict_do_update(index_elements=["pbx_id"], set_=newer))


async def of(session: AsyncSession, pbx_id: UUID) -> ClockStep | None:
    """The last step of the PBX's clock; None where none was noticed."""
    return await session.get(ClockStep, pbx_id, populate_existing=True)
