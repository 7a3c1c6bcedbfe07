"""Where a person begins: the desk, the calls in progress or the customers, by right and seat."""

from collections.abc import Iterator

from aiohttp import web

import storage.agents
from storage.rules.permissions import Permission, RoleName
from web.auth import signed_in
from web.keys import DATABASE, VISITOR
from web.render import redirect, url


@signed_in
async def show(request: web.Request) -> web.Response:
    """Send the visitor to the page they work on."""
    seated = await _is_seated(request)
    router = request.app.router.named_resources()
    route = next(route for route in _wishes(request, seated=seated) if route in router)
    return redirect(request, url(request, route))


async def _is_seated(request: web.Request) -> bool:
    async with request.app[DATABASE].reading() as session:
        phones = await storage.agents.phones(session)
    return any(phone.user_id == request[VISITOR].user_id for phone in phones)


def _wishes(request: web.Request, *, seated: bool) -> Iterator[str]:
    visitor = request[VISITOR]
    works_at_phone = seated or visitor.role == RoleName.AGENT
    if works_at_phone and visitor.can(Permission.USE_DESK):
        yield "desk.show"
    if visitor.can(Permission.SEE_CALLS_IN_PROGRESS):
        yield "calls.in_progress"
    if visitor.can(Permission.SEE_CUSTOMERS):
        yield "customers.index"
    yield "passwords.edit"


routes = [web.get("/", show, name="home")]
