"""Promises to a customer: give one, keep it, give it up."""

from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

import storage.promises
from storage.promises import Promise
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR
from web.people import cards, forms
from web.people.forms import PromiseFields
from web.render import redirect


@requires(Permission.EDIT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Note what we promised a customer, and by when."""
    key = forms.key_of(request)
    form = await forms.read(request, PromiseFields)
    if form.fields is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if forms.wants_json(request):
            return web.json_response({"errors": form.errors}, status=status)
        return await cards.page(
            request, key, cards.Wrong("promise", form.errors, form.typed), status=status
        )
    async with request.app[DATABASE].writing() as session:
        promise = await storage.promises.add(
            session,
            key,
            form.fields.text,
            due_on=form.fields.due_on,
            call_id=form.fields.call,
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )
    return await _done(request, promise, _("Promised."), status=HTTPStatus.CREATED)


@requires(Permission.EDIT_CUSTOMERS)
async def keep(request: web.Request) -> web.Response:
    """The promise was kept."""
    async with request.app[DATABASE].writing() as session:
        key, by = forms.key_of(request), request[VISITOR].user_id
        promise = await storage.promises.keep(session, key, by=by, now=datetime.now(UTC))
    return await _done(request, promise, _("Kept."))


@requires(Permission.EDIT_CUSTOMERS)
async def give_up(request: web.Request) -> web.Response:
    """The promise was broken."""
    async with request.app[DATABASE].writing() as session:
        key, by = forms.key_of(request), request[VISITOR].user_id
        promise = await storage.promises.give_up(session, key, by=by, now=datetime.now(UTC))
    return await _done(request, promise, _("Broken. It stays in the history."))


async def _done(
    request: web.Request, promise: Promise, sentence: str, *, status: int = HTTPStatus.OK
) -> web.Response:
    await request.app[POPS].customer_changed(promise.customer_id)
    if forms.wants_json(request):
        return web.json_response({"id": str(promise.id)}, status=status)
    to = forms.card_of(request, promise.customer_id, "promises")
    return redirect(request, to, flash=sentence)
