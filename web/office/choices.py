"""The pages of a list of choices: add one, rename or close it, move it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from aiohttp import web

from storage.choices import ChoiceList
from storage.database import Session
from storage.errors import StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url

Context = Callable[[Session], Awaitable[dict[str, Any]]]


class NewChoice(forms.Fields):
    """A choice is a word or a few."""

    name: forms.Word


class ChoiceFields(NewChoice):
    """A choice that can be closed."""

    active: bool = False


class Move(forms.Fields):
    """One place up or down."""

    to: Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list has its pages."""

    name: str  # of its routes, and of its folder of templates
    path: str
    moves: str  # the route by which one is moved
    choices: ChoiceList[Any]
    context: Context  # what its page shows beside the choices

    async def page(
        self, request: web.Request, name: str, errors: dict[str, str], *, status: int = 200
    ) -> web.Response:
        """Every choice in its order, and the form for another, with what was wrong."""
        async with request.app[DATABASE].reading() as session:
            choices = await self.choices.listed(session, closed=True)
            more = await self.context(session)
        return render(
            request,
            f"{self.name}/index.html",
            status=status,
            choices=choices,
            written=name,
            errors=errors,
            **more,
        )

    async def create(self, request: web.Request) -> web.Response:
        """Add a choice at the end."""
        form = await forms.read(request, NewChoice)
        if form.fields is None:
            return await self.page(request, form.typed.get("name", ""), form.errors, status=422)
        name, by = form.fields.name, request[VISITOR].user_id
        try:
            async with request.app[DATABASE].writing() as session:
                await self.choices.create(session, name, now=datetime.now(UTC), by=by)
        except StorageError as error:
            return await self.page(request, name, {"name": told(error)}, status=422)
        return self._back(request, _("Agents can choose it now."))

    async def update(self, request: web.Request) -> web.Response:
        """Rename, close or open again."""
        key, by = forms.key_of(request), request[VISITOR].user_id
        form = await forms.read(request, ChoiceFields)
        errors = form.errors
        if (fields := form.fields) is not None:
            try:
                async with request.app[DATABASE].writing() as session:
                    await self.choices.change(
                        session, key, name=fields.name, active=fields.active, by=by
                    )
            except StorageError as error:
                errors = {"name": told(error)}
        if errors:
            return await self.page(request, "", {str(key): errors.get("name", "")}, status=422)
        return self._back(request, _("Saved."))

    async def move(self, request: web.Request) -> web.Response:
        """Move a choice one place."""
        form = await forms.read(request, Move)
        if form.fields is None:
            return await self.page(request, "", form.errors, status=422)
        by = request[VISITOR].user_id
        async with request.app[DATABASE].writing() as session:
            await self.choices.move(session, forms.key_of(request), form.fields.to, by=by)
        return self._back(request)

    def _back(self, request: web.Request, flash: str = "") -> web.Response:
        return redirect(request, url(request, f"{self.name}.index"), flash=flash)


def routes_of(place: Place) -> list[web.RouteDef]:
    """Return the list's routes; all are for those who manage PBXs."""

    @requires(Permission.MANAGE_PBXS)
    async def index(request: web.Request) -> web.Response:
        return await place.page(request, "", {})

    @requires(Permission.MANAGE_PBXS)
    async def create(request: web.Request) -> web.Response:
        return await place.create(request)

    @requires(Permission.MANAGE_PBXS)
    async def update(request: web.Request) -> web.Response:
        return await place.update(request)

    @requires(Permission.MANAGE_PBXS)
    async def move(request: web.Request) -> web.Response:
        return await place.move(request)

    return [
        web.get(place.path, index, name=f"{place.name}.index"),
        web.post(place.path, create, name=f"{place.name}.create"),
        web.post(f"{place.path}/{{id}}", update, name=f"{place.name}.update"),
        web.post(f"{place.path}/{{id}}/moves", move, name=place.moves),
    ]
