"""Outcomes: what an agent can choose when a call is over, and in which order."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from aiohttp import web

import storage.outcomes
import storage.queues
from storage.errors import StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.render import redirect, render, url


class NewOutcome(forms.Fields):
    """A choice is a word or a few."""

    name: forms.Word


class OutcomeFields(NewOutcome):
    """A choice that can be closed."""

    active: bool = False


class Move(forms.Fields):
    """One place up or down."""

    to: Literal["up", "down"]


class QueueChoices(forms.Fields):
    """What the calls of one queue can come to; none ticked means every outcome."""

    outcomes: list[UUID] = []
    required: bool = False


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every outcome in its order, and the form for another."""
    return await _page(request, "", {})


async def _page(
    request: web.Request, name: str, errors: dict[str, str], *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        outcomes = await storage.outcomes.listed(session, closed=True)
        queues = await storage.queues.listed(session)
        chosen = await storage.outcomes.chosen(session)
    return render(
        request,
        "outcomes/index.html",
        status=status,
        outcomes=outcomes,
        queues=[(queue, chosen[queue.id]) for queue in queues],
        written=name,
        errors=errors,
    )


@requires(Permission.MANAGE_PBXS)
async def create(request: web.Request) -> web.Response:
    """Add an outcome at the end."""
    form = await forms.read(request, NewOutcome)
    if form.fields is None:
        return await _page(request, form.typed.get("name", ""), form.errors, status=422)
    try:
        async with request.app[DATABASE].writing() as session:
            by = request[VISITOR].user_id
            await storage.outcomes.create(session, form.fields.name, now=datetime.now(UTC), by=by)
    except StorageError as error:
        return await _page(request, form.fields.name, {"name": told(error)}, status=422)
    return redirect(request, url(request, "outcomes.index"), flash=_("Agents can choose it now."))


@requires(Permission.MANAGE_PBXS)
async def update(request: web.Request) -> web.Response:
    """Rename, close or open again."""
    key = forms.key_of(request)
    form = await forms.read(request, OutcomeFields)
    errors = form.errors
    if form.fields is not None:
        try:
            async with request.app[DATABASE].writing() as session:
                await storage.outcomes.change(
                    session,
                    key,
                    name=form.fields.name,
                    active=form.fields.active,
                    by=request[VISITOR].user_id,
                )
        except StorageError as error:
            errors = {"name": told(error)}
    if errors:
        return await _page(request, "", {str(key): errors.get("name", "")}, status=422)
    return redirect(request, url(request, "outcomes.index"), flash=_("Saved."))


@requires(Permission.MANAGE_PBXS)
async def move(request: web.Request) -> web.Response:
    """Move an outcome one place."""
    form = await forms.read(request, Move)
    if form.fields is None:
        return await _page(request, "", form.errors, status=422)
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.outcomes.move(session, forms.key_of(request), form.fields.to, by=by)
    return redirect(request, url(request, "outcomes.index"))


@requires(Permission.MANAGE_PBXS)
async def choose(request: web.Request) -> web.Response:
    """Say which outcomes calls of a queue can have, and whether they need one."""
    form = await forms.read(request, QueueChoices, many=("outcomes",))
    if form.fields is None:
        return await _page(request, "", {"": _("Choose one of the list.")}, status=422)
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
    web.get("/administration/outcomes", index, name="outcomes.index"),
    web.post("/administration/outcomes", create, name="outcomes.create"),
    web.post("/administration/outcomes/{id}", update, name="outcomes.update"),
    web.post("/administration/outcomes/{id}/moves", move, name="outcome_moves.create"),
    web.post("/administration/queues/{id}/outcomes", choose, name="queue_outcomes.update"),
]
