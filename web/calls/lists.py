"""The lists of calls: all that were, narrowed by filters, and those in progress."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.customers
import storage.outcomes
import storage.own_numbers
import storage.pbxs
import storage.queues
import storage.tags
import storage.users
from pbx_bridge.call import CallState
from storage.calls import About, CallFilters, CallLine, CallPage
from storage.database import Database
from storage.errors import NotFound
from storage.gaps import Gap
from storage.own_numbers import OwnNumber
from storage.rules.permissions import Permission
from web import filters
from web.auth import requires
from web.calls import gaps, questions, supervisions
from web.calls.questions import Question
from web.i18n import _
from web.keys import DATABASE, VISITOR, Visitor
from web.render import render, url, wants_fragment


@requires(Permission.SEE_CALLS)
async def index(request: web.Request) -> web.Response:
    """Calls, newest first, as far as the visitor may see them."""
    asked = questions.read(dict(request.query))
    question = asked.question
    visitor = request[VISITOR]
    page = CallPage(lines=())
    unheard: Sequence[Gap] = ()
    pbxs: dict[UUID, str] = {}
    own: Mapping[UUID, OwnNumber] = {}
    if not asked.errors:
        about = await _about(request.app[DATABASE], question, visitor)
        wanted = question.filters(now=datetime.now(UTC), zone=filters.zone(), about=about)
        page = await _page(request.app[DATABASE], question, wanted, visitor)
        own = await _own_numbers(request.app[DATABASE], page.lines)
        unheard, pbxs = await gaps.beside(request.app[DATABASE], page, wanted)
    return render(
        request,
        "calls/index.html",
        status=422 if asked.errors else 200,
        question=question,
        errors=asked.errors,
        page=page,
        own=own,
        gaps=unheard,
        pbxs=pbxs,
        newer=_link(request, question, before=questions.written(page.newer)),
        older=_link(request, question, after=questions.written(page.older)),
        **await _choices(request.app[DATABASE], question, visitor),
    )


async def _about(database: Database, question: Question, visitor: Visitor) -> About:
    """What is asked of recordings and reviews, as far as the visitor may know of them."""
    async with database.reading() as session:
        heard, rated = [
            await storage.calls.reach(session, visitor.user_id, visitor.scope(right))
            for right in (Permission.LISTEN_RECORDINGS, Permission.REVIEW_RECORDINGS)
        ]
    return question.about(heard=heard, rated=rated)


async def _page(
    database: Database, question: Question, wanted: CallFilters, visitor: Visitor
) -> CallPage:
    async with database.reading() as session:
        scope = visitor.scope(Permission.SEE_CALLS)
        return await storage.calls.listed(
            session,
            wanted,
            reach=await storage.calls.reach(session, visitor.user_id, scope),
            after=questions.place_of(question.after),
            before=questions.place_of(question.before),
        )


async def _own_numbers(database: Database, lines: Sequence[CallLine]) -> Mapping[UUID, OwnNumber]:
    """Return what the dialled numbers are called, by call."""
    async with database.reading() as session:
        return await storage.own_numbers.of_calls(session, [line.call for line in lines])


def _link(request: web.Request, question: Question, **place: str) -> str:
    if not any(place.values()):
        return ""
    return url(request, "calls.index", **question.chosen(), **place)


async def _choices(database: Database, question: Question, visitor: Visitor) -> dict[str, Any]:
    """What the filters offer."""
    async with database.reading() as session:
        scope = visitor.scope(Permission.SEE_CALLS)
        reach = await storage.calls.reach(session, visitor.user_id, scope)
        users = await storage.users.listed(session)
        queues = await storage.queues.listed(session)
        outcomes = await storage.outcomes.listed(session, closed=True)
        tags = await storage.tags.listed(session)
        pbxs = await storage.pbxs.listed(session)
        customer = None
        if question.customer:
            try:
                customer = await storage.customers.get(session, question.customer)
            except NotFound:
                customer = None
    agents = [(user.id, user.name) for user in users if reach is None or user.id in reach]
    names = {queue.name: queue.label for queue in queues}
    return {
        "agents": [("", _("All agents")), *agents] if len(agents) > 1 else [],
        "queues": [("", _("All queues")), *names.items()] if names else [],
        "outcomes": [("", _("Any outcome")), *((one.id, one.name) for one in outcomes)],
        "labels": {(queue.pbx_id, queue.name): queue.label for queue in queues},
        "tags": [("", _("Any tag")), *((one.id, one.name) for one in tags)] if tags else [],
        "systems": [("", _("Any PBX")), *((one.id, one.name) for one in pbxs)]
        if len(pbxs) > 1
        else [],
        "may_comment": visitor.can(Permission.LISTEN_RECORDINGS),
        "may_review": visitor.can(Permission.REVIEW_RECORDINGS),
        "customer": customer,
    }


@requires(Permission.SEE_CALLS_IN_PROGRESS)
async def in_progress(request: web.Request) -> web.Response:
    """Every call now; htmx asks again for the table alone."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        scope = visitor.scope(Permission.SEE_CALLS_IN_PROGRESS)
        reach = await storage.calls.reach(session, visitor.user_id, scope)
        lines = await storage.calls.in_progress(session, reach=reach)
        own = await storage.own_numbers.of_calls(session, [line.call for line in lines])
        queues = await storage.queues.listed(session)
    waiting = [line for line in lines if line.call.state is CallState.RINGING]
    return render(
        request,
        "calls/_in_progress.html" if wants_fragment(request) else "calls/in_progress.html",
        lines=lines,
        own=own,
        waiting=waiting,
        longest=_longest(waiting),
        labels={(queue.pbx_id, queue.name): queue.label for queue in queues},
        board=await supervisions.board(request),
    )


def _longest(lines: Sequence[CallLine]) -> datetime | None:
    """Since when the one waits who waits longest."""
    return min((line.call.started_at for line in lines), default=None)
