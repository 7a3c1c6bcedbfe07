"""Files of a PBX's recordings folder of which no call tells: found, taken into a call, or left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.recordings import Recording

PAGE = 50


class SpoolFileState(StrEnum):
    """What became of a file."""

    ORPHAN = "orphan"  # no call tells of it
    TAKEN = "taken"  # a person took it into a call
    LEFT = "left"  # a person said that it belongs to no call
    GONE = "gone"  # it is not there any more
    MAPPED = "mapped"  # a call that was told later names it


class SpoolFile(Base):
    """A file that a scan found and no recording names; `path` is beneath the PBX's folder."""

    __tablename__ = "spool_files"
    __table_args__ = (UniqueConstraint("pbx_id", "path"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(512))
    state: Mapped[SpoolFileState] = mapped_column(index=True)
    cause: Mapped[str] = mapped_column(String(200))  # a sentence
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    seconds: Mapped[float | None]
    changed_at: Mapped[datetime]
    first_seen_at: Mapped[datetime]
    call_id: Mapped[UUID | None]  # the call that its name speaks for, or that has it now
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))  # of whoever left it


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file as a scan saw it."""

    path: str
    cause: str
    size: int
    seconds: float | None
    changed_at: datetime
    call_id: UUID | None = None


async def get(session: AsyncSession, key: UUID) -> SpoolFile:
    """The file; raises NotFound."""
    file = await session.get(SpoolFile, key)
    if file is None:
        raise NotFound("file", key)
    return file


async def known(session: AsyncSession, pbx_id: UUID) -> dict[str, SpoolFile]:
    """Every file of the PBX that was ever listed, by path."""
    query = select(SpoolFile).where(SpoolFile.pbx_id == pbx_id)
    return {file.path: file for file in await session.scalars(query)}


async def found(session: AsyncSession, pbx_id: UUID, seen: Seen, *, now: datetime) -> bool:
    """List a file of which no call tells; gives whether it is new. One that a person left stays."""
    query = select(SpoolFile).where(SpoolFile.pbx_id == pbx_id, SpoolFile.path == seen.path)
    file = await session.scalar(query)
    if file is None:
        session.add(
            SpoolFile(
                id=uuid7(now), pbx_id=pbx_id, path=seen.path, state=SpoolFileState.ORPHAN,
                cause=seen.cause[:200], size=seen.size, seconds=seen.seconds,
                changed_at=seen.changed_at, first_seen_at=now, call_id=seen.call_id,
            )
        )  # fmt: skip
        return True
    if file.state in {SpoolFileState.LEFT, SpoolFileState.TAKEN}:
        return False
    file.state, file.closed_at, file.cause = SpoolFileState.ORPHAN, None, seen.cause[:200]
    file.size, file.seconds, file.changed_at = seen.size, seen.seconds, seen.changed_at
    file.call_id = seen.call_id
    return False


def close(file: SpoolFile, state: SpoolFileState, *, now: datetime) -> None:
    """The file is listed no more: it is gone, or a call names it now."""
    file.state, file.closed_at = state, now


async def take(
    session: AsyncSession, key: UUID, call_id: UUID, path_there: str, *, by: UUID, now: datetime
) -> Recording:
    """Make the file a recording of the call, to be fetched; Refused where it is one already."""
    file = await get(session, key)
    if file.state is not SpoolFileState.ORPHAN:
        raise Refused("this file is listed no more")
    recording = Recording(
        id=uuid7(now), call_id=call_id, path_there=path_there, created_at=now, cause=""
    )
    session.add(recording)
    file.state, file.call_id, file.closed_at = SpoolFileState.TAKEN, call_id, now
    audit.record(
        session, "recording.taken", by=by, key=recording.id, call=str(call_id), file=str(key)
    )
    return recording


async def leave(session: AsyncSession, key: UUID, reason: str, *, by: UUID, now: datetime) -> None:
    """Say that the file belongs to no call, and why; it stays where it is."""
    file = await get(session, key)
    if file.state is not SpoolFileState.ORPHAN:
        raise Refused("this file is listed no more")
    if not reason.strip():
        raise Refused("say why")
    file.state, file.reason, file.closed_at = SpoolFileState.LEFT, reason.strip()[:200], now
    audit.record(session, "spool_file.left", by=by, key=key)


async def orphans(
    session: AsyncSession, *, older_than: UUID | None = None, limit: int = PAGE
) -> Sequence[SpoolFile]:
    """Files of which no call tells, found last first."""
    query = (
        select(SpoolFile)
        .where(SpoolFile.state == SpoolFileState.ORPHAN)
        .order_by(SpoolFile.id.desc())
        .limit(limit)
    )
    if older_than is not None:
        query = query.where(SpoolFile.id < older_than)
    return (await session.scalars(query)).all()


async def count(session: AsyncSession) -> int:
    """How many files there are of which no call tells."""
    query = select(func.count()).where(SpoolFile.state == SpoolFileState.ORPHAN)
    return await session.scalar(query) or 0
