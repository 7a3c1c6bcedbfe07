"""Erasing one person: a dry run, a reason, and their name typed once more."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from pbx_bridge.journal import NotErased
from recordings.purges import Purge
from storage.errors import Refused
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.journey import erasures
from web.keys import DATABASE, PICKUP, SETTINGS, SHELF, VISITOR
from web.render import redirect, render, url


@requires(Permission.MANAGE_RETENTION)
async def new(request: web.Request) -> web.Response:
    """What would go with this customer, and the form that asks for a reason."""
    scope = await erasures.look(request.app[DATABASE], UUID(request.match_info["id"]))
    return render(request, "erasures/new.html", scope=scope)


@requires(Permission.MANAGE_RETENTION)
async def create(request: web.Request) -> web.Response:
    """Erase the customer, if the name was typed as it is written."""
    form, key, app = await request.post(), UUID(request.match_info["id"]), request.app
    scope = await erasures.look(app[DATABASE], key)
    if str(form.get("name", "")).strip() != scope.customer.name.strip():
        raise Refused("type the name exactly as it is written: this cannot be taken back")
    folders = app[PICKUP].folders if PICKUP in app else {}
    purge = Purge(app[DATABASE], app[SHELF], folders)
    try:
        done = await erasures.erase(
            app[SETTINGS], app[DATABASE], purge, key, str(form.get("reason", "")),
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    except NotErased:
        raise Refused("a journal could not be rewritten; nothing else was erased") from None
    flash = _("The customer is erased.")
    if done.left:
        flash = _("The customer is erased; some files could not be removed yet and are retried.")
    return redirect(request, url(request, "customers.index"), flash=flash)
