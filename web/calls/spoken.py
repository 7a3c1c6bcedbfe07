"""Finding calls by what was said in them: words in context, each a click away from its sound."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

import storage.calls
import storage.spoken
from recordings.sealing import Tampered
from recordings.shelf import Shelf
from storage.calls import CallLine
from storage.database import Session
from storage.recordings import Recording
from storage.rules.excerpts import Excerpt, excerpts
from storage.rules.permissions import Permission
from storage.spoken import Hit
from web.auth import requires
from web.keys import DATABASE, SHELF, VISITOR, Visitor
from web.listening import reaches, readings, sounds
from web.render import render

LONGEST = 120  # characters of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A recording in which the words were said."""

    line: CallLine
    recording: Recording
    excerpts: tuple[Excerpt, ...]


@requires(Permission.LISTEN_RECORDINGS)
async def index(request: web.Request) -> web.Response:
    """Recordings that the visitor may hear and in which the words were said, newest first."""
    asked = request.query.get("q", "")[:LONGEST].strip()
    found: list[Found] = []
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(
            session, visitor.user_id, visitor.scope(Permission.LISTEN_RECORDINGS)
        )
        hits = await storage.spoken.search(session, asked, reach=reach)
        lines = await storage.calls.lines_of(session, [hit.call for hit in hits])
        for hit, line in zip(hits, lines, strict=True):
            told = await _told(session, request.app[SHELF], visitor, hit, asked)
            if told:
                found.append(Found(line=line, recording=hit.recording, excerpts=told))
    if found:
        async with request.app[DATABASE].writing() as session:
            keys = [one.recording.id for one in found]
            storage.spoken.note(session, keys, by=visitor.user_id)
    return render(request, "calls/spoken.html", asked=asked, found=found)


async def _told(
    session: Session, shelf: Shelf, visitor: Visitor, hit: Hit, asked: str
) -> tuple[Excerpt, ...]:
    """Return what of a hit the visitor may read; nothing where the words cannot be read now."""
    right = Permission.LISTEN_RECORDINGS
    if not await reaches.may(session, visitor, right, hit.recording.call_id):
        return ()
    withheld = await sounds.silent_for(session, visitor, hit.recording)
    try:
        words = await asyncio.to_thread(readings.words_of, shelf, hit.shelf_key)
    except (OSError, Tampered):
        return ()
    return excerpts(words, asked, withheld=withheld)
