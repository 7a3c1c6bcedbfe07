"""A customer's whole history, searched: a piece of the customer's page and of the desk's card."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, Self
from uuid import UUID

from aiohttp import web

import storage.customers
import storage.histories
from storage.database import Database, Session
from storage.histories import Sort
from storage.rules import texts
from storage.rules.permissions import Permission
from web import filters
from web.auth import requires
from web.keys import LOOKUPS
from web.people import forms
from web.render import render

SHOWN = 40  # moments at once
FURTHEST = 10_000  # moments that can be skipped


class Asked(NamedTuple):
    """What of the history is asked for; what cannot be read asks for nothing."""

    sort: Sort | None
    text: str
    skip: int

    @classmethod
    def of(cls, request: web.Request) -> Self:
        """Read the address."""
        query = request.query
        sort = query.get("sort", "")
        skip = query.get("skip", "")
        return cls(
            Sort(sort) if sort in set(Sort) else None,
            texts.one_line(query.get("text", ""), limit=200),
            min(int(skip), FURTHEST) if skip.isascii() and skip.isdecimal() else 0,
        )


@requires(Permission.SEE_CUSTOMERS)
async def show(request: web.Request) -> web.Response:
    """The search and the latest moments, for a card."""
    return await _piece(request, "customers/_history.html")


@requires(Permission.SEE_CUSTOMERS)
async def moments(request: web.Request) -> web.Response:
    """The moments that fit what is being typed; with `skip` those that follow."""
    return await _piece(request, "customers/_moments.html")


async def read(session: Session, key: UUID, asked: Asked) -> dict[str, Any]:
    """Return what the templates of the history need."""
    return {
        "asked": asked,
        "moments": await storage.histories.found(
            session, key, sort=asked.sort, text=asked.text, skip=asked.skip, limit=SHOWN
        ),
    }


async def _piece(request: web.Request, template: str) -> web.Response:
    look = partial(_read, forms.key_of(request), Asked.of(request))
    context = await request.app[LOOKUPS].run(look)
    today = datetime.now(UTC).astimezone(filters.zone()).date()
    return render(request, template, today=today, **context)


async def _read(key: UUID, asked: Asked, database: Database) -> dict[str, Any]:
    async with database.reading() as session:
        customer = await storage.customers.get(session, key)
        return {"customer": customer, **await read(session, key, asked)}
