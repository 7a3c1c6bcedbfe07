"""The numbers of a customer: give, take away, and say whose calls a shared one brings."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import web

import storage.callers
import storage.numbers
from storage.errors import Conflict, NotFound, Refused
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, ngettext, told
from web.keys import DATABASE, POPS, VISITOR
from web.people import cards, forms
from web.people.forms import Form, NumberFields
from web.render import redirect


@requires(Permission.EDIT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Give a customer a number; with a call, the call and its number in one step."""
    form = await forms.read(request, NumberFields)
    key = forms.key_of(request)
    if form.fields is None:
        return await _refuse(request, form, form.errors, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        followed = await _give(request, key, form.fields)
    except Refused as refusal:
        errors = {"number": told(refusal)}
        return await _refuse(request, form, errors, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        return await _refuse(request, form, {"number": told(conflict)}, HTTPStatus.CONFLICT)
    if form.fields.call is not None:
        await request.app[POPS].call_matched(form.fields.call)
    await request.app[POPS].customer_changed(key)
    if forms.wants_json(request):
        return web.json_response({"id": str(key), "followed": followed}, status=HTTPStatus.CREATED)
    return redirect(request, forms.card_of(request, key, "numbers"), flash=_told(followed))


@requires(Permission.EDIT_CUSTOMERS)
async def delete(request: web.Request) -> web.Response:
    """Take a number away; the history stays."""
    await _own(request)
    async with request.app[DATABASE].writing() as session:
        number_id = forms.key_of(request, "number")
        await storage.numbers.remove(session, number_id, by=request[VISITOR].user_id)
    return await _done(request, _("The number is taken away. The history stays."))


@requires(Permission.EDIT_CUSTOMERS)
async def choose(request: web.Request) -> web.Response:
    """From now on the calls of this number are this customer's, whoever shares it."""
    await _own(request)
    async with request.app[DATABASE].writing() as session:
        number_id, by = forms.key_of(request, "number"), request[VISITOR].user_id
        await storage.numbers.choose(session, number_id, by=by, now=datetime.now(UTC))
    return await _done(request, _("Calls of this number now open this customer."))


@requires(Permission.EDIT_CUSTOMERS)
async def unchoose(request: web.Request) -> web.Response:
    """The calls of this number may again be those of anyone who has it."""
    await _own(request)
    async with request.app[DATABASE].writing() as session:
        number_id = forms.key_of(request, "number")
        await storage.numbers.unchoose(session, number_id, by=request[VISITOR].user_id)
    return await _done(request, _("Calls of this number now offer everyone who has it."))


async def _give(request: web.Request, key: UUID, fields: NumberFields) -> int:
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        home = await storage.numbers.home(session)
        followed = 0
        if fields.call is not None:
            followed = await storage.callers.attach(
                session, fields.call, key, by=by, now=now, remember=fields.remember
            )
        have = {number.e164 for number in await storage.numbers.of_customer(session, key)}
        if fields.call is None or (fields.number and home.read(fields.number) not in have):
            followed += await storage.callers.give_number(
                session, key, fields.number, home=home, label=fields.label, by=by, now=now
            )
    return followed


async def _refuse(
    request: web.Request, form: Form[NumberFields], errors: dict[str, str], status: HTTPStatus
) -> web.Response:
    if forms.wants_json(request):
        return web.json_response({"errors": errors}, status=status)
    return await cards.page(
        request, forms.key_of(request), cards.Wrong("number", errors, form.typed), status=status
    )


def _told(followed: int) -> str:
    if not followed:
        return _("The number is added.")
    text = ngettext(
        "The number is added; one earlier call followed.",
        "The number is added; {count} earlier calls followed.",
        followed,
    )
    return text.format(count=followed)


async def _own(request: web.Request) -> None:
    """Raise NotFound for a number that is not this customer's."""
    number_id = forms.key_of(request, "number")
    async with request.app[DATABASE].reading() as session:
        number = await storage.numbers.get(session, number_id)
    if number.customer_id != forms.key_of(request):
        raise NotFound("number", number_id)


async def _done(request: web.Request, sentence: str) -> web.Response:
    key = forms.key_of(request)
    await request.app[POPS].customer_changed(key)
    return redirect(request, forms.card_of(request, key, "numbers"), flash=sentence)
