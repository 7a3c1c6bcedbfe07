"""Recordings for programs: what there is, and its sound by an audited play."""

from http import HTTPStatus

from aiohttp import hdrs, web

import storage.calls
import storage.recordings
from storage.rules.permissions import Permission
from web import listening
from web.api import models
from web.api.operations import Ask, operation
from web.keys import DATABASE

SEE, PLAY = Permission.SEE_CALLS, Permission.LISTEN_RECORDINGS
PATIENCE = 30.0  # seconds: a program has more of it than a page


@operation(
    "GET", "/recordings/{id}", name="api.recording", scope="read", permission=SEE,
    gives=models.Recording,
)  # fmt: skip
async def show(ask: Ask) -> models.Recording:
    """Read what is known of a recording."""
    async with ask.request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, ask.key())
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(SEE))
        await storage.calls.get(session, recording.call_id, reach=reach)
    return models.Recording.model_validate(recording)


@operation(
    "POST", "/recordings/{id}/plays", name="api.plays.create", scope="recordings", permission=PLAY,
    gives=models.Play, status=HTTPStatus.CREATED,
)  # fmt: skip
async def open_play(ask: Ask) -> models.Play:
    """Open a recording to hear it.

    It is audited once; `url` gives the sound until it expires.
    """
    try:
        opened = await listening.open_play(ask.request, ask.key(), patience=PATIENCE)
    except listening.Preparing:
        raise web.HTTPServiceUnavailable(
            text="the recording is being prepared", headers={hdrs.RETRY_AFTER: "5"}
        ) from None
    address = ask.request.app.router["api.play.audio"].url_for(id=str(opened.play.id))
    return models.Play(id=opened.play.id, url=str(address), expires_at=opened.play.expires_at)


@operation(
    "GET", "/plays/{id}/audio", name="api.play.audio", scope="recordings", permission=PLAY,
    media_type="audio/ogg",
)  # fmt: skip
async def audio(ask: Ask) -> web.StreamResponse:
    """Hear an open play, whole or one range of bytes."""
    return await listening.give(ask.request, ask.key())


@operation(
    "POST", "/recordings/{id}/downloads", name="api.downloads.create", scope="recordings",
    permission=Permission.DOWNLOAD_RECORDINGS, media_type="audio/wav",
)  # fmt: skip
async def download(ask: Ask) -> web.StreamResponse:
    """Take a recording away as a file.

    It is audited once, however it breaks off.
    """
    return await listening.download(ask.request, ask.key())


OPERATIONS = [show, open_play, audio, download]
