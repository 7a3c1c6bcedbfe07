"""After an own call: its outcome, a note, and what comes next."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, StringConstraints, ValidationError

import storage.calls
import storage.outcomes
import storage.scripts
import storage.tasks
from storage.calls import Story, WrapUpStory
from storage.database import Session
from storage.errors import NotFound, StorageError
from storage.outcomes import Choices, Outcome
from storage.rules import texts
from storage.rules.permissions import Permission
from web.auth import requires
from web.desk import answers, steps
from web.desk.answers import Unfit
from web.desk.steps import Step, StepFields
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR
from web.render import render


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


class WrapUpFields(StepFields):
    """What an agent writes after a call."""

    outcome: Annotated[UUID | None, BeforeValidator(_none_if_empty)] = None
    note: Annotated[str, StringConstraints(max_length=20_000)] = ""
    over: bool = False  # the desk knows it sooner than the base


@requires(Permission.USE_DESK)
async def edit(request: web.Request) -> web.Response:
    """The form of one call, for later and for browsers without scripts."""
    story = await _own_talk(request)
    written = _written(story, request[VISITOR].user_id)
    values = await _suggested(request, story)
    if written:
        values = {"outcome": str(written.outcome_id or ""), "note": written.note}
    return await _page(request, story, values, {})


@requires(Permission.USE_DESK)
async def create(request: web.Request) -> web.Response:
    """Store outcome, note and next step; stored again, outcome and note are changed."""
    posted = await request.post()
    try:
        await _store(request, posted)
    except Unfit as unfit:
        if answers.wants_json(request):
            return answers.refused(unfit)
        values = {name: text for name, text in posted.items() if isinstance(text, str)}
        story = await _own_talk(request)
        return await _page(request, story, values, unfit.errors, status=unfit.status)
    return answers.done(request, _("Saved."), saved=answers.call_of(request))


async def _store(request: web.Request, posted: Mapping[str, object]) -> None:
    try:
        fields = WrapUpFields.model_validate(steps.relevant(posted))
    except ValidationError as error:
        raise answers.wrong(error) from error
    user, now = request[VISITOR].user_id, datetime.now(UTC)
    try:
        story = await _own_talk(request)
        async with request.app[DATABASE].writing() as session:
            step = await _check(session, fields, story, by=user, now=now)
            await storage.calls.wrap_up(
                session,
                story.call.id,
                user_id=user,
                outcome_id=fields.outcome,
                note=texts.clean(fields.note),
                by=user,
            )
            await steps.store(session, step, story, by=user, now=now)
    except StorageError as error:
        answers.refuse(error)
    if step is not steps.NOTHING and story.customer:
        await request.app[POPS].customer_changed(story.customer.id)
    if step.task is not None:
        await request.app[POPS].day_changed()
    await request.app[POPS].wrapped_up(user, story.call.id)


async def _check(
    session: Session, fields: WrapUpFields, story: Story, *, by: UUID, now: datetime
) -> Step:
    """Return what comes next; raises Unfit for a form that says too little."""
    step, errors = await steps.read(session, fields, story, by=by, now=now)
    if not (fields.outcome or fields.note or fields.next != "none"):
        errors = {"": _("Choose an outcome or write a note.")}
    else:
        errors = await _check_outcome(session, fields, story, by=by) | errors
    if errors:
        raise Unfit(errors)
    return step


async def _check_outcome(
    session: Session, fields: WrapUpFields, story: Story, *, by: UUID
) -> dict[str, str]:
    """Return what is wrong with the outcome: a call of this queue cannot have it, or needs one."""
    call = story.call
    outcomes, choices = await _outcomes(session, story, by)
    is_over = fields.over or call.ended_at is not None
    if fields.outcome is None:
        if is_over and choices.required and outcomes:
            return {"outcome": _("Choose how the call came out.")}
    elif choices.outcomes and fields.outcome not in {each.id for each in outcomes}:
        return {"outcome": _("Calls of this queue do not have this outcome. Choose another one.")}
    return {}


async def _outcomes(
    session: Session, story: Story, user: UUID
) -> tuple[Sequence[Outcome], Choices]:
    """Return what the call can come to; also what the user said it did."""
    written, call = _written(story, user), story.call
    also = written.outcome_id if written else None
    return await storage.outcomes.of_queue(session, call.pbx_id, call.queue, also=also)


def _written(story: Story, user: UUID) -> WrapUpStory | None:
    return next((each for each in story.wrap_ups if each.user_id == user), None)


async def _own_talk(request: web.Request) -> Story:
    """Return the call that the visitor talked in or dialled.

    Raises NotFound for any other, Conflict for one that may become theirs.
    """
    story, user = await answers.own_story(request), request[VISITOR].user_id
    mine = (offer for offer in story.offers if offer.user_id == user)
    if user in story.talked or any(offer.outgoing or offer.answered_at for offer in mine):
        return story
    if story.call.ended_at is None:
        raise answers.not_stored_yet()  # it rang here; whether it was answered here comes later
    raise NotFound(answers.FOREIGN, story.call.id)


async def _suggested(request: web.Request, story: Story) -> dict[str, str]:
    """Return the outcome that a script of the call came to, where one was finished."""
    async with request.app[DATABASE].reading() as session:
        for filled in reversed(await storage.scripts.of_call(session, story.call.id)):
            step = filled.outline.step(filled.stand.at)
            if filled.stand.ended and step is not None:
                return {"outcome": step.outcome}
    return {}


async def _page(
    request: web.Request,
    story: Story,
    values: Mapping[str, str],
    errors: dict[str, str],
    *,
    status: int = HTTPStatus.OK,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        me = request[VISITOR].user_id
        outcomes, choices = await _outcomes(session, story, me)
        doers = await steps.doers(session, me)
        noted = await storage.tasks.of_call(session, story.call.id)
    return render(
        request,
        "wrap_ups/edit.html",
        status=status,
        story=story,
        outcomes=[(str(each.id), each.name) for each in outcomes],
        outcome_required=choices.required,
        doers=doers,
        noted=noted,
        due=steps.tomorrow(),
        values={"outcome": "", "note": "", **values},
        errors=errors,
    )


routes = [
    web.get("/desk/calls/{call}/wrap-up", edit, name="wrap_ups.edit"),
    web.post("/desk/calls/{call}/wrap-up", create, name="wrap_ups.create"),
]
