"""The audit: who did what, searched by person, act and period."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from aiohttp import web

import storage.audit
import storage.users
from storage.audit import AuditEntry, Search
from storage.rules.permissions import Permission
from web import filters
from web.auth import requires
from web.keys import DATABASE
from web.render import render, url

PAGE = 50


@requires(Permission.SEE_AUDIT)
async def index(request: web.Request) -> web.Response:
    """The newest entries that fit the filter, and the way to older ones."""
    typed = {key: request.query.get(key, "") for key in ("user", "action", "since", "until")}
    wanted = replace(_search(typed), older_than=_key(request.query.get("older_than", "")))
    async with request.app[DATABASE].reading() as session:
        entries = await storage.audit.search(session, wanted, limit=PAGE + 1)
        actions = await storage.audit.actions(session)
        users = await storage.users.names(session)
    return render(
        request,
        "audit/index.html",
        entries=entries[:PAGE],
        older=_older(request, entries, typed),
        typed=typed,
        actions=[(action, action) for action in actions],
        names={str(key): name for key, name in users.items()},
        people=sorted(users.items(), key=lambda person: person[1].casefold()),
    )


def _search(typed: dict[str, str]) -> Search:
    since, until = _day(typed["since"]), _day(typed["until"])
    return Search(
        user_id=_key(typed["user"]),
        action=typed["action"],
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min < day < date.max else None


def _midnight(day: date) -> datetime:
    """Return when the day begins where the company is."""
    return datetime.combine(day, time(), tzinfo=filters.zone()).astimezone(UTC)


def _older(request: web.Request, entries: Sequence[AuditEntry], typed: dict[str, str]) -> str:
    if len(entries) <= PAGE:
        return ""
    return url(request, "audit.index", older_than=entries[PAGE - 1].id, **typed)


routes = [web.get("/administration/audit", index, name="audit.index")]
