"""What was said in recordings, found by words: the text for searching here, the words on the shelf.

SQLite searches by FTS5, PostgreSQL by tsvector ('simple'); both see words folded by us, so that
case and accents count on neither. The words with their times lie sealed on the shelf.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, JSON, ForeignKey, String, Text, event, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import audit, custody
from storage.database import Base
from storage.errors import NotFound
from storage.recordings import AUDIBLE, Recording, audible
from storage.rules import names
from storage.rules.custody import Act
from storage.rules.withheld import Window

FAILED_KEPT = 200  # characters of a cause

SQLITE = (
    "CREATE VIRTUAL TABLE transcript_index USING fts5(recording_id UNINDEXED, spoken)",
    """CREATE TRIGGER transcript_index_in AFTER INSERT ON transcripts BEGIN
    INSERT INTO transcript_index (recording_id, spoken)
    VALUES (new.recording_id, new.spoken); END""",
    """CREATE TRIGGER transcript_index_out AFTER DELETE ON transcripts BEGIN
    DELETE FROM transcript_index WHERE recording_id = old.recording_id; END""",
)
POSTGRES = (
    "CREATE INDEX transcript_index ON transcripts USING gin (to_tsvector('simple', spoken))",
)


class TranscriptState(StrEnum):
    """Whether it could be made."""

    READY = "ready"
    FAILED = "failed"  # of this recording; the engine may do others


class Transcript(Base):
    """What was said in one recording; `spoken` holds no number of a card."""

    __tablename__ = "transcripts"

    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[TranscriptState]
    cause: Mapped[str] = mapped_column(String(FAILED_KEPT), default="")
    shelf_key: Mapped[str | None] = mapped_column(String(120))  # of the words
    spoken: Mapped[str] = mapped_column(Text, default="")  # folded words, for searching
    silenced: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # {"windows": [[b, e]]}
    engine: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]

    @property
    def windows(self) -> tuple[Window, ...]:
        """Where a number of a card was said: nobody hears it."""
        return tuple(Window(begins, ends) for begins, ends in self.silenced.get("windows", ()))


for _dialect, _made in (("sqlite", SQLITE), ("postgresql", POSTGRES)):
    for _statement in _made:
        event.listen(
            Transcript.__table__,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )


async def waiting(session: AsyncSession, *, limit: int) -> Sequence[Recording]:
    """The newest recordings that can be heard and have no transcript."""
    made = exists().where(Transcript.recording_id == Recording.id)
    query = (
        select(Recording)
        .where(Recording.state.in_(AUDIBLE), Recording.shelf_key.is_not(None), ~made)
        .order_by(Recording.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def keep(
    session: AsyncSession,
    recording_id: UUID,
    *,
    shelf_key: str,
    said: Iterable[str],
    windows: Sequence[Window],
    engine: str,
    now: datetime,
) -> None:
    """Remember what was said: the words' place on the shelf, and the text to find it by.

    Raises NotFound where the recording was deleted meanwhile.
    """
    await _refuse_deleted(session, recording_id)
    session.add(
        Transcript(
            recording_id=recording_id,
            state=TranscriptState.READY,
            shelf_key=shelf_key,
            spoken=names.fold(" ".join(said)),
            silenced={"windows": [[one.begins, one.ends] for one in windows]},
            engine=engine[:120],
            created_at=now,
        )
    )
    await session.flush()
    audit.record(
        session, "recording.transcribed", by=audit.SYSTEM, key=recording_id, silenced=len(windows)
    )


async def _refuse_deleted(session: AsyncSession, recording_id: UUID) -> None:
    query = select(Recording).where(Recording.id == recording_id).with_for_update()
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None or not row.is_audible:
        raise NotFound("recording", recording_id)


async def give_up(session: AsyncSession, recording_id: UUID, cause: str, *, now: datetime) -> None:
    """Remember that this recording cannot be transcribed, and why; raises NotFound."""
    await _refuse_deleted(session, recording_id)
    session.add(
        Transcript(
            recording_id=recording_id,
            state=TranscriptState.FAILED,
            cause=cause[:FAILED_KEPT],
            created_at=now,
        )
    )
    await session.flush()


async def of(session: AsyncSession, recording_id: UUID) -> Transcript | None:
    """The transcript of a recording, None where there is none (yet)."""
    return await session.get(Transcript, recording_id)


async def of_recordings(
    session: AsyncSession, recordings: Collection[UUID]
) -> Mapping[UUID, Transcript]:
    """The transcripts of recordings, by recording; those without one are left out."""
    query = select(Transcript).where(Transcript.recording_id.in_(recordings))
    return {row.recording_id: row for row in await session.scalars(query)}


async def read(session: AsyncSession, recording_id: UUID, *, by: UUID) -> Transcript:
    """Note that what was said is read: one audit row, like a play.

    Raises NotFound where there is none, and Refused where nobody may hear the recording.
    """
    recording = await audible(session, recording_id)
    row = await of(session, recording_id)
    if row is None or row.shelf_key is None:
        raise NotFound("transcript", recording_id)
    call = str(recording.call_id)
    audit.record(session, "recording.read", by=by, key=recording_id, call=call)
    await custody.append(
        session, Act.READ, recording_id=recording_id, call_id=recording.call_id,
        sha256=recording.sha256 or "", by=by,
    )  # fmt: skip
    return row


async def silenced(session: AsyncSession, recording_id: UUID) -> tuple[Window, ...]:
    """Where a number of a card is said in a recording."""
    row = await of(session, recording_id)
    return row.windows if row is not None else ()
