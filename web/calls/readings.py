"""What was said in a recording, beside its player: whether it was heard yet, and the words."""

from uuid import UUID

from aiohttp import web

import storage.recordings
import storage.transcripts
from storage.rules.permissions import Permission
from storage.rules.sentences import sentences
from web import listening
from web.auth import requires
from web.keys import DATABASE, VISITOR
from web.listening import readings
from web.render import render, wants_fragment

LISTEN = Permission.LISTEN_RECORDINGS


@requires(LISTEN)
async def index(request: web.Request) -> web.Response:
    """Say whether the recording was heard for words; nothing of them is told."""
    key = UUID(request.match_info["id"])
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, key)
        await listening.require(session, request[VISITOR], LISTEN, recording.call_id)
        transcripts = await storage.transcripts.of_recordings(session, [key])
    return render(request, "calls/_transcript.html", recording=recording, transcripts=transcripts)


@requires(LISTEN)
async def create(request: web.Request) -> web.Response:
    """Give the words to read, sentence by sentence; it is audited as a play is."""
    reading = await readings.open_reading(request, UUID(request.match_info["id"]))
    return render(
        request,
        "calls/_sentences.html" if wants_fragment(request) else "calls/sentences.html",
        recording=reading.recording,
        reading=reading,
        lines=sentences(reading.words, withheld=reading.withheld),
    )
