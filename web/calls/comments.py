"""Comments at moments of a recording: written, answered, changed, taken back by their authors."""

import re
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.recording_comments
import storage.recordings
from pbx_bridge.matching import msgid
from storage.database import Session
from storage.errors import Refused
from storage.recordings import Recording
from storage.rules.permissions import Permission
from web import listening
from web.auth import requires
from web.i18n import gettext
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url, wants_fragment

CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)", re.ASCII)
NO_MOMENT = msgid("Give the moment as minutes and seconds, like 1:23.")
LISTEN, COMMENT = Permission.LISTEN_RECORDINGS, Permission.COMMENT_RECORDINGS


@requires(LISTEN)
async def index(request: web.Request) -> web.Response:
    """What is said about a recording, as it stands in the player."""
    async with request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, _key(request))
        await listening.require(session, request[VISITOR], LISTEN, recording.call_id)
    return await _show(request, recording)


@requires(COMMENT)
async def create(request: web.Request) -> web.Response:
    """Say something about a moment."""
    form, by = await request.post(), request[VISITOR].user_id
    problem = ""
    async with request.app[DATABASE].writing() as session:
        recording = await storage.recordings.get(session, _key(request))
        await listening.require(session, request[VISITOR], COMMENT, recording.call_id)
        try:
            moment, text = moment_of(str(form.get("moment", ""))), str(form.get("text", ""))
            await storage.recording_comments.add(
                session, recording, moment, text, by=by, now=datetime.now(UTC)
            )
        except Refused as error:
            problem = error.text
    return await _show(request, recording, problem=problem, said=form if problem else None)


@requires(COMMENT)
async def answer(request: web.Request) -> web.Response:
    """Answer a comment."""
    text, by, problem = await _text(request), request[VISITOR].user_id, ""
    async with request.app[DATABASE].writing() as session:
        recording = await _recording(request, session)
        try:
            await storage.recording_comments.answer(
                session, _key(request), text, by=by, now=datetime.now(UTC)
            )
        except Refused as error:
            problem = error.text
    return await _show(request, recording, problem=problem)


@requires(COMMENT)
async def update(request: web.Request) -> web.Response:
    """Say one's own comment in other words."""
    text, by, problem = await _text(request), request[VISITOR].user_id, ""
    async with request.app[DATABASE].writing() as session:
        recording = await _recording(request, session)
        try:
            await storage.recording_comments.edit(
                session, _key(request), text, by=by, now=datetime.now(UTC)
            )
        except Refused as error:
            problem = error.text
    return await _show(request, recording, problem=problem)


@requires(COMMENT)
async def remove(request: web.Request) -> web.Response:
    """Take one's own comment back."""
    by = request[VISITOR].user_id
    async with request.app[DATABASE].writing() as session:
        recording = await _recording(request, session)
        await storage.recording_comments.remove(
            session, _key(request), by=by, now=datetime.now(UTC)
        )
    return await _show(request, recording)


def moment_of(text: str) -> float:
    """Return the seconds of a moment such as 1:23 or 83; raises Refused."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise Refused(NO_MOMENT)
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds.replace(",", "."))


def _key(request: web.Request) -> UUID:
    return UUID(request.match_info["id"])


async def _text(request: web.Request) -> str:
    return str((await request.post()).get("text", ""))


async def _recording(request: web.Request, session: Session) -> Recording:
    """Return the recording of the comment in the address; raises NotFound, and 403."""
    comment = await storage.recording_comments.get(session, _key(request))
    recording = await storage.recordings.get(session, comment.recording_id)
    await listening.require(session, request[VISITOR], COMMENT, recording.call_id)
    return recording


async def _show(
    request: web.Request, recording: Recording, *, problem: str = "", said: object = None
) -> web.Response:
    if not wants_fragment(request) and not problem:
        page = url(request, "calls.show", id=recording.call_id)
        return redirect(request, f"{page}#comments-{recording.id}")
    async with request.app[DATABASE].reading() as session:
        threads = await storage.recording_comments.threads(session, [recording.id])
        may_comment = await listening.may(session, request[VISITOR], COMMENT, recording.call_id)
    if problem and not wants_fragment(request):
        raise web.HTTPUnprocessableEntity(text=gettext(problem))
    return render(
        request,
        "calls/_comments.html",
        recording=recording,
        comments=threads,
        may_comment=may_comment,
        problem=problem,
        said=said,
    )
