"""How far each PBX's journal is told in the tables: a crash loses nothing that stands after it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Every message up to number `n`, heard at `heard_at`, is told in the tables.

    Calls that were up then are told whole from number `first` on. Another `journal` counts on its
    own: in it, the moment counts and not the number.
    """

    pbx_id: UUID
    journal: UUID
    n: int
    heard_at: datetime
    first: int
    first_at: datetime


class PositionRecord(Base):
    """One row for each PBX, written in the transaction that stores its calls."""

    __tablename__ = "positions"

    pbx_id: Mapped[UUID] = mapped_column(
        ForeignKey("pbxs.id", ondelete="CASCADE"), primary_key=True
    )
    journal: Mapped[UUID]
    n: Mapped[int] = mapped_column(BigInteger)
    heard_at: Mapped[datetime]  # by our clock
    first: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime]


async def of(session: AsyncSession, pbx_id: UUID) -> Position | None:
    """How far the PBX's calls are stored; None where nothing was ever heard of it."""
    row = await session.get(PositionRecord, pbx_id, populate_existing=True)
    return None if row is None else _position(row)


async def listed(session: AsyncSession) -> Sequence[Position]:
    """How far the calls of every PBX are stored, the one that was heard last first."""
    query = select(PositionRecord).order_by(PositionRecord.heard_at.desc())
    return [_position(row) for row in await session.scalars(query)]


async def put(session: AsyncSession, positions: Iterable[Position]) -> None:
    """Say how far calls are stored. No audit row: no act, and several a second."""
    rows = [asdict(position) for position in positions]
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    adding = insert(PositionRecord)
    newer = {name: adding.excluded[name] for name in rows[0] if name != "pbx_id"}
    await session.execute(adding.on_conflict_do_update(index_elements=["pbx_id"], set_=newer), rows)


def _position(row: PositionRecord) -> Position:
    return Position(
        pbx_id=row.pbx_id,
        journal=row.journal,
        n=row.n,
        heard_at=row.heard_at,
        first=row.first,
        first_at=row.first_at,
    )
