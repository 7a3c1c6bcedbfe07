"""Calls of others that an agent may take: parked, ringing at a colleague, waiting; and targets."""

import re
from typing import Any
from uuid import UUID

from aiohttp import web

import storage.agents
import storage.queues
import storage.teams
from storage.agents import Phone
from storage.errors import Refused
from storage.originates import Order, Originate
from storage.rules.dialling import NumberKind
from storage.rules.permissions import Permission, Scope
from web import dialling, filters
from web.auth import requires
from web.desk import answers
from web.desk.answers import Unfit
from web.i18n import _, told
from web.keys import CONTROLS, DATABASE, POPS, VISITOR


@requires(Permission.USE_DESK)
async def index(request: web.Request) -> web.Response:
    """What can be taken now, as far as the visitor's rights reach, and where calls can be sent."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        phone, _pbx, _extensions = await dialling.phone_of(session, request, visitor.user_id)
        seats = [seat for seat in await storage.agents.seats(session) if seat.user.active]
        queues = await storage.queues.listed(session)
        team = await storage.teams.colleagues(session, visitor.user_id)
    controls = request.app[CONTROLS]
    found = await controls.takings.takeable(phone)
    names = {seat.agent.extension: seat.user.name for seat in seats if _is_at(seat, phone)}
    labels = {queue.name: queue.label for queue in queues if queue.pbx_id == phone.pbx_id}
    reach = visitor.scope(Permission.PICK_UP_CALLS)
    may_grab = visitor.can(Permission.GRAB_CALLERS)
    return web.json_response(
        {
            "parked": [_row(one, place=one.space) for one in found.parked],
            "ringing": [
                _row(one, place=names.get(one.extension, one.extension))
                for one in found.ringing
                if reach is Scope.ALL or (reach is Scope.TEAM and one.user in team)
            ],
            "waiting": [
                _row(one, place=labels.get(one.queue, one.queue))
                for one in (found.waiting if may_grab else ())
            ],
            "phones": [
                {
                    "value": seat.agent.extension,
                    "name": seat.user.name,
                    "state": _state(request, seat),
                }
                for seat in seats
                if _is_at(seat, phone) and seat.user.id != visitor.user_id
            ],
            "queues": [{"value": name, "name": label} for name, label in labels.items()],
        }
    )


def _state(request: web.Request, seat: storage.agents.Seat) -> str:
    """Return what a colleague's phone does, or that the free one of someone sends no calls."""
    agent = seat.agent
    phone = request.app[CONTROLS].takings.phone_state(agent.pbx_id, agent.extension)
    told = request.app[POPS].presences.state_of(seat.user.id)
    return told if told in {"paused", "wrap_up"} and phone == "idle" else phone


def _is_at(seat: storage.agents.Seat, phone: Phone) -> bool:
    return seat.agent.pbx_id == phone.pbx_id


def _row(one: Any, *, place: str) -> dict[str, str]:  # noqa: ANN401 - parked, ringing or waiting
    shown = filters.phone(one.number) or _("Number withheld")
    return {"call": str(one.call), "number": shown, "name": one.name, "place": place}


@requires(Permission.PLACE_CALLS)
async def retrieve(request: web.Request) -> web.Response:
    """Take a call out of its parking space: the visitor's phone rings first."""
    return await _taken(request, "retrieve")


@requires(Permission.PICK_UP_CALLS)
async def pick_up(request: web.Request) -> web.Response:
    """Take a call that rings at a colleague's: the visitor's phone rings first."""
    await _refuse_beyond_reach(request)
    return await _taken(request, "pick_up")


@requires(Permission.GRAB_CALLERS)
async def grab(request: web.Request) -> web.Response:
    """Have a waiting caller sent to the visitor's phone."""
    call = answers.call_of(request)
    async with request.app[DATABASE].reading() as session:
        phone, *_rest = await dialling.phone_of(session, request, request[VISITOR].user_id)
    try:
        await request.app[CONTROLS].takings.grab(phone, call)
    except Refused as error:
        return answers.refused(Unfit({"": told(error)}))
    return answers.done(request, _("Your phone rings with them."))


async def _refuse_beyond_reach(request: web.Request) -> None:
    visitor, call = request[VISITOR], answers.call_of(request)
    if visitor.scope(Permission.PICK_UP_CALLS) is Scope.ALL:
        return
    async with request.app[DATABASE].reading() as session:
        phone, *_rest = await dialling.phone_of(session, request, visitor.user_id)
        team = await storage.teams.colleagues(session, visitor.user_id)
    found = await request.app[CONTROLS].takings.takeable(phone)
    if not any(one.call == call and one.user in team for one in found.ringing):
        raise Refused(_("This call rings at nobody of your team now."))


async def _taken(request: web.Request, what: str) -> web.Response:
    visitor, call = request[VISITOR], answers.call_of(request)
    key = str((await request.post()).get("key", ""))
    if not re.fullmatch(dialling.KEY, key):
        raise Refused(_("This click has no key. Load the page again and repeat."))
    async with request.app[DATABASE].reading() as session:
        phone, *_rest = await dialling.phone_of(session, request, visitor.user_id)
    order = Order(
        key=f"{visitor.user_id.hex}:{key}",
        pbx_id=phone.pbx_id,
        user_id=visitor.user_id,
        device=phone.interface,
        exten="",
        kind=NumberKind.INTERNAL,
    )
    try:
        placed = await _take(request, what, order, phone, call)
    except Refused as error:
        return answers.refused(Unfit({"": told(error)}))
    if placed.why:
        return answers.refused(Unfit({"": placed.why}))
    return answers.done(request, _("Your phone rings: lift it, and the call is yours."))


async def _take(
    request: web.Request, what: str, order: Order, phone: Phone, call: UUID
) -> Originate:
    takings, role = request.app[CONTROLS].takings, request[VISITOR].role
    take = takings.retrieve if what == "retrieve" else takings.pick_up
    return await take(order, phone, call, role)


routes = [
    web.get("/desk/others", index, name="takings.index"),
    web.post("/desk/calls/{call}/retrievals", retrieve, name="takings.retrieve"),
    web.post("/desk/calls/{call}/pickups", pick_up, name="takings.pick_up"),
    web.post("/desk/calls/{call}/grabs", grab, name="takings.grab"),
]
