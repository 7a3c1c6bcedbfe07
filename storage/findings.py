"""Findings: where our calls and the PBX's own books do not agree; mended, ignored or still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import derived_uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound

PAGE = 50
LONGEST = 400  # characters of what either side says


class FindingState(StrEnum):
    """What became of a difference."""

    OPEN = "open"
    MENDED = "mended"  # the call was told anew, or agrees by itself now
    IGNORED = "ignored"  # a person looked and said so


class Finding(Base):
    """One difference; the same difference found again is the same row."""

    __tablename__ = "findings"
    __table_args__ = (Index(None, "state", "at"), Index(None, "pbx_id", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(24))  # pbx_bridge.books.FindingKind, as its word
    call_id: Mapped[UUID | None] = mapped_column(index=True)  # no foreign key: it may be joined
    linkedid: Mapped[str] = mapped_column(String(150))
    at: Mapped[datetime]  # when the call began
    said: Mapped[str] = mapped_column(String(LONGEST))  # what we tell
    books: Mapped[str] = mapped_column(String(LONGEST))  # what they tell
    state: Mapped[FindingState]
    found_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]  # None where nobody had to


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A difference as it was found."""

    kind: str
    call_id: UUID | None
    linkedid: str
    at: datetime
    said: str
    books: str

    def key(self, pbx_id: UUID) -> UUID:
        """The id of this difference, each time it is found."""
        return derived_uuid7(self.at, pbx_id, self.kind, self.linkedid, self.said, self.books)


async def note(
    session: AsyncSession, pbx_id: UUID, found: Iterable[Found], *, at: datetime
) -> Sequence[Finding]:
    """Keep what was found, and give its rows; one that was mended before is open again."""
    by_key = {one.key(pbx_id): one for one in found}
    rows = {row.id: row for row in await session.scalars(_of(by_key))}
    for key, one in by_key.items():
        row = rows.get(key)
        if row is None:
            row = rows[key] = Finding(
                id=key, pbx_id=pbx_id, kind=one.kind, linkedid=one.linkedid[:150], at=one.at,
                said=one.said[:LONGEST], books=one.books[:LONGEST], state=FindingState.OPEN,
                found_at=at,
            )  # fmt: skip
            session.add(row)
        elif row.state is FindingState.MENDED:
            row.state, row.closed_at, row.closed_by = FindingState.OPEN, None, None
        row.call_id = one.call_id
    await session.flush()
    return [rows[key] for key in by_key]


async def mended(session: AsyncSession, keys: Iterable[UUID], *, at: datetime) -> int:
    """These differences are no more; gives how many were open."""
    rows = [row for row in await session.scalars(_of(keys)) if row.state is FindingState.OPEN]
    for row in rows:
        row.state, row.closed_at = FindingState.MENDED, at
    await session.flush()
    return len(rows)


async def open_within(
    session: AsyncSession, pbx_id: UUID, *, since: datetime, until: datetime
) -> Sequence[Finding]:
    """Open differences of calls that began in the period."""
    query = select(Finding).where(
        Finding.pbx_id == pbx_id,
        Finding.state == FindingState.OPEN,
        Finding.at >= since,
        Finding.at < until,
    )
    return (await session.scalars(query)).all()


async def ignore(session: AsyncSession, key: UUID, *, at: datetime, by: UUID | None) -> None:
    """A person looked at the difference and leaves it; NotFound where there is none."""
    row = await get(session, key)
    if row.state is FindingState.OPEN:
        row.state, row.closed_at, row.closed_by = FindingState.IGNORED, at, by
        audit.record(session, "finding.ignored", by=by, key=key)


async def get(session: AsyncSession, key: UUID) -> Finding:
    """The finding; raises NotFound."""
    row = await session.get(Finding, key)
    if row is None:
        raise NotFound("finding", key)
    return row


async def listed(
    session: AsyncSession,
    *,
    state: FindingState | None = FindingState.OPEN,
    older_than: UUID | None = None,
    limit: int = PAGE,
) -> Sequence[Finding]:
    """Differences in this state (None: in any), of the newest calls first."""
    query = select(Finding).order_by(Finding.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Finding.state == state)
    if older_than is not None:
        query = query.where(Finding.id < older_than)
    return (await session.scalars(query)).all()


async def count(session: AsyncSession, *, state: FindingState = FindingState.OPEN) -> int:
    """How many differences are in this state."""
    query = select(func.count()).select_from(Finding).where(Finding.state == state)
    return await session.scalar(query) or 0


def _of(keys: Iterable[UUID]) -> Select[Finding]:
    return select(Finding).where(Finding.id.in_(list(keys)))
