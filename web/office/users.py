"""Users: who has an account, with which role, in which teams."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import field_validator

import storage.access
import storage.agents
import storage.passwords
import storage.teams
import storage.users
from storage.errors import StorageError
from storage.rules.permissions import Permission, RoleName
from storage.users import LOGIN, User, folded
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.office.profiles import known_language, languages
from web.render import redirect, render, url


class UserFields(forms.Fields):
    """What an administrator says of an account."""

    name: forms.Line
    role: RoleName
    language: str
    teams: list[UUID] = []
    active: bool = False

    _known = field_validator("language")(known_language)


class NewUserFields(UserFields):
    """The same for a new account, which needs a login."""

    login: str

    @field_validator("login")
    @classmethod
    def _is_login(cls, login: str) -> str:
        if not LOGIN.fullmatch(folded(login)):
            raise ValueError(_("A login has 2 to 80 letters, digits and . _ - + @"))
        return folded(login)


@requires(Permission.MANAGE_USERS)
async def index(request: web.Request) -> web.Response:
    """Every account with its role, teams and phones."""
    text, closed = request.query.get("q", ""), "closed" in request.query
    async with request.app[DATABASE].reading() as session:
        users = await storage.users.listed(session, text=text, closed=closed)
        teams = await storage.teams.listed(session)
        members = await storage.teams.members(session)
        seats = await storage.agents.seats(session)
    teams_of = {
        user.id: [team.name for team in teams if user.id in members.get(team.id, ())]
        for user in users
    }
    phones_of = {
        user.id: [seat.agent.extension for seat in seats if seat.user.id == user.id]
        for user in users
    }
    return render(
        request,
        "users/index.html",
        users=users,
        teams_of=teams_of,
        phones_of=phones_of,
        q=text,
        closed=closed,
    )


@requires(Permission.MANAGE_USERS)
async def new(request: web.Request) -> web.Response:
    """The form for a new account."""
    typed = {"role": RoleName.AGENT, "language": "", "teams": []}
    return await _new_page(request, typed, {})


async def _new_page(
    request: web.Request, typed: dict[str, Any], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        teams = await storage.teams.listed(session)
    return render(
        request,
        "users/new.html",
        status=status,
        typed=typed,
        errors=errors,
        teams=teams,
        languages=[("", _("As the browser asks at the first log-in")), *languages()],
    )


@requires(Permission.MANAGE_USERS)
async def create(request: web.Request) -> web.Response:
    """Add the account and show its one-time password, this one time."""
    form = await forms.read(request, NewUserFields, many=("teams",))
    typed = {**form.typed, "teams": form.typed.getall("teams", [])}
    if form.fields is None:
        return await _new_page(request, typed, form.errors, status=422)
    password = storage.passwords.one_time()
    password_hash = await storage.passwords.hashed(password)
    try:
        user = await _add(request, form.fields, password_hash)
    except StorageError as error:
        return await _new_page(request, typed, {"login": told(error)}, status=422)
    return render(request, "users/password.html", person=user, password=password, is_new=True)


async def _add(request: web.Request, fields: NewUserFields, password_hash: str) -> User:
    by = request[VISITOR].user_id
    async with request.app[DATABASE].writing() as session:
        user = await storage.users.create(
            session,
            login=fields.login,
            name=fields.name,
            role=fields.role,
            language=fields.language,
            password_hash=password_hash,
            must_change_password=True,
            now=datetime.now(UTC),
            by=by,
        )
        await storage.teams.place(session, user.id, fields.teams, by=by)
    return user


@requires(Permission.MANAGE_USERS)
async def edit(request: web.Request) -> web.Response:
    """The account, its phones, and what can be done with it."""
    key = forms.key_of(request)
    async with request.app[DATABASE].reading() as session:
        user = await storage.users.get(session, key)
        typed = {
            "name": user.name,
            "role": user.role,
            "language": user.language,
            "active": user.active,
            "teams": await storage.teams.of_user(session, key),
        }
    return await _edit_page(request, key, typed, {})


async def _edit_page(
    request: web.Request,
    key: UUID,
    typed: dict[str, Any],
    errors: dict[str, str],
    *,
    status: int = 200,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        user = await storage.users.get(session, key)
        teams = await storage.teams.listed(session)
        seats = [seat for seat in await storage.agents.seats(session) if seat.user.id == key]
    return render(
        request,
        "users/edit.html",
        status=status,
        person=user,
        typed=typed,
        errors=errors,
        teams=teams,
        seats=seats,
        languages=[("", _("As the browser asks at the first log-in")), *languages()],
    )


@requires(Permission.MANAGE_USERS)
async def update(request: web.Request) -> web.Response:
    """Store the account; where its access changed, its open pages lose theirs at once."""
    key = forms.key_of(request)
    form = await forms.read(request, UserFields, many=("teams",))
    typed = {
        **form.typed,
        "teams": form.typed.getall("teams", []),
        "active": "active" in form.typed,
    }
    if form.fields is None:
        return await _edit_page(request, key, typed, form.errors, status=422)
    try:
        await _change(request, key, form.fields)
    except StorageError as error:
        return await _edit_page(request, key, typed, {"": told(error)}, status=422)
    await request.app[POPS].access_changed(key)
    await request.app[POPS].phones_changed()
    return redirect(request, url(request, "users.index"), flash=_("Saved."))


async def _change(request: web.Request, key: UUID, fields: UserFields) -> None:
    by = request[VISITOR].user_id
    async with request.app[DATABASE].writing() as session:
        await storage.access.change_user(
            session,
            key,
            name=fields.name,
            role=fields.role,
            language=fields.language,
            active=fields.active,
            now=datetime.now(UTC),
            by=by,
        )
        await storage.teams.place(session, key, fields.teams, by=by)


@requires(Permission.MANAGE_USERS)
async def reset_password(request: web.Request) -> web.Response:
    """Give the account a one-time password, shown this one time; its log-ins end."""
    key = forms.key_of(request)
    password = storage.passwords.one_time()
    password_hash = await storage.passwords.hashed(password)
    async with request.app[DATABASE].writing() as session:
        user = await storage.users.get(session, key)
        by = request[VISITOR].user_id
        await storage.access.set_password(session, key, password_hash, must_change=True, by=by)
    await request.app[POPS].access_changed(key)
    return render(request, "users/password.html", person=user, password=password, is_new=False)


routes = [
    web.get("/administration/users", index, name="users.index"),
    web.post("/administration/users", create, name="users.create"),
    web.get("/administration/users/new", new, name="users.new"),
    web.get("/administration/users/{id}", edit, name="users.edit"),
    web.post("/administration/users/{id}", update, name="users.update"),
    web.post(
        "/administration/users/{id}/passwords", reset_password, name="one_time_passwords.create"
    ),
]
