"""PBXs: where they are, how to log in, what their numbers and recordings mean."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.pbxs
from storage.errors import StorageError
from storage.pbxs import Pbx
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, SECRETS, VISITOR
from web.office import forms
from web.office.pbx_fields import NewPbxFields, PbxFields, regions
from web.render import redirect, render, url


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every PBX with the state of its link."""
    async with request.app[DATABASE].reading() as session:
        pbxs = await storage.pbxs.listed(session)
    states = {link.pbx_id: link for link in request.app[POPS].links()}
    return render(request, "pbxs/index.html", pbxs=pbxs, states=states)


@requires(Permission.MANAGE_PBXS)
async def new(request: web.Request) -> web.Response:
    """The form for another PBX."""
    typed = {
        "port": 5038,
        "username": "ringbook",
        "encoding": "cp1252",
        "region": "GB",
        "internal_digits": 5,
    }
    return _page(request, "pbxs/new.html", typed, {})


def _page(
    request: web.Request,
    template: str,
    typed: Mapping[str, object],
    errors: dict[str, str],
    *,
    status: int = 200,
    pbx: Pbx | None = None,
) -> web.Response:
    return render(
        request,
        template,
        status=status,
        typed=typed,
        errors=errors,
        pbx=pbx,
        regions=regions(),
    )


@requires(Permission.MANAGE_PBXS)
async def create(request: web.Request) -> web.Response:
    """Add a PBX; the bridge logs in to it at once."""
    form = await forms.read(request, NewPbxFields)
    if form.fields is None:
        return _page(request, "pbxs/new.html", form.typed, form.errors, status=422)
    try:
        async with request.app[DATABASE].writing() as session:
            pbx = await storage.pbxs.create(
                session,
                form.fields.facts(enabled=True),
                secret=form.fields.secret,
                books_sql=form.fields.new_books_sql(),
                secrets=request.app[SECRETS],
                now=datetime.now(UTC),
                by=request[VISITOR].user_id,
            )
    except StorageError as error:
        errors = {"name": told(error)}
        return _page(request, "pbxs/new.html", form.typed, errors, status=422)
    await request.app[POPS].phones_changed()
    flash = _("The PBX is added. Test the connection next.")
    return redirect(request, url(request, "pbxs.edit", id=pbx.id), flash=flash)


@requires(Permission.MANAGE_PBXS)
async def edit(request: web.Request) -> web.Response:
    """One PBX; what the settings file says of it can only be read here."""
    pbx = await _pbx(request, forms.key_of(request))
    return _page(request, "pbxs/edit.html", PbxFields.of(pbx), {}, pbx=pbx)


async def _pbx(request: web.Request, key: UUID) -> Pbx:
    async with request.app[DATABASE].reading() as session:
        return await storage.pbxs.get(session, key)


@requires(Permission.MANAGE_PBXS)
async def update(request: web.Request) -> web.Response:
    """Store the change; an empty secret keeps the one that is stored."""
    key = forms.key_of(request)
    pbx = await _pbx(request, key)
    form = await forms.read(request, PbxFields)
    if form.fields is None:
        return _page(request, "pbxs/edit.html", form.typed, form.errors, status=422, pbx=pbx)
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.pbxs.change(
                session,
                key,
                form.fields.facts(enabled=form.fields.enabled),
                secret=form.fields.secret or None,
                books_sql=form.fields.new_books_sql(),
                secrets=request.app[SECRETS],
                by=request[VISITOR].user_id,
            )
    except StorageError as error:
        errors = {"name": told(error)}
        return _page(request, "pbxs/edit.html", form.typed, errors, status=422, pbx=pbx)
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "pbxs.index"), flash=_("Saved."))


routes = [
    web.get("/administration/pbxs", index, name="pbxs.index"),
    web.post("/administration/pbxs", create, name="pbxs.create"),
    web.get("/administration/pbxs/new", new, name="pbxs.new"),
    web.get("/administration/pbxs/{id}", edit, name="pbxs.edit"),
    web.post("/administration/pbxs/{id}", update, name="pbxs.update"),
]
