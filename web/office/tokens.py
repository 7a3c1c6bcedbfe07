"""One's own API tokens: made here, shown once, ended here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from aiohttp import web
from pydantic import Field

import storage.tokens
from web.auth import signed_in
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url

Scope = Literal["read", "write", "live", "recordings", "dial", "pause", "supervise"]


class NewToken(forms.Fields):
    """What a token is for, what it may do, how long."""

    name: forms.Word
    scopes: list[Scope] = Field(min_length=1)
    days: Literal["30", "365", "never"]


@signed_in
async def index(request: web.Request) -> web.Response:
    """The visitor's tokens and the form for another."""
    return await _page(request, {"scopes": ["read"], "days": "365"}, {})


async def _page(
    request: web.Request, typed: Mapping[str, object], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        tokens = await storage.tokens.of_user(session, request[VISITOR].user_id)
    return render(
        request, "tokens/index.html", status=status, tokens=tokens, typed=typed, errors=errors
    )


@signed_in
async def create(request: web.Request) -> web.Response:
    """Issue a token and show it, this one time."""
    form = await forms.read(request, NewToken, many=("scopes",))
    if form.fields is None:
        typed = {**form.typed, "scopes": form.typed.getall("scopes", [])}
        if "scopes" in form.errors:
            form.errors["scopes"] = _("Choose at least one.")
        return await _page(request, typed, form.errors, status=422)
    now, user_id, days = datetime.now(UTC), request[VISITOR].user_id, form.fields.days
    async with request.app[DATABASE].writing() as session:
        issued = await storage.tokens.create(
            session,
            user_id,
            name=form.fields.name,
            scopes=form.fields.scopes,
            now=now,
            by=user_id,
            expires_at=None if days == "never" else now + timedelta(days=int(days)),
        )
    return render(request, "tokens/show.html", token=issued.token, secret=issued.secret)


@signed_in
async def revoke(request: web.Request) -> web.Response:
    """End a token of the visitor."""
    user_id = request[VISITOR].user_id
    async with request.app[DATABASE].writing() as session:
        await storage.tokens.revoke(
            session,
            forms.key_of(request),
            user_id=user_id,
            now=datetime.now(UTC),
            by=user_id,
        )
    return redirect(request, url(request, "tokens.index"), flash=_("The token is revoked."))


routes = [
    web.get("/tokens", index, name="tokens.index"),
    web.post("/tokens", create, name="tokens.create"),
    web.post("/tokens/{id}/revocations", revoke, name="token_revocations.create"),
]
