"""The script of an own call: what to say and to ask, each answer kept as it is given."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import StringConstraints, ValidationError

import storage.calls
import storage.scripts
from storage.calls import Story
from storage.database import Session
from storage.errors import NotFound, StorageError
from storage.rules import scripts as rules
from storage.rules.permissions import Permission
from storage.scripts import AnsweredMeanwhile, AnswerRefused, Offered, StepUnfinished
from web import filters
from web.auth import requires
from web.desk import answers
from web.desk.answers import Unfit
from web.i18n import _
from web.keys import CONTROLS, DATABASE, POPS, VISITOR
from web.live.pop import iso, sentence

M = TypeVar("M", bound=answers.Fields)
NOTHING: dict[str, Any] = {"script": None}
SOON = {"script": None, "soon": True}  # the call is not stored yet: ask again


class GivenFields(answers.Fields):
    """An answer; `seen` is the version of the one that it replaces, 0 for none."""

    version: UUID
    field: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    answer: Annotated[str, StringConstraints(max_length=20_000)] = ""
    seen: int = 0


class StepFields(answers.Fields):
    """The step that is to be left."""

    version: UUID
    step: Annotated[str, StringConstraints(min_length=1, max_length=24)]


@requires(Permission.USE_DESK)
async def show(request: web.Request) -> web.Response:
    """What the script of the call says and asks up to where the agents are, and their answers."""
    try:
        return web.json_response(await _state(request, await answers.own_story(request)))
    except NotFound:
        if await _may_become_theirs(request):
            return web.json_response(SOON)
        return answers.refused(Unfit({"": _("This call is not yours.")}, HTTPStatus.NOT_FOUND))


@requires(Permission.USE_DESK)
async def answer(request: web.Request) -> web.Response:
    """Keep one answer; says how the script stands after it."""

    async def deed(session: Session, call: UUID, fields: GivenFields, at: datetime) -> None:
        try:
            await storage.scripts.give(
                session, call, fields.version, fields.field, fields.answer,
                seen=fields.seen, by=request[VISITOR].user_id, now=at,
            )  # fmt: skip
        except AnswerRefused as refusal:
            raise Unfit({fields.field: sentence(refusal.reason)}) from refusal
        except AnsweredMeanwhile as theirs:
            text = _("A colleague answered “{theirs}” meanwhile; you wrote “{yours}”. Choose.")
            told = text.format(theirs=_shown(theirs.answer), yours=_shown(fields.answer))
            raise Unfit({fields.field: told}) from theirs

    return await _done(request, GivenFields, deed)


@requires(Permission.USE_DESK)
async def go_on(request: web.Request) -> web.Response:
    """Leave the step; says how the script stands after it."""

    async def deed(session: Session, call: UUID, fields: StepFields, at: datetime) -> None:
        by = request[VISITOR].user_id
        try:
            await storage.scripts.go_on(session, call, fields.version, fields.step, by=by, now=at)
        except StepUnfinished as unfinished:
            told = {field.key: _("This is needed.") for field in unfinished.fields}
            raise Unfit(told) from unfinished

    return await _done(request, StepFields, deed)


async def _done(
    request: web.Request,
    model: type[M],
    deed: Callable[[Session, UUID, M, datetime], Awaitable[None]],
) -> web.Response:
    """Do it in one transaction; answers with the state, and has the call's other screens look."""
    try:
        story = await _own_call(request)
        fields = model.model_validate(dict(await request.post()))
        async with request.app[DATABASE].writing() as session:
            await deed(session, story.call.id, fields, datetime.now(UTC))
    except ValidationError as error:
        return answers.refused(answers.wrong(error))
    except Unfit as unfit:
        return answers.refused(unfit)
    except StorageError as error:
        return _refused(error)
    request.app[POPS].script_changed(set(story.agents), story.call.id)
    return web.json_response({"done": "", **await _state(request, story)})


async def _may_become_theirs(request: web.Request) -> bool:
    """Whether the base may be behind the card: it knows no such call, or none that is over."""
    async with request.app[DATABASE].reading() as session:
        try:
            story = await storage.calls.get(session, answers.call_of(request))
        except NotFound:
            return True
    return story.call.ended_at is None


def _refused(error: StorageError) -> web.Response:
    try:
        answers.refuse(error)
    except Unfit as unfit:
        return answers.refused(unfit)


async def _own_call(request: web.Request) -> Story:
    """Return the call that the visitor talks or talked in; raises Conflict while it only rings."""
    story, user = await answers.own_story(request), request[VISITOR].user_id
    if _takes_part(story, user):
        return story
    if story.call.ended_at is None:
        raise answers.not_stored_yet()
    raise answers.foreign(story)


def _takes_part(story: Story, user: UUID) -> bool:
    mine = (offer for offer in story.offers if offer.user_id == user)
    return user in story.talked or any(offer.outgoing or offer.answered_at for offer in mine)


async def _state(request: web.Request, story: Story) -> dict[str, Any]:
    call = story.call
    async with request.app[DATABASE].reading() as session:
        offered = await storage.scripts.offered(
            session, call.id, pbx_id=call.pbx_id, queue=call.queue
        )
    if offered is None:
        return NOTHING
    stand, said = offered.stand, offered.said()
    steps = rules.place(offered.outline, said, stand.at)
    names, user = _names(request, story), request[VISITOR].user_id
    if call.ended_at is None and _takes_part(story, user):
        asks = steps[-1].card and not stand.ended
        request.app[CONTROLS].recording_pauses.stands(call.id, asks=asks, by=user)
    return {
        "script": {
            "version": str(offered.version.id),
            "name": offered.name,
            "editable": _takes_part(story, user),
            "at": steps[-1].key,
            "ended": stand.ended,
            "outcome": steps[-1].outcome if stand.ended else "",
            "steps": [
                {
                    "key": step.key,
                    "title": step.title,
                    "say": rules.spoken(step.say, names),
                    "card": step.card,
                    "fields": [_field(offered, field, user) for field in step.fields],
                }
                for step in steps
            ],
        }
    }


def _field(offered: Offered, field: rules.Field, me: UUID) -> dict[str, Any]:
    row = offered.answers.get(field.key)
    is_theirs = row is not None and row.answer and row.user_id != me
    return {
        "key": field.key,
        "label": field.label,
        "kind": field.kind.value,
        "needed": field.needed,
        "options": list(field.options),
        "answer": row.answer if row else "",
        "seen": row.version if row else 0,
        "by": offered.names.get(row.user_id, "") if row and is_theirs else "",
        "at": iso(row.at) if row else None,
    }


def _names(request: web.Request, story: Story) -> dict[str, str]:
    """Return what is filled in for {name} and the like; a stranger's name stays text."""
    customer, call = story.customer, story.call
    return {
        "name": customer.name if customer else call.name,
        "address": (customer.address_as or customer.name) if customer else call.name,
        "company": customer.name if customer and customer.kind == "company" else "",
        "agent": request[VISITOR].name,
        "queue": story.queue_label(call.queue),
    }


def _shown(text: str) -> str:
    return text.replace("\n", ", ") or filters.NOTHING


routes = [
    web.get("/desk/calls/{call}/script", show, name="scripts.fill"),
    web.post("/desk/calls/{call}/script/answers", answer, name="script_answers.create"),
    web.post("/desk/calls/{call}/script/steps", go_on, name="script_steps.create"),
]
