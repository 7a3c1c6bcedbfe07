"""A play is opened once, checked and audited; its bytes are then read in ranges."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.recordings
from storage.recordings import Play, Recording
from storage.rules.permissions import Permission
from storage.rules.withheld import Window, mark
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.listening import reaches, sounds
from web.listening.answers import answer
from web.listening.sounds import PATIENCE


@dataclass(frozen=True, slots=True)
class Opened:
    """An open play and what it plays."""

    play: Play
    recording: Recording
    media_type: str
    silent: tuple[Window, ...] = ()  # where others spoke among themselves


async def open_play(request: web.Request, key: UUID, *, patience: float = PATIENCE) -> Opened:
    """Open a play of a recording that the visitor may hear; one audit row is written.

    Raises NotFound, Refused where there is nothing to hear, 403 where it is not theirs, and
    Preparing where the sound to play is not made in `patience` seconds: nothing was opened.
    """
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, key)
        right = Permission.LISTEN_RECORDINGS
        if not await reaches.may(session, visitor, right, recording.call_id):
            raise web.HTTPForbidden(text=_("Your role does not let you hear this recording."))
        storage.recordings.refuse_inaudible(recording)
        silent = await sounds.silent_for(session, visitor, recording)
    sound = await sounds.prepared(request, recording, silent, patience=patience)
    async with request.app[DATABASE].writing() as session:
        play, recording = await storage.recordings.open_play(
            session, key, user_id=visitor.user_id, now=datetime.now(UTC), mark=mark(silent)
        )
    return Opened(play, recording, sound.media_type, silent)


async def give(request: web.Request, play_id: UUID) -> web.StreamResponse:
    """Give the sound of a play that is open for the visitor, whole or one range of it."""
    async with request.app[DATABASE].reading() as session:
        recording, silenced = await storage.recordings.played(
            session, play_id, user_id=request[VISITOR].user_id, now=datetime.now(UTC)
        )
        sound = await sounds.played(session, recording, silenced)
    return await answer(request, sound)
