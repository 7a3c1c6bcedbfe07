"""Phones: which user sits at which extension of which PBX."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import StringConstraints

import storage.agents
import storage.pbxs
import storage.softphones
import storage.users
from storage.errors import StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.render import redirect, render, url

EXTENSION = r"^[\w*#+.-]+$"
INTERFACE = r"^(\w+/[\w*#+.@:/-]+)?$"  # technology/name; empty means PJSIP/<extension>


class Seat(forms.Fields):
    """A user at a phone."""

    user: UUID
    pbx: UUID
    extension: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=EXTENSION)]
    interface: Annotated[str, StringConstraints(max_length=80, pattern=INTERFACE)] = ""


@requires(Permission.MANAGE_USERS)
async def index(request: web.Request) -> web.Response:
    """Every phone with its agent, and the form for another."""
    return await _page(request, "agents/index.html", {"user": request.query.get("user", "")}, {})


async def _page(
    request: web.Request,
    template: str,
    typed: Mapping[str, object],
    errors: dict[str, str],
    *,
    status: int = 200,
    key: UUID | None = None,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        seats = await storage.agents.seats(session)
        users = await storage.users.listed(session)
        pbxs = await storage.pbxs.listed(session)
        softphones = await storage.softphones.accounts(session)
    return render(
        request,
        template,
        status=status,
        seats=seats,
        typed=typed,
        errors=errors,
        users=[(user.id, user.name) for user in users],
        pbxs=[(pbx.id, pbx.name) for pbx in pbxs],
        key=key,
        softphones=softphones,
        addresses={pbx.id: pbx.softphone_url for pbx in pbxs},
    )


@requires(Permission.MANAGE_USERS)
async def create(request: web.Request) -> web.Response:
    """Seat a user at a phone; their pops come there from now on."""
    form = await forms.read(request, Seat)
    errors = form.errors
    if form.fields is not None:
        errors = await _seat(request, form.fields)
    if errors:
        return await _page(request, "agents/index.html", form.typed, errors, status=422)
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "agents.index"), flash=_("The phone has its agent."))


async def _seat(request: web.Request, fields: Seat) -> dict[str, str]:
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.agents.create(
                session,
                user_id=fields.user,
                pbx_id=fields.pbx,
                extension=fields.extension,
                interface=fields.interface,
                now=datetime.now(UTC),
                by=request[VISITOR].user_id,
            )
    except StorageError as error:
        return {"extension": told(error)}
    return {}


@requires(Permission.MANAGE_USERS)
async def edit(request: web.Request) -> web.Response:
    """One phone: seat another user, name it otherwise, give it a softphone."""
    return await one(request, forms.key_of(request))


async def one(
    request: web.Request, key: UUID, *, errors: dict[str, str] | None = None, account: str = ""
) -> web.Response:
    """The page of one phone as it is stored, with what was wrong of its softphone's form."""
    async with request.app[DATABASE].reading() as session:
        agent = await storage.agents.get(session, key)
    typed: dict[str, object] = {
        "user": agent.user_id,
        "pbx": agent.pbx_id,
        "extension": agent.extension,
        "interface": agent.interface,
    }
    typed |= {"account": account} if errors else {}
    return await _page(
        request, "agents/edit.html", typed, errors or {}, status=422 if errors else 200, key=key
    )


@requires(Permission.MANAGE_USERS)
async def update(request: web.Request) -> web.Response:
    """Store the change; the pops of this phone go to its new agent from now on."""
    key = forms.key_of(request)
    form = await forms.read(request, Seat)
    errors = form.errors
    if form.fields is not None:
        errors = await _reseat(request, key, form.fields)
    if errors:
        return await _page(request, "agents/edit.html", form.typed, errors, status=422, key=key)
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "agents.index"), flash=_("Saved."))


async def _reseat(request: web.Request, key: UUID, fields: Seat) -> dict[str, str]:
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.agents.change(
                session,
                key,
                user_id=fields.user,
                pbx_id=fields.pbx,
                extension=fields.extension,
                interface=fields.interface,
                by=request[VISITOR].user_id,
            )
    except StorageError as error:
        return {"extension": told(error)}
    return {}


@requires(Permission.MANAGE_USERS)
async def remove(request: web.Request) -> web.Response:
    """Take the agent away from the phone; their calls stay theirs."""
    async with request.app[DATABASE].writing() as session:
        key = forms.key_of(request)
        await storage.agents.remove(session, key, by=request[VISITOR].user_id)
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "agents.index"), flash=_("Nobody sits there any more."))


routes = [
    web.get("/administration/phones", index, name="agents.index"),
    web.post("/administration/phones", create, name="agents.create"),
    web.get("/administration/phones/{id}", edit, name="agents.edit"),
    web.post("/administration/phones/{id}", update, name="agents.update"),
    web.post("/administration/phones/{id}/removals", remove, name="agent_removals.create"),
]
