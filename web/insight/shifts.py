"""What each agent was for the queues on each day: a page, and a list for a spreadsheet."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self
from uuid import UUID

from aiohttp import web

import storage.presences
import storage.users
from pbx_bridge.presences import AgentState
from storage.rules import sheets
from storage.rules.permissions import Permission
from storage.rules.shifts import Shift, midnight, shifts
from web import filters
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE
from web.render import render

LONGEST = 31  # days at once
ON_CALLS = (AgentState.ON_CALL, AgentState.RINGING)


class Asked(NamedTuple):
    """Which days, the last one too, and whose; None is everyone's."""

    since: date
    until: date
    user: UUID | None

    @classmethod
    def of(cls, request: web.Request) -> Self:
        """Read the address; what cannot be read asks for today, and for at most a month."""
        today = datetime.now(UTC).astimezone(filters.zone()).date()
        until = min(_day(request.query.get("until", ""), today), today)
        since = min(_day(request.query.get("since", ""), until), until)
        since = max(since, until - timedelta(days=LONGEST - 1))
        try:
            user = UUID(request.query.get("user", ""))
        except ValueError:
            user = None
        return cls(since, until, user)


@requires(Permission.SEE_REPORTS)
async def index(request: web.Request) -> web.Response:
    """A line for each agent and day."""
    asked = Asked.of(request)
    rows, names = await _read(request, asked)
    people = sorted(names.items(), key=lambda pair: pair[1].casefold())
    return render(
        request,
        "shifts/index.html",
        asked=asked,
        rows=rows,
        names=names,
        people=[(str(key), name) for key, name in people],
        states=AgentState,
        on_calls=ON_CALLS,
    )


@requires(Permission.SEE_REPORTS)
async def export(request: web.Request) -> web.Response:
    """The same for a spreadsheet: seconds, and a line more for each reason of a pause."""
    rows, names = await _read(request, Asked.of(request))
    heads = [
        _("Day"), _("Agent"), _("Extension"), _("Available"), _("On calls"), _("Wrap-up"),
        _("Paused"), _("Reasons"), _("Offline"), _("Not known"),
    ]  # fmt: skip
    lines = [sheets.line(heads, begins=True)]
    lines += [sheets.line(_cells(row, names[row.user_id])) for row in rows]
    return web.Response(
        body=b"".join(lines),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="agents.csv"'},
    )


def _cells(row: Shift, name: str) -> Sequence[str]:
    reasons = sorted(row.pauses.items())
    return [
        row.day.isoformat(),
        name,
        row.extension,
        *(str(round(row.spent(*states))) for states in ((AgentState.AVAILABLE,), ON_CALLS)),
        str(round(row.spent(AgentState.WRAP_UP))),
        str(round(row.spent(AgentState.PAUSED))),
        ", ".join(f"{reason or filters.NOTHING} {round(spent)}" for reason, spent in reasons),
        str(round(row.spent(AgentState.OFFLINE))),
        str(round(row.unheard)),
    ]


async def _read(request: web.Request, asked: Asked) -> tuple[list[Shift], dict[UUID, str]]:
    zone = filters.zone()
    begin = midnight(asked.since, zone)
    end = midnight(asked.until + timedelta(days=1), zone)
    async with request.app[DATABASE].reading() as session:
        told = await storage.presences.stretches(
            session, since=begin, until=end, user_id=asked.user
        )
        users = await storage.users.listed(session, closed=True)
    names = {user.id: user.name for user in users}
    rows = shifts(told, since=asked.since, until=asked.until, zone=zone, now=datetime.now(UTC))
    return sorted(rows, key=lambda row: (row.day, names[row.user_id].casefold())), names


def _day(text: str, usual: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return usual


routes = [
    web.get("/reports/agents", index, name="shifts.index"),
    web.get("/reports/agents.csv", export, name="shifts.export"),
]
