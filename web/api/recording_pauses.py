"""Recordings paused and resumed by programs: a payment page, say, that takes card data."""

from http import HTTPStatus
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.recording_pauses
from storage.recording_pauses import Cause
from storage.rules.permissions import Permission
from web.api import models
from web.api.operations import Ask, operation
from web.keys import CONTROLS, DATABASE

PAUSE = Permission.PAUSE_RECORDINGS


@operation(
    "POST", "/calls/{id}/recording-pauses", name="api.recording_pauses.create", scope="pause",
    permission=PAUSE, body=models.NewRecordingPause, gives=models.RecordingNow,
    status=HTTPStatus.CREATED,
)  # fmt: skip
async def pause(ask: Ask) -> models.RecordingNow:
    """Have nothing of a call that goes on recorded; 201 once the PBX has confirmed it.

    504 where it does not within a second: it is STILL RECORDING, and is asked again until it is
    paused or resumed. An agent's token reaches their own calls, a supervisor's the team's.
    """
    call = await _reached(ask)
    by, body = ask.visitor.user_id, ask.body
    pauses = ask.request.app[CONTROLS].recording_pauses
    await pauses.pause(call, cause=Cause.API, by=by, reason=body.reason)
    return _now(ask, call)


@operation(
    "POST", "/calls/{id}/recording-ends", name="api.recording_pauses.end", scope="pause",
    permission=PAUSE, gives=models.RecordingNow,
)  # fmt: skip
async def resume(ask: Ask) -> models.RecordingNow:
    """Have the call recorded again; 422 inside a script's step that asks for card data."""
    call = await _reached(ask)
    pauses = ask.request.app[CONTROLS].recording_pauses
    await pauses.resume(call, cause=Cause.API, by=ask.visitor.user_id)
    return _now(ask, call)


@operation(
    "GET", "/calls/{id}/recording-pauses", name="api.recording_pauses", scope="read",
    permission=Permission.SEE_CALLS, gives=models.RecordingPauses,
)  # fmt: skip
async def listed(ask: Ask) -> models.RecordingPauses:
    """List when nothing was recorded of a call, in seconds of each recording, and what was asked.

    An order that is not `confirmed` changed nothing as far as the PBX told.
    """
    see = Permission.SEE_CALLS
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(see))
        story = await storage.calls.get(session, ask.key(), reach=reach)
        found = await storage.recording_pauses.windows(session, story.recordings)
        orders = await storage.recording_pauses.orders(session, [story.call.id])
    return models.RecordingPauses.model_validate(
        {
            "pauses": [window for each in found.values() for window in each],
            "orders": [order for order, _name in orders.get(story.call.id, ())],
        }
    )


OPERATIONS = [pause, resume, listed]


async def _reached(ask: Ask) -> UUID:
    """Return the call; 404 where the right does not reach to whoever talks in it."""
    key = ask.key()
    parties = ask.request.app[CONTROLS].recording_pauses.parties(key)
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(PAUSE))
    if reach is not None and reach.isdisjoint(parties):
        raise web.HTTPNotFound(text="no call of yours goes on under this id")
    return key


def _now(ask: Ask, call: UUID) -> models.RecordingNow:
    now = ask.request.app[CONTROLS].recording_pauses.now(call)
    return models.RecordingNow.model_validate(now or {"state": "off"})
