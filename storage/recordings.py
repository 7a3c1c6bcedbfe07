"""Where each recording is, whether it is complete, and who opened it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import msgid
from storage import audit, consents, custody
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.rules.custody import Act
from storage.rules.retention import Consent

PLAY_LASTS = timedelta(hours=2)  # a listener may pause; then a new play is opened and audited


class RecordingState(StrEnum):
    """A recording is shown only when it is ready; every other state has its cause."""

    PENDING = "pending"  # Asterisk writes it, or we wait for it
    READY = "ready"
    TRUNCATED = "truncated"  # complete on the shelf, and shorter than the talk
    EMPTY = "empty"  # only a header: nobody was recorded
    MISSING = "missing"  # it never appeared
    BROKEN = "broken"  # no audio that we can read
    GIVEN_UP = "given_up"  # a person said why it will not come
    DELETED = "deleted"  # by a rule or a person: storage/tombstones says by whom


AUDIBLE = (RecordingState.READY, RecordingState.TRUNCATED)
WRONG = (
    RecordingState.TRUNCATED,
    RecordingState.EMPTY,
    RecordingState.MISSING,
    RecordingState.BROKEN,
)


class Recording(Base):
    """One audio file of one call."""

    __tablename__ = "recordings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[UUID | None]
    path_there: Mapped[str] = mapped_column(String(512), index=True)  # as the PBX names it
    state: Mapped[RecordingState] = mapped_column(default=RecordingState.PENDING, index=True)
    cause: Mapped[str] = mapped_column(String(200), default="")  # a sentence, where not ready
    shelf_key: Mapped[str | None] = mapped_column(String(120))  # ours; never from a client
    media_type: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[int | None]  # bytes
    seconds: Mapped[float | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    path_found: Mapped[str | None] = mapped_column(String(512))  # beneath the folder, if elsewhere
    reason: Mapped[str | None] = mapped_column(String(200))  # a person's: never translated

    @property
    def is_audible(self) -> bool:
        """Whether its sound is on the shelf."""
        return self.state in AUDIBLE


class Play(Base):
    """One access to a recording: opened by one POST, audited once, serves ranges until it ends."""

    __tablename__ = "plays"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mark: Mapped[str] = mapped_column(String(32), server_default="")  # of its rendition


@dataclass(frozen=True, slots=True)
class Sound:
    """What the pickup found in a complete file, now on the shelf."""

    shelf_key: str
    media_type: str
    size: int  # bytes
    seconds: float
    sha256: str
    state: RecordingState = RecordingState.READY  # or truncated
    cause: str = ""  # a sentence, where the file holds less than it should
    path_found: str | None = None


async def get(session: AsyncSession, key: UUID) -> Recording:
    """The recording; raises NotFound."""
    recording = await session.get(Recording, key)
    if recording is None:
        raise NotFound("recording", key)
    return recording


async def shelved(session: AsyncSession, key: UUID, sound: Sound) -> bool:
    """The file is complete on the shelf; gives False where there is no row for it (yet)."""
    return await _settle(
        session,
        key,
        state=sound.state,
        cause=sound.cause,
        path_found=sound.path_found,
        shelf_key=sound.shelf_key,
        media_type=sound.media_type,
        size=sound.size,
        seconds=sound.seconds,
        sha256=sound.sha256,
    )


async def failed(session: AsyncSession, key: UUID, state: RecordingState, cause: str) -> bool:
    """There is nothing to hear, and why; gives False where there is no row for it (yet)."""
    return await _settle(session, key, state=state, cause=cause)


async def delayed(session: AsyncSession, key: UUID, cause: str) -> None:
    """Say why a recording is still waited for."""
    row = update(Recording).where(
        Recording.id == key, Recording.state == RecordingState.PENDING, Recording.cause != cause
    )
    await session.execute(row.values(cause=cause))


async def _settle(session: AsyncSession, key: UUID, **found: object) -> bool:
    pending = update(Recording).where(
        Recording.id == key, Recording.state == RecordingState.PENDING
    )
    rows = await session.execute(pending.values(**found).returning(Recording.call_id))
    if (row := rows.first()) is not None:
        state = str(found["state"])
        audit.record(session, "recording.settled", by=audit.SYSTEM, key=key, state=state)
        if "shelf_key" in found:
            await custody.append(
                session, Act.STORED, recording_id=key, call_id=row.call_id,
                sha256=str(found["sha256"]), by=audit.SYSTEM, key=str(found["shelf_key"]),
            )  # fmt: skip
        return True
    return await session.scalar(select(Recording.id).where(Recording.id == key)) is not None


def refuse_inaudible(recording: Recording) -> None:
    """Raise Refused where there is nothing to hear."""
    if not recording.is_audible:
        raise Refused(recording.cause or msgid("this recording is not complete yet"))


async def audible(session: AsyncSession, key: UUID, *, locked: bool = True) -> Recording:
    """The recording; `locked`, it is held until the transaction ends, and not deleted meanwhile.

    Raises NotFound, and Refused where nobody may hear it, or there is nothing to hear.
    """
    recording = await session.get(
        Recording, key, with_for_update=locked or None, populate_existing=True
    )
    if recording is None:
        raise NotFound("recording", key)
    refuse_inaudible(recording)
    consent = await consents.of_call(session, recording.call_id)
    if consent is not None and consent.state is Consent.REFUSED:
        raise Refused("the caller did not want to be recorded, so nobody hears this")
    return recording


async def open_play(
    session: AsyncSession, key: UUID, *, user_id: UUID, now: datetime, mark: str = ""
) -> tuple[Play, Recording]:
    """Open one access to the recording: one audit row, however many ranges are then read.

    `mark` names the rendition that is played: what is silent in it.

    Whether the user may hear it is the caller's to ask before. Raises NotFound, and Refused
    where there is nothing to hear.
    """
    recording = await audible(session, key)
    play = Play(
        id=uuid7(now),
        recording_id=key,
        user_id=user_id,
        opened_at=now,
        expires_at=now + PLAY_LASTS,
        mark=mark,
    )
    session.add(play)
    audit.record(
        session,
        "recording.played",
        by=user_id,
        key=key,
        call=str(recording.call_id),
        play=str(play.id),
        **({"silenced": True} if mark else {}),
    )
    await _keep(session, Act.PLAYED, recording, by=user_id, play=str(play.id))
    return play, recording


async def download(session: AsyncSession, key: UUID, *, by: UUID) -> Recording:
    """Note that the file is taken away: one audit row. Raises as `open_play` does."""
    recording = await audible(session, key)
    audit.record(session, "recording.downloaded", by=by, key=key, call=str(recording.call_id))
    await _keep(session, Act.DOWNLOADED, recording, by=by)
    return recording


async def _keep(
    session: AsyncSession, act: Act, recording: Recording, *, by: UUID | None, **details: str
) -> None:
    await custody.append(
        session, act, recording_id=recording.id, call_id=recording.call_id,
        sha256=recording.sha256 or "", by=by, **details,
    )  # fmt: skip


async def played(
    session: AsyncSession, play_id: UUID, *, user_id: UUID, now: datetime
) -> tuple[Recording, str]:
    """The recording of a play that is open for this user, and the mark of its rendition.

    Raises NotFound for everyone else.
    """
    query = (
        select(Recording, Play.mark)
        .join(Play, Play.recording_id == Recording.id)
        .where(
            Play.id == play_id,
            Play.user_id == user_id,
            Play.expires_at > now,
            Recording.state.in_(AUDIBLE),
            consents.unrefused(Recording.call_id),
        )
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound("play", play_id)
    return found[0], found[1]
