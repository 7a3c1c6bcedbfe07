"""Listening in on agents by programs: on the phone of the token's user, with the user's rights."""

from http import HTTPStatus

import storage.calls
from storage.rules.permissions import Permission
from storage.supervisions import Line
from web import supervising
from web.api import models
from web.api.operations import Ask, operation
from web.keys import CONTROLS, DATABASE
from web.telephony import Attending

LISTEN = Permission.LISTEN_IN


@operation(
    "GET", "/supervisions", name="api.supervisions.talks", scope="supervise", permission=LISTEN,
    gives=models.Talks,
)  # fmt: skip
async def talks(ask: Ask) -> models.Talks:
    """List the agents' talks that can be listened to now, and what the user is in."""
    phone = await supervising.phone_of(ask.request)
    found = await supervising.talks(ask.request, phone)
    own = ask.request.app[CONTROLS].supervising.attended(ask.visitor.user_id)
    return models.Talks(
        own=_now(own) if own else None,
        talks=[
            models.Talk(
                call=talk.audible.call, extension=talk.audible.extension,
                user_id=talk.audible.user, name=talk.name, modes=list(talk.modes),
            )
            for talk in found
        ],
    )  # fmt: skip


@operation(
    "POST", "/calls/{id}/supervisions", name="api.supervisions.create", scope="supervise",
    permission=LISTEN, body=models.NewSupervision, gives=models.SupervisionNow,
    status=HTTPStatus.ACCEPTED,
)  # fmt: skip
async def create(ask: Ask) -> models.SupervisionNow:
    """Ring the user's phone and let it hear an agent, or change what it does in the call.

    It is audited, and shown to the agent, as one that was begun on the page. 422 says why not.
    """
    call, body = ask.key(), ask.body
    await supervising.attend(
        ask.request, call, mode=body.mode, key=body.key, extension=body.extension
    )
    own = ask.request.app[CONTROLS].supervising.attended(ask.visitor.user_id)
    return _now(own) if own else models.SupervisionNow(call=call, mode=body.mode, started_at=None)


@operation(
    "POST", "/supervision-ends", name="api.supervisions.end", scope="supervise", permission=LISTEN,
    status=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def end(ask: Ask) -> None:
    """End what the user is in or waits for; nothing where there is none."""
    await ask.request.app[CONTROLS].supervising.leave(ask.visitor.user_id)


@operation(
    "GET", "/calls/{id}/supervisions", name="api.supervisions", scope="supervise",
    permission=LISTEN, gives=models.Supervisions,
)  # fmt: skip
async def listed(ask: Ask) -> models.Supervisions:
    """List who was in a call to supervise it, as far as the right reaches its agents."""
    scope = ask.visitor.scope(LISTEN)
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, scope)
        story = await storage.calls.get(session, ask.key(), reach=reach)
    lines = await supervising.seen(ask.request, story.call.id)
    return models.Supervisions(supervisions=[_given(line) for line in lines])


OPERATIONS = [talks, create, end, listed]


def _now(own: Attending) -> models.SupervisionNow:
    return models.SupervisionNow(call=own.call, mode=own.mode, started_at=own.started_at)


def _given(line: Line) -> models.Supervision:
    row = line.row
    fields = ("id", "user_id", "agent_id", "mode", "shown", "started_at", "ended_at", "end_heard")
    return models.Supervision.model_validate(
        {name: getattr(row, name) for name in fields}
        | {"by": line.by or row.extension, "agent": line.agent or row.agent_extension}
    )
