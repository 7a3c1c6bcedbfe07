"""What is left of a recording that was deleted: when, by whom or what, and its hash."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, Uuid, column, delete, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.recording_comments
import storage.shelved
from pbx_bridge.matching import msgid
from storage import audit, custody
from storage.database import Base
from storage.errors import NotFound
from storage.recordings import Play, Recording, RecordingState
from storage.renditions import Rendition
from storage.rules.custody import Act
from storage.rules.retention import Ground
from storage.transcripts import Transcript

_CALLS = table("calls", column("id", Uuid()), column("pbx_id", Uuid()))  # it imports this one
CAUSES = {
    Ground.POLICY: msgid("Deleted: the time for which it was kept is over."),
    Ground.REFUSED: msgid("Deleted: the caller did not want to be recorded."),
    Ground.ERASURE: msgid("Deleted: the person was erased."),
    Ground.HAND: msgid("Deleted by somebody who may."),
}


class Tombstone(Base):
    """One deleted recording. While `done_at` is empty, files of it may still be there."""

    __tablename__ = "tombstones"

    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    ground: Mapped[Ground]
    policy_id: Mapped[UUID | None] = mapped_column(ForeignKey("retention_policies.id"))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    seconds: Mapped[float | None]
    leftovers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    done_at: Mapped[datetime | None] = mapped_column(index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Files of a deleted recording that are still to go."""

    recording_id: UUID
    call_id: UUID
    pbx_id: UUID
    at: datetime  # when it was deleted
    keys: tuple[str, ...]  # of the shelf
    paths: tuple[str, ...]  # as the PBX names them
    was_shelved: bool  # else a pickup may be under way


async def delete_recording(
    session: AsyncSession, key: UUID, ground: Ground, *, by: UUID | None, now: datetime,
    policy_id: UUID | None = None,
) -> None:  # fmt: skip
    """Delete a recording: nobody hears it any more, and its files go right after the commit.

    Raises NotFound where it is gone already.
    """
    query = select(Recording).where(Recording.id == key).with_for_update()
    recording = await session.scalar(query.execution_options(populate_existing=True))
    if recording is None or recording.state is RecordingState.DELETED:
        raise NotFound("recording", key)
    keys = list(await storage.shelved.keys(session, key))
    paths = [path for path in (recording.path_found, recording.path_there) if path]
    session.add(
        Tombstone(
            recording_id=key, call_id=recording.call_id, at=now, user_id=by, ground=ground,
            policy_id=policy_id, sha256=recording.sha256, size=recording.size,
            seconds=recording.seconds,
            leftovers={"keys": keys, "paths": paths, "was_shelved": bool(recording.shelf_key)},
        )
    )  # fmt: skip
    if recording.shelf_key is not None:
        await custody.append(
            session, Act.DELETED, recording_id=key, call_id=recording.call_id,
            sha256=recording.sha256 or "", by=by, ground=ground.value,
        )  # fmt: skip
    recording.state, recording.cause, recording.shelf_key = (
        RecordingState.DELETED, CAUSES[ground], None,
    )  # fmt: skip
    recording.sha256, recording.reason = None, None
    await session.execute(delete(Rendition).where(Rendition.recording_id == key))
    await session.execute(delete(Transcript).where(Transcript.recording_id == key))
    await session.execute(delete(Play).where(Play.recording_id == key))
    await storage.recording_comments.erase(session, [key])
    told = {"policy": str(policy_id)} if policy_id else {}
    audit.record(session, "recording.deleted", by=by, key=key, ground=ground.value, **told)


async def unfinished(session: AsyncSession, key: UUID | None = None) -> Sequence[Leftover]:
    """What is still to go of recordings that were deleted, or of one of them."""
    query = (
        select(Tombstone, _CALLS.c.pbx_id)
        .join(_CALLS, _CALLS.c.id == Tombstone.call_id)
        .where(Tombstone.done_at.is_(None))
        .order_by(Tombstone.recording_id)
    )
    if key is not None:
        query = query.where(Tombstone.recording_id == key)
    found = []
    for row, pbx_id in await session.execute(query):
        left = row.leftovers or {}
        found.append(
            Leftover(
                recording_id=row.recording_id, call_id=row.call_id, pbx_id=pbx_id, at=row.at,
                keys=tuple(left.get("keys", ())), paths=tuple(left.get("paths", ())),
                was_shelved=bool(left.get("was_shelved")),
            )
        )  # fmt: skip
    return found


async def finished(session: AsyncSession, recording_id: UUID, *, now: datetime) -> None:
    """Every file of the recording is gone."""
    row = await session.get(Tombstone, recording_id)
    if row is not None:
        row.done_at, row.leftovers = now, None


async def of_calls(session: AsyncSession, calls: Collection[UUID]) -> dict[UUID, Tombstone]:
    """The tombstones of these calls, by recording."""
    query = select(Tombstone).where(Tombstone.call_id.in_(calls))
    return {row.recording_id: row for row in await session.scalars(query)}
