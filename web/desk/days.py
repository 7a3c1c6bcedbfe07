"""My day: what is due, whom I missed, what is not wrapped up, and today's figures."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.customers
import storage.days
import storage.tasks
import storage.teams
from storage.database import Session
from storage.days import Figures
from storage.rules.permissions import Permission
from storage.tasks import TaskKind, TaskLine
from web import filters
from web.auth import requires
from web.keys import DATABASE, VISITOR
from web.render import render

LOOKED_BACK = timedelta(days=7)  # for missed calls
UNFINISHED_FOR = timedelta(days=31)  # as on the desk


class Day(NamedTuple):
    """One day of the company, by its clocks."""

    now: datetime
    begin: datetime
    end: datetime

    @classmethod
    def of(cls, now: datetime) -> "Day":
        """The day that it is."""
        local = now.astimezone(filters.zone())
        begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
        end = datetime.combine(local.date() + timedelta(days=1), time(), filters.zone())
        return cls(now, begin.astimezone(UTC), end.astimezone(UTC))

    @property
    def date(self) -> date:
        """The day as a date."""
        return self.now.astimezone(filters.zone()).date()


@requires(Permission.USE_DESK)
async def show(request: web.Request) -> web.Response:
    """The whole page."""
    return render(request, "days/show.html", **await _day(request))


@requires(Permission.USE_DESK)
async def lists(request: web.Request) -> web.Response:
    """What is on it, drawn again after news."""
    return render(request, "days/_lists.html", **await _day(request))


@requires(Permission.USE_DESK)
async def count(request: web.Request) -> web.Response:
    """How much is due by now: for the rail on every page."""
    me, day = request[VISITOR].user_id, Day.of(datetime.now(UTC))
    async with request.app[DATABASE].reading() as session:
        teams = await storage.teams.of_user(session, me)
        tasks = await storage.tasks.due_for(session, me, teams, until=day.end)
        promised = await storage.days.count_promises(session, me, until=day.date)
        missed = await storage.calls.missed(session, me, since=day.now - LOOKED_BACK)
    due = [task for task in tasks if _is_due(task.kind, task.due_at, day)]
    late = [task for task in due if task.is_overdue(day.now)]
    still = [one for one in missed if one.is_open]
    return web.json_response({"due": len(due) + promised + len(still), "overdue": len(late)})


async def _day(request: web.Request) -> dict[str, Any]:
    me, day = request[VISITOR].user_id, Day.of(datetime.now(UTC))
    async with request.app[DATABASE].reading() as session:
        teams = await storage.teams.of_user(session, me)
        callbacks, tasks = [
            await storage.tasks.open_for(session, me, teams, kind=kind)
            for kind in (TaskKind.CALLBACK, TaskKind.TASK)
        ]
        missed = await storage.calls.missed(session, me, since=day.now - LOOKED_BACK)
        unfinished = await storage.calls.not_wrapped_up(session, me, since=day.now - UNFINISHED_FOR)
        names = await storage.customers.by_ids(
            session, {call.customer_id for call in unfinished if call.customer_id}
        )
        promises = await storage.days.promises_due(session, me, until=day.date)
        mine, team = await _figures(session, me, day)
    return {
        "today": day.date,
        "callbacks": _by_time(callbacks, day),
        "tasks": _by_time(tasks, day),
        "missed": [one for one in missed if one.is_open],
        "reached": [one for one in missed if one.reached and one.reached.at >= day.begin],
        "unfinished": [
            (call, names[call.customer_id].name if call.customer_id else None)
            for call in unfinished
        ],
        "promises": promises,
        "mine": mine,
        "team": team,
    }


async def _figures(session: Session, me: UUID, day: Day) -> tuple[Figures, Figures | None]:
    """Mine, and the average of the colleagues in my teams; None where I have no colleague."""
    colleagues = await storage.teams.colleagues(session, me)
    each = await storage.days.figures(session, colleagues | {me}, since=day.begin)
    team = Figures.average(list(each.values())) if len(colleagues) > 1 else None
    return each[me], team


def _by_time(lines: Sequence[TaskLine], day: Day) -> dict[str, list[TaskLine]]:
    """The lines by when they are due: overdue, today, later."""
    found: dict[str, list[TaskLine]] = {"overdue": [], "today": [], "later": []}
    for line in lines:
        due = line.task.due_at
        late = line.task.is_overdue(day.now)
        found["overdue" if late else "today" if due and due < day.end else "later"].append(line)
    return found


def _is_due(kind: TaskKind, due: datetime | None, day: Day) -> bool:
    """A callback is due at its time, a task on its day."""
    return due is not None and due <= (day.now if kind is TaskKind.CALLBACK else day.end)


routes = [
    web.get("/day", show, name="days.show"),
    web.get("/day/lists", lists, name="days.lists"),
    web.get("/day/count", count, name="days.count"),
]
