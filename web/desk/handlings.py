"""The agent's own call that goes on: ended, sent on with a note, parked, keys pressed in it."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import structlog
from aiohttp import web
from pydantic import StringConstraints, ValidationError

import storage.calls
import storage.hand_overs
from storage.errors import StorageError
from storage.hand_overs import LONGEST_NOTE, Target, TargetKind
from storage.rules.permissions import Permission
from web import dialling
from web.auth import requires
from web.desk import answers
from web.desk.answers import Fields, Unfit
from web.i18n import _
from web.keys import CONTROLS, DATABASE, VISITOR
from web.render import redirect, url
from web.telephony import Handling

KEYS = re.compile(r"[0-9*#A-D]{1,20}")
Deed = Callable[[web.Request, UUID, UUID], Awaitable[str]]

log = structlog.get_logger(__name__)


class SendOnFields(Fields):
    """Where the call is to go, how, and what the next one is to know."""

    kind: TargetKind
    target: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    how: Literal["at_once", "ask_first"] = "at_once"
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE)] = ""


async def done(request: web.Request, deed: Deed) -> web.Response:
    """Do it with the visitor's call, and say what came of it."""
    try:
        sentence = await deed(request, request[VISITOR].user_id, answers.call_of(request))
    except (StorageError, ValidationError, Unfit) as error:
        unfit = _unfit(error)
        if answers.wants_json(request):
            return answers.refused(unfit)
        return redirect(request, url(request, "desk.show"), flash=str(unfit), kind="bad")
    return answers.done(request, sentence)


def _unfit(error: Exception) -> Unfit:
    if isinstance(error, Unfit):
        return error
    if isinstance(error, ValidationError):
        return answers.wrong(error)
    try:
        answers.refuse(error)  # type: ignore[arg-type]  # the rest are the storage's
    except Unfit as unfit:
        return unfit


async def _short(
    request: web.Request, deed: Callable[[Handling, UUID, UUID], Awaitable[None]], sentence: str
) -> web.Response:
    """Do what needs nothing but the call."""

    async def whole(request: web.Request, user: UUID, call: UUID) -> str:
        await deed(request.app[CONTROLS].handling, user, call)
        return sentence

    return await done(request, whole)


@requires(Permission.USE_DESK)
async def hang_up(request: web.Request) -> web.Response:
    """End the agent's own part, or turn away what rings."""
    return await _short(request, lambda do, *of: do.hang_up(*of), _("Ended."))


@requires(Permission.USE_DESK)
async def send_on(request: web.Request) -> web.Response:
    """Send the other side on to a colleague, a queue or a number, with a note."""
    return await done(request, _send_on)


async def _send_on(request: web.Request, user: UUID, call: UUID) -> str:
    fields = SendOnFields.model_validate(dict(await request.post()))
    target = await _permitted(request, fields)
    ask_first = fields.how == "ask_first"
    sent = await request.app[CONTROLS].handling.send_on(
        user, call, target, note=fields.note, ask_first=ask_first
    )
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.hand_overs.add(
                session,
                await storage.calls.resolve(session, sent),
                target,
                fields.note,
                asked_first=ask_first,
                by=user,
                now=datetime.now(UTC),
            )
    except StorageError:
        log.exception("hand_over_not_stored", call=str(sent))
        return _("Sent on. The note shows on the next card, but it could not be stored.")
    if ask_first:
        return _("They wait while you ask. Hang up to join them, or go back.")
    return _("Sent on.")


async def _permitted(request: web.Request, fields: SendOnFields) -> Target:
    """Where the call may go; a number passes the dial rules of the role."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        phone, pbx, extensions = await dialling.phone_of(session, request, visitor.user_id)
    if fields.kind is TargetKind.QUEUE:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", fields.target):
            raise Unfit({"target": _("There is no such queue.")})
        return Target(kind=fields.kind, value=fields.target)
    dialled = dialling.classify(
        fields.target, pbx.region, internal_digits=pbx.internal_digits, extensions=extensions
    )
    if dialled is not None and dialled.exten == phone.extension:
        raise Unfit({"target": _("That is your own phone.")})
    await request.app[CONTROLS].permit(visitor.user_id, visitor.role, dialled)
    return Target(kind=fields.kind, value=dialled.exten if dialled else "")


@requires(Permission.USE_DESK)
async def ring_again(request: web.Request) -> web.Response:
    """Have the call ring at the agent's own phone anew: a softphone lost its sound."""

    async def deed(request: web.Request, user: UUID, call: UUID) -> str:
        async with request.app[DATABASE].reading() as session:
            phone, _pbx, _extensions = await dialling.phone_of(session, request, user)
        own = Target(kind=TargetKind.PHONE, value=phone.extension)
        await request.app[CONTROLS].handling.send_on(user, call, own, note="", ask_first=False)
        return _("It rings here again.")

    return await done(request, deed)


@requires(Permission.USE_DESK)
async def go_back(request: web.Request) -> web.Response:
    """Ask the colleague no longer, and talk with the other side again."""
    return await _short(request, lambda do, *of: do.go_back(*of), _("You talk with them again."))


@requires(Permission.USE_DESK)
async def park(request: web.Request) -> web.Response:
    """Put the other side into a parking space."""
    sentence = _("Parked: it stands under Calls of others until somebody takes it.")
    return await _short(request, lambda do, *of: do.park(*of), sentence)


@requires(Permission.USE_DESK)
async def press(request: web.Request) -> web.Response:
    """Press keys in the call; they are neither stored nor logged."""

    async def deed(request: web.Request, user: UUID, call: UUID) -> str:
        digits = str((await request.post()).get("digits", ""))
        if not KEYS.fullmatch(digits):
            raise Unfit({"digits": _("Keys are 0 to 9, * and #, at most twenty at once.")})
        await request.app[CONTROLS].handling.press(user, call, digits)
        return ""

    return await done(request, deed)


routes = [
    web.post("/desk/calls/{call}/hang-ups", hang_up, name="handlings.hang_up"),
    web.post("/desk/calls/{call}/transfers", send_on, name="handlings.send_on"),
    web.post("/desk/calls/{call}/rings", ring_again, name="handlings.ring_again"),
    web.post("/desk/calls/{call}/returns", go_back, name="handlings.go_back"),
    web.post("/desk/calls/{call}/parkings", park, name="handlings.park"),
    web.post("/desk/calls/{call}/keys", press, name="handlings.press"),
]
