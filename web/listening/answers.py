"""The bytes of a sound: whole, or one range; everyone who may hear it gets them here."""

from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from recordings.naming import BadName
from recordings.shelf import ShelfFile
from web.i18n import _
from web.keys import SHELF
from web.listening.ranges import ByteRange, Unsatisfiable, read_range, still_same
from web.listening.sounds import OUT_OF_REACH, Sound

ENDINGS = {
    "audio/wav": "wav", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/x-gsm": "gsm",
    "audio/x-alaw": "alaw", "audio/x-mulaw": "ulaw", "audio/x-sln": "sln", "audio/x-sln2": "raw",
}  # fmt: skip
SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}

log = structlog.get_logger(__name__)


async def answer(
    request: web.Request, sound: Sound, *, attached: bool = False
) -> web.StreamResponse:
    """Give a sound, whole or one range of it; `attached` offers it as a file to keep."""
    try:
        async with request.app[SHELF].open(sound.key) as file:
            return await _answer(request, sound, file, "attachment" if attached else "inline")
    except (FileNotFoundError, BadName):
        log.exception("recording_lost", recording=str(sound.recording))
        raise web.HTTPNotFound(text=_("The file of this recording is gone.")) from None
    except ConnectionError:  # the listener's, not the disk's
        raise
    except OSError:
        log.exception("recording_unreadable", recording=str(sound.recording))
        raise web.HTTPBadGateway(text=_(OUT_OF_REACH)) from None


def _file_name(sound: Sound) -> str:
    ending = ENDINGS.get(sound.media_type, "bin")
    return f"recording-{sound.recording}.{ending}"


async def _answer(
    request: web.Request, sound: Sound, file: ShelfFile, how: str
) -> web.StreamResponse:
    etag = f'"{sound.sha256}"'
    headers = SANDBOX | {
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.ETAG: etag,
        hdrs.CACHE_CONTROL: "private, no-store",
        hdrs.CONTENT_TYPE: sound.media_type,
        hdrs.CONTENT_DISPOSITION: f'{how}; filename="{_file_name(sound)}"',
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
