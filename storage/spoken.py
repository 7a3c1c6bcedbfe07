"""Finding recordings by what was said in them; the texts are those of `storage.transcripts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage import audit, consents
from storage.calls.tables import CallAgent, CallRecord
from storage.recordings import Recording
from storage.rules import names
from storage.transcripts import Transcript

MOST = 50  # hits of a search


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A recording in which all the words were said."""

    recording: Recording
    call: CallRecord
    shelf_key: str


async def search(
    session: AsyncSession, asked: str, *, reach: frozenset[UUID] | None, limit: int = MOST
) -> Sequence[Hit]:
    """Recordings in which all these beginnings of words were said, the newest first.

    `reach` are the users whose recordings the asker may hear; None is everyone.
    """
    words = names.fold(asked).split()
    if not words:
        return []
    query = (
        select(Recording, CallRecord, Transcript.shelf_key)
        .join(Transcript, Transcript.recording_id == Recording.id)
        .join(CallRecord, CallRecord.id == Recording.call_id)
        .where(
            _said(session, words),
            Transcript.shelf_key.is_not(None),
            consents.unrefused(CallRecord.id),
        )
        .order_by(CallRecord.started_at.desc(), Recording.id)
        .limit(limit)
    )
    if reach is not None:
        took_part = exists().where(CallAgent.call_id == CallRecord.id, CallAgent.user_id.in_(reach))
        query = query.where(took_part)
    rows = await session.execute(query)
    return [Hit(recording=row[0], call=row[1], shelf_key=row[2] or "") for row in rows]


def note(session: AsyncSession, recordings: Sequence[UUID], *, by: UUID) -> None:
    """Note that words of these recordings were shown to whoever looked for them: one audit row."""
    if recordings:
        audit.record(session, "recording.found", by=by, recordings=[str(key) for key in recordings])


def _said(session: AsyncSession, words: Sequence[str]) -> ColumnElement[bool]:
    """Words are letters and digits alone, since they are folded: no sign of a query is in them."""
    if session.get_bind().dialect.name == "sqlite":
        found = text(
            "SELECT recording_id FROM transcript_index WHERE transcript_index MATCH :asked"
        ).bindparams(asked=" ".join(f'"{word}"*' for word in words))
        ids = found.columns(Transcript.recording_id).subquery()
        return Transcript.recording_id.in_(select(ids.c.recording_id))
    vector = func.to_tsvector(text("'simple'"), Transcript.spoken)
    asked = func.to_tsquery(text("'simple'"), " & ".join(f"{word}:*" for word in words))
    matches: ColumnElement[bool] = vector.op("@@")(asked)
    return matches
