"""Which file of the shelf is played to whom: the rendition with silence where it must be."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from aiohttp import web

import storage.renditions
import storage.withheld
from pbx_bridge.matching import msgid
from storage.database import Session
from storage.errors import NotFound, Refused
from storage.recordings import Recording
from storage.renditions import Rendition, RenditionState
from storage.rules.permissions import Permission
from storage.rules.withheld import Window
from web.i18n import _
from web.keys import RENDITIONS, Visitor

PATIENCE = 1.5  # seconds that a page waits for a sound; then it says so and asks again
OPUS = "audio/ogg"
OUT_OF_REACH = msgid("The file of this recording was changed on its disk, or cannot be read now.")
UNDIVIDED = msgid(
    "Colleagues speak among themselves in this recording, and it cannot be played without them."
)

log = structlog.get_logger(__name__)


class Preparing(Exception):
    """What is to be heard is being made; it can be asked for again in a moment."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A file of the shelf, and what is told of it."""

    recording: UUID
    key: str
    sha256: str
    media_type: str
    waveform: str = ""  # its key, where there is one


async def silent_for(
    session: Session, visitor: Visitor, recording: Recording
) -> tuple[Window, ...]:
    """Return what of the recording is silent for the visitor."""
    scope = visitor.scope(Permission.HEAR_INTERNAL_TALK)
    return await storage.withheld.of_listener(session, recording, visitor.user_id, scope)


async def prepared(
    request: web.Request, recording: Recording, silent: tuple[Window, ...], *, patience: float
) -> Sound:
    """Return what is played of a recording, made now where it is not there yet.

    Raises Preparing, and Refused where it cannot be played with silence in it.
    """
    try:
        made = await request.app[RENDITIONS].get(recording.id, silent, patience=patience)
    except OSError:
        log.exception("rendition_not_made", recording=str(recording.id))
        if silent:
            raise web.HTTPBadGateway(text=_(OUT_OF_REACH)) from None
        return _sound(recording, None)
    if made is None:
        raise Preparing
    if made.state is RenditionState.FAILED and silent:
        raise Refused(UNDIVIDED)
    return _sound(recording, made)


async def played(session: Session, recording: Recording, mark: str) -> Sound:
    """Return what a play with this mark gives; raises NotFound where it is no more."""
    made = await storage.renditions.find(session, recording.id, mark)
    if mark and (made is None or made.state is RenditionState.FAILED):
        raise NotFound("rendition", mark)
    return _sound(recording, made)


def original(recording: Recording) -> Sound:
    """Return what the PBX recorded, as it is on the shelf."""
    media_type = recording.media_type or "application/octet-stream"
    return Sound(recording.id, recording.shelf_key or "", recording.sha256 or "", media_type)


def _sound(recording: Recording, made: Rendition | None) -> Sound:
    """Return the rendition, else the original: better a browser that does not play it than none."""
    if made is None or made.state is RenditionState.FAILED:
        return original(recording)
    return Sound(
        recording.id, made.shelf_key or "", made.sha256 or "", OPUS, made.waveform_key or ""
    )
