"""The legal holds that stand, and lifting them."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.customers
import storage.holds
import storage.users
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url


@requires(Permission.MANAGE_RETENTION)
async def index(request: web.Request) -> web.Response:
    """Every hold that stands, the newest first."""
    async with request.app[DATABASE].reading() as session:
        holds = await storage.holds.listed(session)
        names = await storage.users.names(session)
    return render(request, "retention/holds.html", holds=holds, names=names)


@requires(Permission.MANAGE_RETENTION)
async def create(request: web.Request) -> web.Response:
    """Hold all calls of a customer, from the customer's own page."""
    key, form = UUID(request.match_info["id"]), await request.post()
    async with request.app[DATABASE].writing() as session:
        customer = await storage.customers.get(session, key)
        await storage.holds.place(
            session, str(form.get("reason", "")), customer_id=customer.id,
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    page = url(request, "customers.show", id=key)
    return redirect(request, page, flash=_("Held: no rule deletes it."))


@requires(Permission.MANAGE_RETENTION)
async def lift(request: web.Request) -> web.Response:
    """Lift a hold: the rules count again."""
    back = (await request.post()).get("back")
    async with request.app[DATABASE].writing() as session:
        key = UUID(request.match_info["id"])
        by, now = request[VISITOR].user_id, datetime.now(UTC)
        hold = await storage.holds.lift(session, key, by=by, now=now)
    page = url(request, "holds.index")
    if back == "customer" and hold.customer_id is not None:
        page = url(request, "customers.show", id=hold.customer_id)
    return redirect(request, page, flash=_("Lifted."))
