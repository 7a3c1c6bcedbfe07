"""Taking calls or not: pauses with a reason, and the queues one is logged in to."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, StringConstraints, ValidationError

import storage.pause_reasons
from storage.errors import NotFound, StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.desk import answers
from web.desk.answers import Fields, Unfit
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR, Deed
from web.render import redirect, url

F = TypeVar("F", bound=Fields)


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


class QueueFields(Fields):
    """Which queue; none means all."""

    pbx: Annotated[UUID | None, BeforeValidator(_none_if_empty)] = None
    queue: Annotated[
        Annotated[str, StringConstraints(max_length=80)] | None, BeforeValidator(_none_if_empty)
    ] = None


class PauseFields(QueueFields):
    """A pause, and why."""

    reason: Annotated[UUID | None, BeforeValidator(_none_if_empty)] = None


@requires(Permission.USE_DESK)
async def pause(request: web.Request) -> web.Response:
    """Take no calls for a while, in all queues or in one."""

    async def deed() -> Deed:
        fields = await _read(request, PauseFields)
        reason = await _reason(request, fields.reason)
        return Deed(what="pause", pbx_id=fields.pbx, queue=fields.queue, reason=reason)

    return await _ask(request, deed)


@requires(Permission.USE_DESK)
async def resume(request: web.Request) -> web.Response:
    """Take calls again; this ends a wrap-up too."""
    return await _ask(request, lambda: _of_queue(request, "resume"))


@requires(Permission.USE_DESK)
async def join(request: web.Request) -> web.Response:
    """Log in to a queue that the administrator opened for it."""
    return await _ask(request, lambda: _of_queue(request, "join", named=True))


@requires(Permission.USE_DESK)
async def leave(request: web.Request) -> web.Response:
    """Log out of a queue."""
    return await _ask(request, lambda: _of_queue(request, "leave", named=True))


async def _ask(request: web.Request, deed: Callable[[], Coroutine[Any, Any, Deed]]) -> web.Response:
    """Ask the PBX; the screens show what comes of it when the PBX says so."""
    visitor = request[VISITOR]
    try:
        try:
            asked = await deed()
            await request.app[POPS].presences.ask(visitor.user_id, visitor.name, asked)
        except StorageError as error:
            answers.refuse(error)
    except Unfit as unfit:
        if answers.wants_json(request):
            return answers.refused(unfit)
        return redirect(request, url(request, "desk.show"), flash=str(unfit), kind="bad")
    return answers.done(request, _("The telephone system was asked."))


async def _of_queue(request: web.Request, what: str, *, named: bool = False) -> Deed:
    fields = await _read(request, QueueFields)
    if named and not (fields.queue and fields.pbx):
        raise Unfit({"": _("Choose a queue.")})
    return Deed(what=what, pbx_id=fields.pbx, queue=fields.queue)


async def _read(request: web.Request, model: type[F]) -> F:
    try:
        return model.model_validate(dict(await request.post()))
    except ValidationError as error:
        raise answers.wrong(error) from error


async def _reason(request: web.Request, key: UUID | None) -> str:
    """Return the words of the reason; raises Unfit where one is needed."""
    async with request.app[DATABASE].reading() as session:
        reasons = await storage.pause_reasons.listed(session)
    if key is None and reasons:
        raise Unfit({"reason": _("Choose why.")})
    if key is None:
        return ""
    chosen = next((each.name for each in reasons if each.id == key), None)
    if chosen is None:
        raise NotFound("pause reason", key)
    return chosen


routes = [
    web.post("/desk/presence/pauses", pause, name="presences.pause"),
    web.post("/desk/presence/returns", resume, name="presences.resume"),
    web.post("/desk/presence/log-ins", join, name="presences.join"),
    web.post("/desk/presence/log-outs", leave, name="presences.leave"),
]
