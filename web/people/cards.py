"""The customer's card: who they are, their numbers and people, what is open, what happened."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from aiohttp import web

import storage.contacts
import storage.customers
import storage.holds
import storage.numbers
import storage.promises
import storage.tasks
import storage.users
from storage.database import Database
from storage.numbers import Owner
from storage.rules.permissions import Permission
from web import filters
from web.auth import requires
from web.keys import LOOKUPS
from web.people import forms, histories
from web.people.histories import Asked
from web.render import render


class Wrong(NamedTuple):
    """A form of the card that was not accepted: which, why, and what was typed."""

    form: str = ""  # number, contact, note, promise
    errors: Mapping[str, str] = {}
    typed: Mapping[str, str] = {}


NOTHING = Wrong()


@requires(Permission.SEE_CUSTOMERS)
async def show(request: web.Request) -> web.Response:
    """The customer's card."""
    return await page(request, forms.key_of(request))


async def page(
    request: web.Request, key: UUID, wrong: Wrong = NOTHING, *, status: int = HTTPStatus.OK
) -> web.Response:
    """Draw the card, with what was wrong in one of its forms."""
    context = await request.app[LOOKUPS].run(partial(_read, key, Asked.of(request)))
    today = datetime.now(UTC).astimezone(filters.zone()).date()
    return render(
        request,
        "customers/show.html",
        status=status,
        today=today,
        wrong=wrong,
        partial=False,
        **context,
    )


async def _read(key: UUID, asked: Asked, database: Database) -> dict[str, object]:
    async with database.reading() as session:
        customer = await storage.customers.get(session, key)
        numbers = await storage.numbers.of_customer(session, key)
        e164s = [number.e164 for number in numbers]
        return {
            "customer": customer,
            "numbers": numbers,
            "sharers": _by_number(await storage.numbers.sharers(session, e164s, beside=key)),
            "roles": await storage.contacts.roles_of(session, customer),
            "promises": await storage.promises.open_of(session, key),
            **await histories.read(session, key, asked),
            "tasks": await storage.tasks.open_of(session, key),
            "holds": (holds := await storage.holds.on_customer(session, key)),
            "holders": await storage.users.names(session) if holds else {},
        }


def _by_number(sharers: Sequence[Owner]) -> dict[str, list[Owner]]:
    found: dict[str, list[Owner]] = {}
    for owner in sharers:
        if not owner.closed:
            found.setdefault(owner.e164, []).append(owner)
    return found
