"""Our own numbers: what agents see of the number that was dialled."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import StringConstraints

import storage.own_numbers
import storage.pbxs
from storage.errors import StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.render import redirect, render, url

LATELY = timedelta(days=30)  # in which a number was dialled that is offered to be named


class OwnNumberFields(forms.Fields):
    """What a number is called, and where its callers have it from."""

    label: forms.Word
    source: Annotated[str, StringConstraints(max_length=80)] = ""


class NewOwnNumberFields(OwnNumberFields):
    """A number of a PBX, in any spelling."""

    pbx: UUID
    dialled: forms.Word


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every own number to edit, those dialled lately that have no name, a form for another."""
    given = {name: request.query.get(name, "") for name in ("pbx", "dialled")}
    return await _page(request, given, {})


@requires(Permission.MANAGE_PBXS)
async def create(request: web.Request) -> web.Response:
    """Name a number; the cards of its calls show it at once."""
    form = await forms.read(request, NewOwnNumberFields)
    if form.fields is None:
        return await _page(request, form.typed, form.errors, status=422)
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.own_numbers.add(
                session,
                form.fields.pbx,
                form.fields.dialled,
                label=form.fields.label,
                source=form.fields.source,
                by=request[VISITOR].user_id,
                now=datetime.now(UTC),
            )
    except StorageError as error:
        return await _page(request, form.typed, {"dialled": told(error)}, status=422)
    return await _done(request, _("Agents see this name now when the number is dialled."))


@requires(Permission.MANAGE_PBXS)
async def update(request: web.Request) -> web.Response:
    """Call a number otherwise."""
    key = forms.key_of(request)
    form = await forms.read(request, OwnNumberFields)
    if form.fields is None:
        wrong = " ".join(dict.fromkeys(form.errors.values()))
        return await _page(request, {}, {str(key): wrong}, status=422)
    async with request.app[DATABASE].writing() as session:
        await storage.own_numbers.change(
            session,
            key,
            label=form.fields.label,
            source=form.fields.source,
            by=request[VISITOR].user_id,
        )
    return await _done(request, _("Saved."))


@requires(Permission.MANAGE_PBXS)
async def delete(request: web.Request) -> web.Response:
    """Show the number without a name again."""
    async with request.app[DATABASE].writing() as session:
        key, by = forms.key_of(request), request[VISITOR].user_id
        await storage.own_numbers.remove(session, key, by=by)
    return await _done(request, _("The name is taken away."))


async def _done(request: web.Request, sentence: str) -> web.Response:
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "own_numbers.index"), flash=sentence)


async def _page(
    request: web.Request, typed: Mapping[str, str], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        numbers = await storage.own_numbers.listed(session)
        since = datetime.now(UTC) - LATELY
        nameless = await storage.own_numbers.nameless(session, since=since)
        pbxs = {pbx.id: pbx.name for pbx in await storage.pbxs.listed(session)}
    return render(
        request,
        "own_numbers/index.html",
        status=status,
        numbers=numbers,
        nameless=nameless,
        pbxs=pbxs,
        typed=dict(typed),
        errors=errors,
    )


routes = [
    web.get("/administration/numbers", index, name="own_numbers.index"),
    web.post("/administration/numbers", create, name="own_numbers.create"),
    web.post("/administration/numbers/{id}", update, name="own_numbers.update"),
    web.post("/administration/numbers/{id}/delete", delete, name="own_numbers.delete"),
]
