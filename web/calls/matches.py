"""Correcting who was on the other side of a call, and whose its number is."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ValidationError

import storage.callers
import storage.calls
import storage.numbers
import storage.searches
from storage.calls import Story
from storage.database import Database
from storage.rules.permissions import Permission
from web.auth import requires
from web.calls.stories import story_of
from web.i18n import _, ngettext
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect, render, url

MOST_CANDIDATES = 8
NOBODY = "nobody"


class Correction(BaseModel):
    """Who it was: a customer, or nobody we know; and what becomes of the number."""

    customer: UUID | None
    number: bool = False  # it is theirs: further and earlier calls follow
    take_away: bool = False  # it is no longer that of whom the call was taken for


@requires(Permission.EDIT_CUSTOMERS)
async def candidates(request: web.Request) -> web.Response:
    """The customers that fit what is typed into the correction: a fragment with choices."""
    text = request.query.get("q", "").strip()
    async with request.app[DATABASE].reading() as session:
        home = await storage.numbers.home(session)
        page = await storage.searches.search(session, text, home=home, limit=MOST_CANDIDATES)
        numbers = await storage.numbers.of_customers(session, [one.id for one in page.customers])
    return render(
        request, "calls/_candidates.html", text=text, customers=page.customers, numbers=numbers
    )


@requires(Permission.EDIT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Set the call's customer by hand; the number and earlier calls follow where asked."""
    story = await story_of(request)
    correction = _read(dict(await request.post()))
    if correction is None:
        return redirect(
            request,
            url(request, "calls.show", id=story.call.id),
            flash=_("Choose a customer first."),
            kind="warn",
        )
    followed = await _correct(request.app[DATABASE], story, correction, by=request[VISITOR].user_id)
    await request.app[POPS].call_matched(story.call.id)
    sentence = _("The call has been put right.")
    if followed:
        more = ngettext(
            "%(num)s earlier call followed.", "%(num)s earlier calls followed.", followed
        )
        sentence = f"{sentence} {more % {'num': followed}}"
    return redirect(request, url(request, "calls.show", id=story.call.id), flash=sentence)


def _read(form: dict[str, object]) -> Correction | None:
    chosen = {"customer": None} if form.get("customer") == NOBODY else {}
    try:
        return Correction.model_validate(form | chosen)
    except ValidationError:
        return None


async def _correct(database: Database, story: Story, correction: Correction, *, by: UUID) -> int:
    """Write the correction down; returns how many earlier calls followed the number."""
    call = story.call
    async with database.writing() as session:
        if correction.take_away and call.customer_id and call.e164:
            for number in await storage.numbers.of_customer(session, call.customer_id):
                if number.e164 == call.e164 and call.customer_id != correction.customer:
                    await storage.numbers.remove(session, number.id, by=by)
        if correction.customer and correction.number:
            return await storage.callers.attach(
                session, call.id, correction.customer, by=by, now=datetime.now(UTC)
            )
        await storage.calls.match_by_hand(session, call.id, correction.customer, by=by)
    return 0
