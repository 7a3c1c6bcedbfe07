"""Notes about a customer."""

from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

import storage.notes
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR
from web.people import cards, forms
from web.people.forms import NoteFields
from web.render import redirect


@requires(Permission.EDIT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Write a note about a customer."""
    key = forms.key_of(request)
    form = await forms.read(request, NoteFields)
    if form.fields is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if forms.wants_json(request):
            return web.json_response({"errors": form.errors}, status=status)
        return await cards.page(
            request, key, cards.Wrong("note", form.errors, form.typed), status=status
        )
    async with request.app[DATABASE].writing() as session:
        note = await storage.notes.add(
            session,
            key,
            form.fields.text,
            call_id=form.fields.call,
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )
    await request.app[POPS].customer_changed(key)
    if forms.wants_json(request):
        return web.json_response({"id": str(note.id)}, status=HTTPStatus.CREATED)
    return redirect(request, forms.card_of(request, key, "history"), flash=_("Noted."))
