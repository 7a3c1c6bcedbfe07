"""The waveform of a recording, for those who may hear it; nothing is heard by it, or audited."""

from http import HTTPStatus
from uuid import UUID

from aiohttp import hdrs, web

import storage.recordings
from recordings.waveforms import Waveform
from storage.errors import NotFound
from storage.rules.permissions import Permission
from web import listening
from web.auth import requires
from web.keys import DATABASE, RENDITIONS, SHELF, VISITOR
from web.listening.sounds import silent_for


@requires(Permission.LISTEN_RECORDINGS)
async def show(request: web.Request) -> web.Response:
    """Give the waveform (recordings/waveforms.py says how it is written), flat where it is silent.

    Answers 202 where it is not made yet: it is being made then.
    """
    key = UUID(request.match_info["id"])
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, key)
        right = Permission.LISTEN_RECORDINGS
        await listening.require(session, request[VISITOR], right, recording.call_id)
        await storage.recordings.audible(session, key, locked=False)
        silent = await silent_for(session, request[VISITOR], recording)
    try:
        made = await request.app[RENDITIONS].get(key, patience=0)
        if made is None:
            return web.Response(status=HTTPStatus.ACCEPTED)
        async with request.app[SHELF].open(made.waveform_key or "") as file:
            content = b"".join([piece async for piece in file.pieces(0, file.size)])
        waveform = Waveform.from_bytes(content).silenced(silent)
    except (OSError, ValueError):  # BadName: there is none
        raise NotFound("waveform", key) from None
    return web.Response(
        body=waveform.to_bytes(),
        content_type="application/octet-stream",
        headers={hdrs.CACHE_CONTROL: "private, no-store"},
    )
