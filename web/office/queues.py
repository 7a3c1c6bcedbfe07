"""Queues: what people call them, and what follows a call. They come by themselves."""

from typing import Annotated

from aiohttp import web
from pydantic import BeforeValidator, Field, StringConstraints

import storage.pbxs
import storage.queues
from storage.queues import LONGEST_PAUSE, PAUSE_SECONDS, SHORTEST_PAUSE
from storage.rules.permissions import Permission
from storage.rules.supervisions import Disclosure
from web.auth import requires
from web.i18n import _, gettext
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.office.teams import DISCLOSURES
from web.render import redirect, render, url


def _zero_if_empty(value: object) -> object:
    return 0 if value == "" else value


def _none_if_empty(value: object) -> object:
    return value or None


class QueueFields(forms.Fields):
    """How a queue is called (empty: as the PBX does), and what follows and happens in its calls."""

    label: Annotated[str, StringConstraints(max_length=80)] = ""
    wrap_up_seconds: Annotated[int, BeforeValidator(_zero_if_empty), Field(ge=0, le=3600)] = 0
    wrap_up_pauses: bool = False
    agents_log_in: bool = False
    supervision: Annotated[Disclosure | None, BeforeValidator(_none_if_empty)] = None
    pause_seconds: Annotated[int, Field(ge=SHORTEST_PAUSE, le=LONGEST_PAUSE)] = PAUSE_SECONDS


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every queue with its label to edit."""
    return await _page(request, {})


async def _page(request: web.Request, errors: dict[str, str], *, status: int = 200) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        queues = await storage.queues.listed(session)
        pbxs = {pbx.id: pbx.name for pbx in await storage.pbxs.listed(session)}
    told = [(each.value, gettext(DISCLOSURES[each])) for each in Disclosure]
    return render(
        request, "queues/index.html", status=status, queues=queues, pbxs=pbxs, errors=errors,
        disclosures=told,
    )  # fmt: skip


@requires(Permission.MANAGE_PBXS)
async def update(request: web.Request) -> web.Response:
    """Store a queue's row."""
    key = forms.key_of(request)
    form = await forms.read(request, QueueFields)
    fields = form.fields
    if fields is None:
        return await _page(request, {str(key): " ".join(form.errors.values())}, status=422)
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.queues.rename(session, key, fields.label, by=by)
        await storage.queues.arrange(
            session,
            key,
            wrap_up_seconds=fields.wrap_up_seconds,
            wrap_up_pauses=fields.wrap_up_pauses,
            agents_log_in=fields.agents_log_in,
            pause_seconds=fields.pause_seconds,
            supervision=fields.supervision,
            by=by,
        )
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "queues.index"), flash=_("Saved."))


routes = [
    web.get("/administration/queues", index, name="queues.index"),
    web.post("/administration/queues/{id}", update, name="queues.update"),
]
