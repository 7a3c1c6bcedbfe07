"""Outcomes: what an agent can choose when a call is over, and in which order."""

from typing import Any
from uuid import UUID

from aiohttp import web

import storage.outcomes
import storage.queues
from storage.database import Session
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.office.choices import Place, routes_of
from web.render import redirect, url


class QueueChoices(forms.Fields):
    """What the calls of one queue can come to; none ticked means every outcome."""

    outcomes: list[UUID] = []
    required: bool = False


async def _queues(session: Session) -> dict[str, Any]:
    queues = await storage.queues.listed(session)
    chosen = await storage.outcomes.chosen(session)
    return {"queues": [(queue, chosen[queue.id]) for queue in queues]}


PLACE = Place(
    "outcomes",
    "/administration/outcomes",
    "outcome_moves.create",
    storage.outcomes.LIST,
    _queues,
)


@requires(Permission.MANAGE_PBXS)
async def choose(request: web.Request) -> web.Response:
    """Say which outcomes calls of a queue can have, and whether they need one."""
    form = await forms.read(request, QueueChoices, many=("outcomes",))
    if form.fields is None:
        return await PLACE.page(request, "", {"": _("Choose one of the list.")}, status=422)
    async with request.app[DATABASE].writing() as session:
        await storage.outcomes.choose(
            session,
            forms.key_of(request),
            form.fields.outcomes,
            required=form.fields.required,
            by=request[VISITOR].user_id,
        )
    await request.app[POPS].phones_changed()  # the cards that are open show what is left
    return redirect(request, url(request, "outcomes.index"), flash=_("Saved."))


routes = [
    *routes_of(PLACE),
    web.post("/administration/queues/{id}/outcomes", choose, name="queue_outcomes.update"),
]
