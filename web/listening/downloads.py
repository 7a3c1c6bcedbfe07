"""A recording as a file to keep: one POST, one audit row, however it breaks off."""

from uuid import UUID

from aiohttp import web

import storage.recordings
from storage.rules.permissions import Permission
from web.keys import DATABASE, VISITOR
from web.listening import reaches, sounds
from web.listening.answers import answer

PATIENCE = 30.0  # seconds: a browser that saves a file waits


async def download(request: web.Request, key: UUID) -> web.StreamResponse:
    """Give the whole recording as a file; the act is noted before its first byte.

    It is the original, or a rendition where something of it is silent for the visitor. Raises
    NotFound, Refused where there is nothing to give, Preparing, and 403 where it is not theirs.
    """
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, key)
        await reaches.require(session, visitor, Permission.DOWNLOAD_RECORDINGS, recording.call_id)
        storage.recordings.refuse_inaudible(recording)
        silent = await sounds.silent_for(session, visitor, recording)
    sound = sounds.original(recording)
    if silent:
        sound = await sounds.prepared(request, recording, silent, patience=PATIENCE)
    async with request.app[DATABASE].writing() as session:
        await storage.recordings.download(session, key, by=visitor.user_id)
    return await answer(request, sound, attached=True)
