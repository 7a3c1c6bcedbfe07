"""The agent's own softphone: what the desk needs to register it."""

from aiohttp import web

import storage.softphones
from storage.rules.permissions import Permission
from web.auth import requires
from web.keys import DATABASE, SECRETS, VISITOR


@requires(Permission.USE_DESK)
async def register(request: web.Request) -> web.Response:
    """Give the visitor's own SIP account, with its password, to the visitor's own page."""
    async with request.app[DATABASE].writing() as session:
        registration = await storage.softphones.register(
            session, request[VISITOR].user_id, secrets=request.app[SECRETS]
        )
    line = registration.line
    return web.json_response(
        {
            "url": line.url,
            "address": line.address,
            "account": line.account,
            "password": registration.password,
        }
    )


routes = [
    web.post("/desk/softphone/registrations", register, name="softphone_registrations.create")
]
