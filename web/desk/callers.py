"""Who is on the other side of an agent's own call: made a customer, attached, corrected."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, StringConstraints, ValidationError

import storage.callers
import storage.calls
from storage.calls import Story
from storage.customers import CustomerKind, Profile
from storage.database import Session
from storage.errors import StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.desk import answers
from web.desk.answers import Fields, Unfit
from web.i18n import _, ngettext
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect, url


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


class CallerFields(Fields):
    """Someone new, someone we know, or nobody we know."""

    who: Literal["new", "customer", "nobody"]
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    kind: CustomerKind = CustomerKind.PERSON
    customer: Annotated[UUID | None, BeforeValidator(_none_if_empty)] = None
    owns_number: bool = False  # the number is theirs as well
    remember: bool = False  # the next calls of this number are theirs, whoever shares it


@requires(Permission.EDIT_CUSTOMERS)
async def update(request: web.Request) -> web.Response:
    """Say who it is; the pops of the call are drawn again, earlier unknown calls follow."""
    try:
        sentence = await _decide(request)
    except Unfit as unfit:
        if answers.wants_json(request):
            return answers.refused(unfit)
        return redirect(request, url(request, "desk.show"), flash=str(unfit), kind="bad")
    return answers.done(request, sentence)


async def _decide(request: web.Request) -> str:
    fields = await _read(request)
    try:
        story = await answers.own_story(request)
        customer, followed = await _store(request, fields, story)
    except StorageError as error:
        answers.refuse(error)
    pops = request.app[POPS]
    await pops.call_matched(story.call.id)
    for changed in filter(None, {customer, story.call.customer_id}):
        await pops.customer_changed(changed)
    return _told(customer, followed)


async def _read(request: web.Request) -> CallerFields:
    try:
        fields = CallerFields.model_validate(dict(await request.post()))
    except ValidationError as error:
        raise answers.wrong(error) from error
    if fields.who == "new" and not fields.name:
        raise Unfit({"name": _("A customer needs a name.")})
    if fields.who == "customer" and fields.customer is None:
        raise Unfit({"": _("Choose a customer.")})
    if fields.who == "nobody":
        return fields.model_copy(update={"customer": None})
    return fields


async def _store(
    request: web.Request, fields: CallerFields, story: Story
) -> tuple[UUID | None, int]:
    """Return the customer that the call has now, and how many earlier calls followed."""
    async with request.app[DATABASE].writing() as session:
        by, key = request[VISITOR].user_id, story.call.id
        if fields.who == "new":
            return await _create(session, fields, story, by=by), 0
        if fields.customer and (fields.owns_number or fields.remember):
            followed = await storage.callers.attach(
                session,
                key,
                fields.customer,
                by=by,
                now=datetime.now(UTC),
                remember=fields.remember,
            )
            return fields.customer, followed
        await storage.calls.match_by_hand(session, key, fields.customer, by=by)
        return fields.customer, 0


async def _create(session: Session, fields: CallerFields, story: Story, *, by: UUID) -> UUID:
    made = story.customer if story.call.matched_by_hand else None
    if made is not None and (made.name, made.kind) == (fields.name, fields.kind):
        return made.id  # the same form came again: its first answer was lost on the way
    profile = Profile(name=fields.name, kind=fields.kind)
    customer = await storage.callers.create_from_call(
        session, story.call.id, profile, by=by, now=datetime.now(UTC)
    )
    return customer.id


def _told(customer: UUID | None, followed: int) -> str:
    if customer is None:
        return _("Noted: nobody we know.")
    if not followed:
        return _("Noted who it is.")
    text = ngettext(
        "Noted; one earlier call of this number followed.",
        "Noted; {count} earlier calls of this number followed.",
        followed,
    )
    return text.format(count=followed)


routes = [web.post("/desk/calls/{call}/customer", update, name="callers.update")]
