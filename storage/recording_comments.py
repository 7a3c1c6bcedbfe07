"""What colleagues say about a moment of a recording, and what others answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import msgid
from storage import audit
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.recordings import Recording
from storage.rules import texts
from storage.users import User

LONGEST = 4000  # characters
NOTHING_SAID = msgid("A comment needs a text.")
ANOTHERS = msgid("Only who wrote a comment can change it.")
OUTSIDE = msgid("That moment is not in the recording.")


class RecordingComment(Base):
    """A comment at a moment, or an answer to one; taken back, its text goes and its place stays."""

    __tablename__ = "recording_comments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), index=True
    )
    parent_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("recording_comments.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    moment: Mapped[float]  # seconds from the recording's beginning; an answer has its comment's
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Said:
    """A comment and who wrote it."""

    comment: RecordingComment
    author: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and its answers, the oldest first."""

    said: Said
    answers: Sequence[Said]


async def get(session: AsyncSession, key: UUID) -> RecordingComment:
    """The comment; raises NotFound, also where it was taken back."""
    comment = await session.get(RecordingComment, key)
    if comment is None or comment.removed_at is not None:
        raise NotFound("comment", key)
    return comment


async def threads(
    session: AsyncSession, recordings: Collection[UUID]
) -> Mapping[UUID, Sequence[Thread]]:
    """What is said about recordings, by recording, in the order of their moments."""
    query = (
        select(RecordingComment, User.name)
        .join(User, User.id == RecordingComment.user_id)
        .where(RecordingComment.recording_id.in_(recordings))
        .order_by(RecordingComment.moment, RecordingComment.id)
    )
    found = [Said(comment, name) for comment, name in await session.execute(query)]
    answers: dict[UUID, list[Said]] = {}
    for said in found:
        if said.comment.parent_id and said.comment.removed_at is None:
            answers.setdefault(said.comment.parent_id, []).append(said)
    told: dict[UUID, list[Thread]] = {key: [] for key in recordings}
    for said in found:
        own = answers.get(said.comment.id, [])
        if said.comment.parent_id is None and (own or said.comment.removed_at is None):
            told[said.comment.recording_id].append(Thread(said, own))
    return told


async def add(
    session: AsyncSession,
    recording: Recording,
    moment: float,
    text: str,
    *,
    by: UUID,
    now: datetime,
) -> RecordingComment:
    """Say something about a moment; raises Refused."""
    if not 0 <= moment <= (recording.seconds or 0.0) + 1:
        raise Refused(OUTSIDE)
    return await _write(session, recording.id, moment, text, None, by=by, now=now)


async def answer(
    session: AsyncSession, key: UUID, text: str, *, by: UUID, now: datetime
) -> RecordingComment:
    """Answer a comment (an answer's answer stands under the same one); raises NotFound, Refused."""
    parent = await session.get(RecordingComment, key)
    if parent is None or (parent.parent_id and parent.removed_at):
        raise NotFound("comment", key)
    above = parent.parent_id or parent.id
    return await _write(session, parent.recording_id, parent.moment, text, above, by=by, now=now)


async def edit(session: AsyncSession, key: UUID, text: str, *, by: UUID, now: datetime) -> None:
    """Say it in other words; raises NotFound, and Refused for all but its author."""
    comment = await _own(session, key, by)
    words = _words(text)
    if words != comment.text:
        comment.text, comment.edited_at = words, now
        audit.record(session, "comment.edited", by=by, key=key)


async def remove(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> None:
    """Take it back: its text goes; raises NotFound, and Refused for all but its author."""
    comment = await _own(session, key, by)
    comment.text, comment.removed_at = "", now
    audit.record(session, "comment.removed", by=by, key=key)


async def erase(session: AsyncSession, recordings: Collection[UUID]) -> int:
    """Erase all that was said about these recordings; gives how many comments that were.

    Who erases them writes the audit row.
    """
    of_these = RecordingComment.recording_id.in_(recordings)
    count = await session.scalar(select(func.count()).select_from(RecordingComment).where(of_these))
    await session.execute(delete(RecordingComment).where(of_these))
    return count or 0


async def _own(session: AsyncSession, key: UUID, by: UUID) -> RecordingComment:
    comment = await get(session, key)
    if comment.user_id != by:
        raise Refused(ANOTHERS)
    return comment


async def _write(
    session: AsyncSession,
    recording_id: UUID,
    moment: float,
    text: str,
    parent_id: UUID | None,
    *,
    by: UUID,
    now: datetime,
) -> RecordingComment:
    comment = RecordingComment(
        id=uuid7(now), recording_id=recording_id, parent_id=parent_id, user_id=by,
        moment=round(moment, 2), text=_words(text), created_at=now,
    )  # fmt: skip
    session.add(comment)
    audit.record(
        session, "comment.written", by=by, key=comment.id, recording=str(recording_id),
        **({"answers": str(parent_id)} if parent_id else {}),
    )  # fmt: skip
    return comment


def _words(text: str) -> str:
    words = texts.clean(text, limit=LONGEST)
    if not words:
        raise Refused(NOTHING_SAID)
    return words
