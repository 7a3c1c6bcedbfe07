"""What is said of a call for its keeping: tags, the caller's consent, holds, deletion."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.consents
import storage.holds
import storage.recordings
import storage.retention
import storage.tags
import storage.tombstones
from storage.calls import Story
from storage.consents import ConsentSource
from storage.errors import Refused
from storage.rules.permissions import Permission
from storage.rules.retention import Consent, Ground
from web import listening
from web.auth import requires
from web.calls.stories import story_of
from web.i18n import _
from web.keys import DATABASE, DISCARDS, VISITOR
from web.render import redirect, url


@requires(Permission.SEE_CALLS)
async def tag(request: web.Request) -> web.Response:
    """Put a tag on the call."""
    story, form = await story_of(request), await request.post()
    async with request.app[DATABASE].writing() as session:
        await storage.tags.put(
            session, story.call.id, str(form.get("name", "")),
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    return _back(request, story, "")


@requires(Permission.SEE_CALLS)
async def untag(request: web.Request) -> web.Response:
    """Take a tag off the call."""
    story = await story_of(request)
    async with request.app[DATABASE].writing() as session:
        key = UUID(request.match_info["tag"])
        await storage.tags.take(session, story.call.id, key, by=request[VISITOR].user_id)
    return _back(request, story, "")


@requires(Permission.SEE_CALLS)
async def consent(request: web.Request) -> web.Response:
    """Note what the caller said to being recorded; a refusal counts at once."""
    story, form = await story_of(request), await request.post()
    try:
        state = Consent(str(form.get("state", "")))
    except ValueError:
        raise Refused("say what the caller said") from None
    async with request.app[DATABASE].writing() as session:
        await storage.consents.tell(
            session, story.call.id, state, source=ConsentSource.PERSON,
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    request.app[DISCARDS](story.call.id, state)
    return _back(request, story, _("What the caller said is kept."))


@requires(Permission.MANAGE_RETENTION)
async def hold(request: web.Request) -> web.Response:
    """Hold the call, or all of its customer, until the hold is lifted."""
    story, form = await story_of(request), await request.post()
    of_customer = form.get("whose") == "customer" and story.call.customer_id is not None
    async with request.app[DATABASE].writing() as session:
        await storage.holds.place(
            session, str(form.get("reason", "")),
            call_id=None if of_customer else story.call.id,
            customer_id=story.call.customer_id if of_customer else None,
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    return _back(request, story, _("Held: no rule deletes it."))


@requires(Permission.DELETE_RECORDINGS)
async def delete(request: web.Request) -> web.Response:
    """Delete a recording before its time; one that is held is not."""
    visitor, key = request[VISITOR], UUID(request.match_info["id"])
    async with request.app[DATABASE].writing() as session:
        recording = await storage.recordings.get(session, key)
        await listening.require(session, visitor, Permission.DELETE_RECORDINGS, recording.call_id)
        if await storage.retention.is_held(session, recording.call_id):
            raise Refused("a legal hold keeps this recording")
        await storage.tombstones.delete_recording(
            session, key, Ground.HAND, by=visitor.user_id, now=datetime.now(UTC)
        )
    request.app[DISCARDS](recording.call_id, None)
    return redirect(request, url(request, "calls.show", id=recording.call_id), flash=_("Deleted."))


def _back(request: web.Request, story: Story, flash: str) -> web.Response:
    return redirect(request, url(request, "calls.show", id=story.call.id), flash=flash)
