"""Pause reasons: why an agent takes no calls for a while, and in which order they stand."""

from datetime import UTC, datetime
from typing import Literal

from aiohttp import web

import storage.pause_reasons
from storage.errors import StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url


class NewReason(forms.Fields):
    """A choice is a word or a few."""

    name: forms.Word


class ReasonFields(NewReason):
    """A choice that can be closed."""

    active: bool = False


class Move(forms.Fields):
    """One place up or down."""

    to: Literal["up", "down"]


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every reason in its order, and the form for another."""
    return await _page(request, "", {})


async def _page(
    request: web.Request, name: str, errors: dict[str, str], *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        reasons = await storage.pause_reasons.listed(session, closed=True)
    return render(
        request,
        "pause_reasons/index.html",
        status=status,
        reasons=reasons,
        written=name,
        errors=errors,
    )


@requires(Permission.MANAGE_PBXS)
async def create(request: web.Request) -> web.Response:
    """Add a reason at the end."""
    form = await forms.read(request, NewReason)
    if form.fields is None:
        return await _page(request, form.typed.get("name", ""), form.errors, status=422)
    try:
        async with request.app[DATABASE].writing() as session:
            by = request[VISITOR].user_id
            await storage.pause_reasons.create(
                session, form.fields.name, now=datetime.now(UTC), by=by
            )
    except StorageError as error:
        return await _page(request, form.fields.name, {"name": told(error)}, status=422)
    return redirect(
        request, url(request, "pause_reasons.index"), flash=_("Agents can choose it now.")
    )


@requires(Permission.MANAGE_PBXS)
async def update(request: web.Request) -> web.Response:
    """Rename, close or open again."""
    key = forms.key_of(request)
    form = await forms.read(request, ReasonFields)
    errors = form.errors
    if form.fields is not None:
        try:
            async with request.app[DATABASE].writing() as session:
                await storage.pause_reasons.change(
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
    return redirect(request, url(request, "pause_reasons.index"), flash=_("Saved."))


@requires(Permission.MANAGE_PBXS)
async def move(request: web.Request) -> web.Response:
    """Move a reason one place."""
    form = await forms.read(request, Move)
    if form.fields is None:
        return await _page(request, "", form.errors, status=422)
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.pause_reasons.move(session, forms.key_of(request), form.fields.to, by=by)
    return redirect(request, url(request, "pause_reasons.index"))


routes = [
    web.get("/administration/pause-reasons", index, name="pause_reasons.index"),
    web.post("/administration/pause-reasons", create, name="pause_reasons.create"),
    web.post("/administration/pause-reasons/{id}", update, name="pause_reasons.update"),
    web.post("/administration/pause-reasons/{id}/moves", move, name="pause_reason_moves.create"),
]
