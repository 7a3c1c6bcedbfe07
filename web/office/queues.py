"""Queues: what people call them. They come by themselves, with their first call."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

import storage.pbxs
import storage.queues
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url


class Label(forms.Fields):
    """What people call a queue; empty means as the PBX does."""

    label: Annotated[str, StringConstraints(max_length=80)] = ""


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every queue with its label to edit."""
    return await _page(request, {})


async def _page(request: web.Request, errors: dict[str, str], *, status: int = 200) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        queues = await storage.queues.listed(session)
        pbxs = {pbx.id: pbx.name for pbx in await storage.pbxs.listed(session)}
    return render(
        request, "queues/index.html", status=status, queues=queues, pbxs=pbxs, errors=errors
    )


@requires(Permission.MANAGE_PBXS)
async def update(request: web.Request) -> web.Response:
    """Store the label."""
    key = forms.key_of(request)
    form = await forms.read(request, Label)
    if form.fields is None:
        return await _page(request, {str(key): form.errors.get("label", "")}, status=422)
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.queues.rename(session, key, form.fields.label, by=by)
    return redirect(request, url(request, "queues.index"), flash=_("Saved."))


routes = [
    web.get("/administration/queues", index, name="queues.index"),
    web.post("/administration/queues/{id}", update, name="queues.update"),
]
