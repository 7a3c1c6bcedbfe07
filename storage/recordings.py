"""Where each recording is, whether it is complete, and who opened it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class RecordingState(StrEnum):
    """A recording is shown only when it is ready; every other state has its cause."""

    PENDING = "pending"  # Asterisk writes it, or we wait for it
    READY = "ready"
    EMPTY = "empty"  # only a header: nobody was recorded
    MISSING = "missing"  # it never appeared
    BROKEN = "broken"  # no audio that we can read


class Recording(Base):
    """One audio file of one call."""

    __tablename__ = "recordings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[UUID | None]
    path_there: Mapped[str] = mapped_column(String(512))  # as the PBX names it
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
