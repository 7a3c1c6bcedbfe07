"""Softphones: the SIP account with which the agent at a phone telephones in the page."""

from datetime import UTC, datetime
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

import storage.softphones
from storage.errors import Refused
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, POPS, SECRETS, VISITOR
from web.office import agents, forms
from web.render import redirect, url

ACCOUNT = r"^[\w.+*-]*$"  # the user part of a SIP address


class SoftphoneFields(forms.Fields):
    """A SIP account; its password is never sent back to this page."""

    account: Annotated[str, StringConstraints(max_length=80, pattern=ACCOUNT)] = ""
    password: Annotated[str, StringConstraints(max_length=200)] = ""


@requires(Permission.MANAGE_USERS)
async def keep(request: web.Request) -> web.Response:
    """Give the phone a softphone, or change it; an empty password keeps the stored one."""
    key = forms.key_of(request)
    form = await forms.read(request, SoftphoneFields)
    errors = form.errors
    if form.fields is not None:
        try:
            async with request.app[DATABASE].writing() as session:
                await storage.softphones.keep(
                    session,
                    key,
                    account=form.fields.account,
                    password=form.fields.password or None,
                    secrets=request.app[SECRETS],
                    now=datetime.now(UTC),
                    by=request[VISITOR].user_id,
                )
        except Refused:
            errors = {"password": _("Fill this in.")}
    if errors:
        return await agents.one(request, key, errors=errors, account=form.typed.get("account", ""))
    await request.app[POPS].phones_changed()
    flash = _("Saved. The agent's desk registers when it is loaded again.")
    return redirect(request, url(request, "agents.edit", id=key), flash=flash)


@requires(Permission.MANAGE_USERS)
async def remove(request: web.Request) -> web.Response:
    """Take the softphone away; the agent's other phones stay."""
    key = forms.key_of(request)
    async with request.app[DATABASE].writing() as session:
        await storage.softphones.remove(session, key, by=request[VISITOR].user_id)
    await request.app[POPS].phones_changed()
    flash = _("The softphone is taken away.")
    return redirect(request, url(request, "agents.edit", id=key), flash=flash)


routes = [
    web.post("/administration/phones/{id}/softphone", keep, name="softphones.update"),
    web.post(
        "/administration/phones/{id}/softphone/removals", remove, name="softphone_removals.create"
    ),
]
