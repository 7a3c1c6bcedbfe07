"""A play is opened once, checked and audited; its bytes are then read in ranges."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import structlog
from aiohttp import hdrs, web

import storage.recordings
from recordings.naming import BadName
from recordings.shelf import ShelfFile
from storage.recordings import Play, Recording
from storage.rules.permissions import Permission
from web.i18n import _
from web.keys import DATABASE, SHELF, VISITOR
from web.listening import reaches
from web.listening.ranges import ByteRange, Unsatisfiable, read_range, still_same

ENDINGS = {
    "audio/wav": "wav", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/x-gsm": "gsm",
    "audio/x-alaw": "alaw", "audio/x-mulaw": "ulaw", "audio/x-sln": "sln",
}  # fmt: skip
SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An open play and what it plays."""

    play: Play
    recording: Recording


async def open_play(request: web.Request, key: UUID) -> Opened:
    """Open a play of a recording that the visitor may hear; one audit row is written.

    Raises NotFound, Refused where there is nothing to hear, and 403 where it is not theirs.
    """
    visitor = request[VISITOR]
    async with request.app[DATABASE].writing() as session:
        recording = await storage.recordings.get(session, key)
        right = Permission.LISTEN_RECORDINGS
        if not await reaches.may(session, visitor, right, recording.call_id):
            raise web.HTTPForbidden(text=_("Your role does not let you hear this recording."))
        play, recording = await storage.recordings.open_play(
            session, key, user_id=visitor.user_id, now=datetime.now(UTC)
        )
    return Opened(play, recording)


async def give(request: web.Request, play_id: UUID) -> web.StreamResponse:
    """Give the sound of a play that is open for the visitor, whole or one range of it."""
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.played(
            session, play_id, user_id=request[VISITOR].user_id, now=datetime.now(UTC)
        )
    try:
        async with request.app[SHELF].open(recording.shelf_key or "") as file:
            return await _answer(request, recording, file)
    except (FileNotFoundError, BadName):
        log.exception("recording_lost", recording=str(recording.id))
        raise web.HTTPNotFound(text=_("The file of this recording is gone.")) from None
    except ConnectionError:  # the listener's, not the disk's
        raise
    except OSError:
        log.exception("recording_unreadable", recording=str(recording.id))
        raise web.HTTPBadGateway(
            text=_("The file of this recording was changed on its disk, or cannot be read now.")
        ) from None


def _file_name(recording: Recording) -> str:
    ending = ENDINGS.get(recording.media_type or "", "bin")
    return f"recording-{recording.id}.{ending}"


async def _answer(
    request: web.Request, recording: Recording, file: ShelfFile
) -> web.StreamResponse:
    etag = f'"{recording.sha256}"'
    headers = SANDBOX | {
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.ETAG: etag,
        hdrs.CACHE_CONTROL: "private, no-store",
        hdrs.CONTENT_TYPE: recording.media_type or "application/octet-stream",
        hdrs.CONTENT_DISPOSITION: f'inline; filename="{_file_name(recording)}"',
    }
    wanted = None
    if still_same(request.headers.get(hdrs.IF_RANGE), etag):
        try:
            wanted = read_range(request.headers.get(hdrs.RANGE), file.size)
        except Unsatisfiable:
            return web.Response(
                status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                headers=headers | {hdrs.CONTENT_RANGE: f"bytes */{file.size}"},
            )
    status = HTTPStatus.OK
    if wanted is not None:
        status = HTTPStatus.PARTIAL_CONTENT
        headers[hdrs.CONTENT_RANGE] = f"bytes {wanted.first}-{wanted.last}/{file.size}"
    part = wanted or ByteRange(0, file.size - 1)
    return await _stream(request, file, part, web.StreamResponse(status=status, headers=headers))


async def _stream(
    request: web.Request, file: ShelfFile, part: ByteRange, response: web.StreamResponse
) -> web.StreamResponse:
    response.content_length = part.length
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD:
        try:
            async for piece in file.pieces(part.first, part.length):
                await response.write(piece)
        except ConnectionError:
            raise
        except OSError:
            log.exception("recording_unreadable", path=request.path)
            if request.transport is not None:
                request.transport.abort()  # half an answer must not pass for a whole one
            return response
    await response.write_eof()
    return response
