"""The rules by which recordings are kept, and which of them wins."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.outcomes
import storage.queues
import storage.retention
import storage.tags
from storage.errors import Refused
from storage.rules.permissions import Permission
from storage.rules.retention import Consent, Refusal, Wins
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url


@requires(Permission.MANAGE_RETENTION)
async def index(request: web.Request) -> web.Response:
    """The rules, and the form for another one."""
    async with request.app[DATABASE].reading() as session:
        rules = await storage.retention.listed(session)
        terms = await storage.retention.terms(session)
        queues = await storage.queues.listed(session)
        tags = await storage.tags.listed(session)
        outcomes = await storage.outcomes.listed(session)
    return render(
        request,
        "retention/index.html",
        rules=rules,
        terms=terms,
        queues=sorted({(row.name, row.label or row.name) for row in queues}),
        tags=[(tag.id, tag.name) for tag in tags],
        outcomes=[(outcome.id, outcome.name) for outcome in outcomes],
    )


@requires(Permission.MANAGE_RETENTION)
async def add(request: web.Request) -> web.Response:
    """Make a rule."""
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    try:
        days = int(form["days"]) if form.get("days") else None
        tag = UUID(form["tag"]) if form.get("tag") else None
        outcome = UUID(form["outcome"]) if form.get("outcome") else None
        consent = Consent(form["consent"]) if form.get("consent") else None
    except ValueError:
        raise Refused("a rule keeps recordings for 0 to 36500 days, or for ever") from None
    async with request.app[DATABASE].writing() as session:
        await storage.retention.add(
            session, name=form.get("name", ""), days=days, queue=form.get("queue") or None,
            tag_id=tag, outcome_id=outcome, consent=consent, by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )  # fmt: skip
    return _back(request)


@requires(Permission.MANAGE_RETENTION)
async def remove(request: web.Request) -> web.Response:
    """Take a rule away."""
    async with request.app[DATABASE].writing() as session:
        key = UUID(request.match_info["id"])
        await storage.retention.remove(
            session, key, by=request[VISITOR].user_id, now=datetime.now(UTC)
        )
    return _back(request)


@requires(Permission.MANAGE_RETENTION)
async def choose(request: web.Request) -> web.Response:
    """Say which rule wins, and what becomes of what was refused."""
    form = await request.post()
    try:
        wins = Wins(str(form.get("wins", "")))
        refusal = Refusal(str(form.get("refusal", "")))
    except ValueError:
        raise Refused("choose one of the list") from None
    async with request.app[DATABASE].writing() as session:
        await storage.retention.choose(
            session, wins=wins, refusal=refusal, by=request[VISITOR].user_id
        )
    return _back(request)


def _back(request: web.Request) -> web.Response:
    return redirect(request, url(request, "retention.index"), flash=_("Saved."))
