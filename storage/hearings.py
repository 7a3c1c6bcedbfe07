"""Until when we are known to have heard each PBX: what came after is a gap, should we stop now."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Hearing(Base):
    """One row for each PBX, renewed every few seconds while its link is up, also in the night."""

    __tablename__ = "hearings"

    pbx_id: Mapped[UUID] = mapped_column(
        ForeignKey("pbxs.id", ondelete="CASCADE"), primary_key=True
    )
    until: Mapped[datetime]


async def until(session: AsyncSession, pbx_id: UUID) -> datetime | None:
    """Until when we heard the PBX; None where we never did."""
    row = await session.get(Hearing, pbx_id, populate_existing=True)
    return row.until if row else None


async def renew(session: AsyncSession, pbx_ids: Iterable[UUID], *, at: datetime) -> None:
    """Their links are up at this moment. No audit row: no act, and many a minute."""
    rows = [{"pbx_id": key, "until": at} for key in pbx_ids]
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    adding = insert(Hearing)
    statement = adding.on_conflict_do_update(
        index_elements=["pbx_id"], set_={"until": adding.excluded.until}
    )
    await session.execute(statement, rows)
