"""Calls that programs place: from the phone of the token's user, each order at most once."""

from http import HTTPStatus

from aiohttp import web

from storage.rules.permissions import Permission
from web import dialling
from web.api import models
from web.api.operations import Ask, operation
from web.dialling import Placed

DIAL = Permission.PLACE_CALLS


@operation(
    "POST", "/originates", name="api.originates.create", scope="dial", permission=DIAL,
    body=models.NewOriginate, gives=models.Originate, status=HTTPStatus.ACCEPTED,
)  # fmt: skip
async def create(ask: Ask) -> models.Originate:
    """Ring the user's phone, then call a number.

    The same key is the same order: it gets what came of the first. 422 says which rule forbids it.
    """
    body: models.NewOriginate = ask.body
    return _given(await dialling.place(ask.request, body.number, body.key))


@operation(
    "GET", "/originates/{key}", name="api.originate", scope="dial", permission=DIAL,
    gives=models.Originate,
)  # fmt: skip
async def show(ask: Ask) -> models.Originate:
    """Ask what came of an order of this user."""
    key = ask.request.match_info["key"]
    if len(key) > dialling.LONGEST_KEY:
        raise web.HTTPNotFound(text="there is no order with this key")
    return _given(await dialling.placed_with(ask.request, key))


OPERATIONS = [create, show]


def _given(placed: Placed) -> models.Originate:
    return models.Originate(
        key=placed.key,
        exten=placed.originate.exten,
        fate=placed.outcome.fate,
        call=placed.outcome.call,
        sentence=dialling.sentence(placed),
    )
