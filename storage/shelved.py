"""What lies on the shelf, by its key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import audit, custody
from storage.recordings import Recording
from storage.renditions import Rendition
from storage.rules.custody import Act
from storage.transcripts import Transcript


@dataclass(frozen=True, slots=True)
class Plain:
    """A recording that an older Ringbook kept in the open."""

    id: UUID
    call_id: UUID
    key: str
    sha256: str


async def keys(session: AsyncSession, recording_id: UUID | None = None) -> Sequence[str]:
    """Every key of the shelf: what a recording has there, or all of them.

    The original and what was made of it: Opus and waveform, also those with silence in them, and
    the words that were said.
    """
    originals = select(Recording.shelf_key)
    made = select(Rendition.shelf_key, Rendition.waveform_key)
    if recording_id is not None:
        originals = originals.where(Recording.id == recording_id)
        made = made.where(Rendition.recording_id == recording_id)
    said = select(Transcript.shelf_key)
    if recording_id is not None:
        said = said.where(Transcript.recording_id == recording_id)
    found = [*await session.scalars(originals), *await session.scalars(said)]
    found += [key for row in await session.execute(made) for key in row]
    return list(dict.fromkeys(key for key in found if key))


async def strays(session: AsyncSession, made: Mapping[str, UUID]) -> set[str]:
    """Which of these keys no row names, by the recordings of which they were made.

    Those of a recording that the base does not know are none: it may be an older copy of the base.
    """
    known = select(Recording.id).where(Recording.id.in_(set(made.values())))
    here = set(await session.scalars(known))
    named: set[str | None] = set()
    for column in (
        Recording.shelf_key, Rendition.shelf_key, Rendition.waveform_key, Transcript.shelf_key
    ):  # fmt: skip
        named |= set(await session.scalars(select(column).where(column.in_(made))))
    return {key for key, recording in made.items() if recording in here} - named


async def plain(session: AsyncSession) -> Sequence[Plain]:
    """Every recording that is kept in the open."""
    query = select(Recording.id, Recording.call_id, Recording.shelf_key, Recording.sha256).where(
        Recording.shelf_key.like("%.wav")
    )
    return [
        Plain(key, call_id, shelf_key or "", sha256 or "")
        for key, call_id, shelf_key, sha256 in await session.execute(query)
    ]


async def moved(session: AsyncSession, key: UUID, *, old: str, new: str) -> bool:
    """The recording lies under another key now; gives False where it was moved meanwhile."""
    row = await session.execute(
        update(Recording)
        .where(Recording.id == key, Recording.shelf_key == old)
        .values(shelf_key=new)
        .returning(Recording.call_id, Recording.sha256)
    )
    if (found := row.first()) is None:
        return False
    audit.record(session, "recording.encrypted", by=audit.SYSTEM, key=key)
    await custody.append(
        session, Act.RESEALED, recording_id=key, call_id=found.call_id, sha256=found.sha256 or "",
        by=audit.SYSTEM, key=new,
    )  # fmt: skip
    return True


async def rewrapped(session: AsyncSession, shelf_key: str) -> None:
    """The file's key is wrapped with a newer one of ours."""
    query = select(Recording.id, Recording.call_id, Recording.sha256)
    found = (await session.execute(query.where(Recording.shelf_key == shelf_key))).first()
    if found is not None:
        await custody.append(
            session, Act.REWRAPPED, recording_id=found.id, call_id=found.call_id,
            sha256=found.sha256 or "", by=audit.SYSTEM,
        )  # fmt: skip
