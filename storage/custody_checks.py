"""Whether the chain of custody held when it was last looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.custody import CustodyEntry
from storage.database import Base
from storage.recordings import Recording
from storage.rules.custody import Act, Break, Broken


class CustodyCheck(Base):
    """One look at the whole chain; `files` is how many were read, None where none were."""

    __tablename__ = "custody_checks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    entries: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))  # of the last entry
    files: Mapped[int | None]
    broken: Mapped[Break | None]
    broken_number: Mapped[int | None]
    recording_id: Mapped[UUID | None]


async def note(
    session: AsyncSession, *, entries: int, head: str, files: int | None, broken: Broken | None,
    now: datetime,
) -> CustodyCheck:  # fmt: skip
    """Keep what a check found."""
    check = CustodyCheck(
        id=uuid7(now), at=now, entries=entries, hash=head, files=files,
        broken=broken.what if broken else None, broken_number=broken.number if broken else None,
        recording_id=broken.recording_id if broken else None,
    )  # fmt: skip
    session.add(check)
    result = broken.what.value if broken else "good"
    audit.record(session, "custody.checked", by=audit.SYSTEM, key=check.id, result=result)
    return check


async def last(session: AsyncSession) -> CustodyCheck | None:
    """The latest check, None where there was none."""
    found: CustodyCheck | None = await session.scalar(
        select(CustodyCheck).order_by(CustodyCheck.id.desc()).limit(1)
    )
    return found


async def shelved(session: AsyncSession) -> dict[UUID, tuple[str, str]]:
    """What the base says is on the shelf: recording to its key and hash."""
    query = select(Recording.id, Recording.shelf_key, Recording.sha256).where(
        Recording.shelf_key.is_not(None)
    )
    return {row.id: (row.shelf_key, row.sha256 or "") for row in await session.execute(query)}


async def key_of(session: AsyncSession, recording_id: UUID) -> str | None:
    """Under which key the recording is on the shelf now."""
    query = select(Recording.shelf_key).where(Recording.id == recording_id)
    key: str | None = await session.scalar(query)
    return key


async def of_call(session: AsyncSession, call_id: UUID) -> list[CustodyEntry]:
    """What happened to the recordings of a call but what stored them, the newest act first."""
    query = select(CustodyEntry).where(
        CustodyEntry.call_id == call_id, CustodyEntry.act != Act.STORED
    )
    return list(await session.scalars(query.order_by(CustodyEntry.number.desc())))
