"""Reading what was said in a recording: one audited access, of what the reader may hear."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from aiohttp import web

import recordings.transcripts
import storage.calls
import storage.recordings
import storage.transcripts
import storage.withheld
from recordings.naming import BadName
from recordings.sealing import Tampered
from recordings.shelf import Shelf
from storage.calls import Story
from storage.errors import NotFound
from storage.recordings import Recording
from storage.rules.permissions import Permission
from storage.rules.sentences import told
from storage.rules.transcripts import Word
from storage.rules.withheld import Window
from storage.transcripts import Transcript
from web.i18n import _
from web.keys import DATABASE, SHELF, VISITOR
from web.listening import reaches
from web.listening.sounds import OUT_OF_REACH
from web.listening.tracks import lanes

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What of a recording's words somebody reads; `lanes` name who spoke in which channel."""

    recording: Recording
    transcript: Transcript
    words: Sequence[Word]
    withheld: Sequence[Window]  # internal talk that is not for the reader
    story: Story
    lanes: tuple[str, ...]  # "" is the other side; empty where all speak in one channel


async def open_reading(request: web.Request, key: UUID) -> Reading:
    """Read what was said in a recording that the visitor may hear; one audit row is written.

    Raises NotFound where there is no transcript, Refused where nobody may hear the recording, 403
    where it is not theirs, and 502 where the words cannot be read from the shelf now.
    """
    visitor, right = request[VISITOR], Permission.LISTEN_RECORDINGS
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, key)
        await reaches.require(session, visitor, right, recording.call_id)
        row = await storage.transcripts.of(session, key)
        scope = visitor.scope(Permission.HEAR_INTERNAL_TALK)
        withheld = await storage.withheld.internal(session, recording, visitor.user_id, scope)
        story = await storage.calls.get(session, recording.call_id)
    if row is None or row.shelf_key is None:
        raise NotFound("transcript", key)
    try:
        words = await asyncio.to_thread(words_of, request.app[SHELF], row.shelf_key)
    except (OSError, BadName, Tampered):
        log.exception("transcript_unreadable", recording=str(key))
        raise web.HTTPBadGateway(text=_(OUT_OF_REACH)) from None
    async with request.app[DATABASE].writing() as session:
        row = await storage.transcripts.read(session, key, by=visitor.user_id)
    both = {word.channel for word in words} | {0}
    return Reading(
        recording=recording, transcript=row, withheld=withheld,
        story=story, words=told(words, withheld=withheld, cards=row.windows),
        lanes=lanes(story, recording) if len(both) > 1 else (),
    )  # fmt: skip


def words_of(shelf: Shelf, key: str) -> list[Word]:
    """Return the words that lie on the shelf; blocks."""
    with shelf.opened(key) as file:
        return recordings.transcripts.read(file)
