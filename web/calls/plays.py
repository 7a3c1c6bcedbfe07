"""Listening from a page: a play is opened by one POST; the player then reads its bytes."""

from http import HTTPStatus
from uuid import UUID

from aiohttp import web

from storage.rules.permissions import Permission
from web import listening
from web.auth import requires
from web.render import url


@requires(Permission.LISTEN_RECORDINGS)
async def create(request: web.Request) -> web.Response:
    """Open a play of a recording that the visitor may hear; answers with its address.

    Answers 202, and opens nothing, where the sound is not made yet.
    """
    try:
        opened = await listening.open_play(request, UUID(request.match_info["id"]))
    except listening.Preparing:
        return web.json_response({"preparing": True}, status=HTTPStatus.ACCEPTED)
    return web.json_response(
        {
            "url": url(request, "plays.audio", id=opened.play.id),
            "expires_at": opened.play.expires_at.isoformat(),
            "seconds": opened.recording.seconds,
            "media_type": opened.media_type,
            "silent": [[window.begins, window.ends] for window in opened.silent],
        },
        status=HTTPStatus.CREATED,
    )


@requires(Permission.LISTEN_RECORDINGS)
async def audio(request: web.Request) -> web.StreamResponse:
    """Give the sound of an open play, whole or one range of it."""
    return await listening.give(request, UUID(request.match_info["id"]))


@requires(Permission.DOWNLOAD_RECORDINGS)
async def download(request: web.Request) -> web.StreamResponse:
    """Give a recording as a file to keep."""
    return await listening.download(request, UUID(request.match_info["id"]))
