"""Teams: whose calls a supervisor sees."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.teams
import storage.users
from pbx_bridge.matching import msgid
from storage.errors import StorageError
from storage.rules.permissions import Permission
from storage.rules.supervisions import Disclosure
from web.auth import requires
from web.i18n import _, gettext, told
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url

DISCLOSURES = {
    Disclosure.SHOWN: msgid("Always"),
    Disclosure.SPEAKING: msgid("Only when the supervisor speaks: whisper and barge in"),
    Disclosure.HIDDEN: msgid("Never"),
}


class NewTeam(forms.Fields):
    """A team is a name first."""

    name: forms.Word


class TeamFields(NewTeam):
    """A team with its members."""

    members: list[UUID] = []
    supervision: Disclosure = Disclosure.SHOWN


@requires(Permission.MANAGE_USERS)
async def index(request: web.Request) -> web.Response:
    """Every team with its members, and the form for another."""
    return await _list(request, "", {})


async def _list(
    request: web.Request, name: str, errors: dict[str, str], *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        teams = await storage.teams.listed(session)
        members = await storage.teams.members(session)
        names = await storage.users.names(session)
    rows = [(team, sorted(names[key] for key in members.get(team.id, ()))) for team in teams]
    return render(
        request, "teams/index.html", status=status, rows=rows, written=name, errors=errors
    )


@requires(Permission.MANAGE_USERS)
async def create(request: web.Request) -> web.Response:
    """Add a team and go on to its members."""
    form = await forms.read(request, NewTeam)
    if form.fields is None:
        return await _list(request, form.typed.get("name", ""), form.errors, status=422)
    try:
        async with request.app[DATABASE].writing() as session:
            team = await storage.teams.create(
                session, name=form.fields.name, now=datetime.now(UTC), by=request[VISITOR].user_id
            )
    except StorageError as error:
        return await _list(request, form.fields.name, {"name": told(error)}, status=422)
    return redirect(
        request, url(request, "teams.edit", id=team.id), flash=_("Now choose who is in.")
    )


@requires(Permission.MANAGE_USERS)
async def edit(request: web.Request) -> web.Response:
    """Name and members of one team."""
    key = forms.key_of(request)
    async with request.app[DATABASE].reading() as session:
        team = await storage.teams.get(session, key)
        members = (await storage.teams.members(session)).get(key, set())
    return await _page(request, key, team.name, list(members), {}, shown=team.supervision)


async def _page(
    request: web.Request,
    key: UUID,
    name: str,
    members: list[UUID],
    errors: dict[str, str],
    *,
    shown: str,
    status: int = 200,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        team = await storage.teams.get(session, key)
        users = await storage.users.listed(session, closed=True)
    people = [user for user in users if user.active or user.id in members]
    return render(
        request,
        "teams/edit.html",
        status=status,
        team=team,
        written=name,
        members=members,
        users=[(user.id, user.name) for user in people],
        disclosures=[(each.value, gettext(DISCLOSURES[each])) for each in Disclosure],
        disclosed=shown,
        errors=errors,
    )


@requires(Permission.MANAGE_USERS)
async def update(request: web.Request) -> web.Response:
    """Store name and members."""
    key = forms.key_of(request)
    form = await forms.read(request, TeamFields, many=("members",))
    if form.fields is None:
        typed = form.typed
        return await _page(
            request, key, typed.get("name", ""), [], form.errors,
            shown=typed.get("supervision", ""), status=422,
        )  # fmt: skip
    name, members = form.fields.name, form.fields.members
    try:
        async with request.app[DATABASE].writing() as session:
            by = request[VISITOR].user_id
            await storage.teams.change(
                session, key, name=name, user_ids=members, supervision=form.fields.supervision,
                by=by,
            )  # fmt: skip
    except StorageError as error:
        shown = form.fields.supervision
        return await _page(
            request, key, name, members, {"name": told(error)}, shown=shown, status=422
        )
    return redirect(request, url(request, "teams.index"), flash=_("Saved."))


@requires(Permission.MANAGE_USERS)
async def remove(request: web.Request) -> web.Response:
    """Dissolve a team."""
    async with request.app[DATABASE].writing() as session:
        await storage.teams.remove(session, forms.key_of(request), by=request[VISITOR].user_id)
    return redirect(request, url(request, "teams.index"), flash=_("The team is dissolved."))


routes = [
    web.get("/administration/teams", index, name="teams.index"),
    web.post("/administration/teams", create, name="teams.create"),
    web.get("/administration/teams/{id}", edit, name="teams.edit"),
    web.post("/administration/teams/{id}", update, name="teams.update"),
    web.post("/administration/teams/{id}/removals", remove, name="team_removals.create"),
]
