"""Click-to-call: a number on any page, and the visitor's phone."""

import re

from aiohttp import web

from storage.errors import Refused
from storage.rules.permissions import Permission
from web import dialling
from web.auth import requires
from web.desk import answers
from web.dialling import Placed
from web.i18n import _
from web.render import redirect, url

NUMBER_LENGTH = 80


@requires(Permission.PLACE_CALLS)
async def create(request: web.Request) -> web.Response:
    """Ring the visitor's phone, then call the number; the same key is the same click."""
    posted = await request.post()
    number, key = str(posted.get("number", "")), str(posted.get("key", ""))
    if not re.fullmatch(dialling.KEY, key):
        raise Refused(_("This click has no key. Load the page again and repeat."))
    placed = await dialling.place(request, number[:NUMBER_LENGTH], key)
    if answers.wants_json(request):
        return _told(placed)
    return redirect(request, url(request, "desk.show"), flash=dialling.sentence(placed))


@requires(Permission.PLACE_CALLS)
async def show(request: web.Request) -> web.Response:
    """What came of one click of the visitor's."""
    return _told(await dialling.placed_with(request, request.match_info["key"]))


def _told(placed: Placed) -> web.Response:
    return web.json_response(
        {
            "key": placed.key,
            "fate": placed.outcome.fate.value,
            "call": str(placed.outcome.call) if placed.outcome.call else None,
            "done": dialling.sentence(placed),
        }
    )


routes = [
    web.post("/dials", create, name="dials.create"),
    web.get("/dials/{key}", show, name="dials.show"),
]
