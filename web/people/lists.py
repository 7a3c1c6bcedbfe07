"""Finding customers: the list, and the search of the desk."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web

import storage.numbers
import storage.searches
from storage.customers import CustomerKind
from storage.database import Database, Session
from storage.numbers import Number
from storage.rules.permissions import Permission
from storage.searches import Narrowing, Page, Place
from web.auth import requires
from web.keys import LOOKUPS
from web.people import forms
from web.render import render, url, wants_fragment

Numbers = Mapping[UUID, Sequence[Number]]

CHOICES = 8  # customers offered while someone types
SHOWINGS = {
    "": Narrowing(closed=False),
    "person": Narrowing(kind=CustomerKind.PERSON, closed=False),
    "company": Narrowing(kind=CustomerKind.COMPANY, closed=False),
    "closed": Narrowing(closed=True),
}


@requires(Permission.SEE_CUSTOMERS)
async def index(request: web.Request) -> web.Response:
    """The list of customers, narrowed by what was typed and chosen."""
    text = request.query.get("q", "").strip()[:200]
    showing = request.query.get("show", "")
    narrowing = SHOWINGS.get(showing, SHOWINGS[""])
    newest = request.query.get("sort") == "newest"
    after = _place(request)
    if text:
        look = partial(_found, text, _wider(narrowing, showing), after, storage.searches.PAGE)
    else:
        look = partial(_listed, narrowing, after, newest=newest)
    page, numbers = await request.app[LOOKUPS].run(look)
    asked = {"q": text, "show": showing, "sort": "newest" if newest else ""}
    template = "customers/_list.html" if wants_fragment(request) else "customers/index.html"
    return render(
        request,
        template,
        page=page,
        numbers=numbers,
        asked=asked,
        guess={"number": text} if storage.searches.is_number(text) else {"name": text},
        is_first=after is None,
        more=_more(request, page, asked),
    )


@requires(Permission.SEE_CUSTOMERS)
async def search(request: web.Request) -> web.Response:
    """The few who fit what is being typed: JSON for the desk, else a fragment to choose from."""
    text = request.query.get("q", "").strip()[:200]
    try:
        kind = CustomerKind(request.query["kind"]) if request.query.get("kind") else None
    except ValueError:
        kind = None
    narrowing = Narrowing(kind=kind, closed=False)
    look = partial(_found, text, narrowing, None, CHOICES)
    page, numbers = await request.app[LOOKUPS].run(look)
    if not forms.wants_json(request):
        return render(
            request, "customers/_choices.html", customers=page.customers, numbers=numbers, text=text
        )
    found = [
        {
            "id": str(one.id),
            "name": one.name,
            "kind": one.kind,
            "numbers": [number.e164 for number in numbers[one.id]],
        }
        for one in page.customers
    ]
    return web.json_response({"customers": found, "more": page.after is not None})


async def _found(
    text: str, narrowing: Narrowing, after: Place | None, limit: int, database: Database
) -> tuple[Page, Numbers]:
    async with database.reading() as session:
        page = await storage.searches.search(
            session,
            text,
            home=await storage.numbers.home(session),
            narrowing=narrowing,
            after=after,
            limit=limit,
        )
        return page, await _numbers(session, page)


async def _listed(
    narrowing: Narrowing, after: Place | None, database: Database, *, newest: bool
) -> tuple[Page, Numbers]:
    async with database.reading() as session:
        page = await storage.searches.listed(
            session, narrowing=narrowing, newest_first=newest, after=after
        )
        return page, await _numbers(session, page)


async def _numbers(session: Session, page: Page) -> Numbers:
    return await storage.numbers.of_customers(session, [one.id for one in page.customers])


def _wider(narrowing: Narrowing, showing: str) -> Narrowing:
    """Who looks for a name finds closed customers too, unless the list is narrowed."""
    return narrowing if showing else Narrowing()


def _place(request: web.Request) -> Place | None:
    try:
        return Place(request.query["after"], UUID(request.query["after_id"]))
    except (KeyError, ValueError):
        return None


def _more(request: web.Request, page: Page, asked: dict[str, Any]) -> str:
    if page.after is None:
        return ""
    place = {"after": page.after.key, "after_id": page.after.id}
    return url(request, "customers.index", **asked, **place)
