"""What is played of each recording: made of it once, in a form that every browser plays.

A recording has one whole rendition, and one more for each set of windows that somebody is not to
hear; what lies on the shelf for a recording is told by `storage.shelved`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit, custody
from storage.database import Base
from storage.errors import NotFound
from storage.recordings import AUDIBLE, Recording
from storage.rules.custody import Act
from storage.rules.withheld import Window

WHOLE = ""  # the mark of a rendition without silenced windows


class RenditionState(StrEnum):
    """Whether it could be made."""

    READY = "ready"
    FAILED = "failed"


class Rendition(Base):
    """Opus and waveform of a recording."""

    __tablename__ = "renditions"
    __table_args__ = (UniqueConstraint("recording_id", "mark"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    mark: Mapped[str] = mapped_column(String(32), default=WHOLE)  # of the windows in silence
    state: Mapped[RenditionState]
    cause: Mapped[str] = mapped_column(String(200), default="")  # a sentence, where it failed
    shelf_key: Mapped[str | None] = mapped_column(String(120))
    waveform_key: Mapped[str | None] = mapped_column(String(120))
    size: Mapped[int | None]  # bytes
    seconds: Mapped[float | None]
    channels: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    # of the whole one: {"windows": [[begins, ends]]}, where nobody spoke
    silences: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)

    @property
    def silent(self) -> tuple[Window, ...]:
        """Where nobody spoke, in seconds; storage.rules.silences says which are kept."""
        return tuple(Window(begins, ends) for begins, ends in self.silences.get("windows", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A rendition that is safely on the shelf."""

    shelf_key: str
    waveform_key: str
    size: int  # bytes
    seconds: float
    channels: int
    sha256: str
    silences: tuple[Window, ...] = ()


async def find(session: AsyncSession, recording_id: UUID, mark: str = WHOLE) -> Rendition | None:
    """The rendition with these windows silenced; None where it is not made yet."""
    query = select(Rendition).where(Rendition.recording_id == recording_id, Rendition.mark == mark)
    found: Rendition | None = await session.scalar(query)
    return found


async def keep(
    session: AsyncSession, recording_id: UUID, mark: str, made: Made, *, now: datetime
) -> Rendition:
    """Remember what was made of a recording; raises NotFound where it was deleted meanwhile."""
    recording = await session.get(Recording, recording_id, with_for_update=True)
    if recording is None or not recording.is_audible:
        raise NotFound("recording", recording_id)
    row = Rendition(
        id=uuid7(now), recording_id=recording_id, mark=mark, state=RenditionState.READY,
        shelf_key=made.shelf_key, waveform_key=made.waveform_key, size=made.size,
        seconds=made.seconds, channels=made.channels, sha256=made.sha256, created_at=now,
        silences={"windows": [[one.begins, one.ends] for one in made.silences]},
    )  # fmt: skip
    session.add(row)
    await session.flush()
    audit.record(
        session, "recording.transcoded", by=audit.SYSTEM, key=recording_id,
        rendition=str(row.id), sha256=made.sha256, silenced=bool(mark),
    )  # fmt: skip
    await custody.append(
        session, Act.TRANSCODED, recording_id=recording_id, call_id=recording.call_id,
        sha256=recording.sha256 or "", by=audit.SYSTEM, key=made.shelf_key, form=made.sha256,
    )  # fmt: skip
    return row


async def give_up(
    session: AsyncSession, recording_id: UUID, mark: str, cause: str, *, now: datetime
) -> Rendition:
    """Remember that nothing can be made of a recording, and why."""
    row = Rendition(
        id=uuid7(now), recording_id=recording_id, mark=mark, state=RenditionState.FAILED,
        cause=cause, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def forget_failed(session: AsyncSession) -> int:
    """Let those be tried again that could not be made; gives how many recordings these are."""
    failed = delete(Rendition).where(Rendition.state == RenditionState.FAILED)
    return len((await session.scalars(failed.returning(Rendition.id))).all())


async def waiting(session: AsyncSession, *, limit: int) -> Sequence[UUID]:
    """The newest recordings of which nothing was made yet."""
    made = exists().where(Rendition.recording_id == Recording.id, Rendition.mark == WHOLE)
    query = (
        select(Recording.id)
        .where(Recording.state.in_(AUDIBLE), Recording.shelf_key.is_not(None), ~made)
        .order_by(Recording.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def replace_original(session: AsyncSession, recording_id: UUID, rendition: Rendition) -> str:
    """The recording is its whole rendition from now on; gives the key of the file that may go."""
    recording = await session.get_one(Recording, recording_id)
    old = recording.shelf_key or ""
    was = recording.sha256
    recording.shelf_key = rendition.shelf_key
    recording.size, recording.sha256 = rendition.size, rendition.sha256
    recording.media_type = "audio/ogg"
    audit.record(
        session, "recording.replaced", by=audit.SYSTEM, key=recording_id,
        was=was, sha256=rendition.sha256,
    )  # fmt: skip
    await custody.append(
        session, Act.REPLACED, recording_id=recording_id, call_id=recording.call_id,
        sha256=rendition.sha256 or "", by=audit.SYSTEM, key=rendition.shelf_key or "",
        was=was or "",
    )  # fmt: skip
    return old
