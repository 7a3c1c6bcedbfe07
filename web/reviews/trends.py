"""How scores go over weeks: in all, per agent, item and queue; on a page and for a spreadsheet."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from aiohttp import web

import storage.reviews
import storage.scorecards
import storage.users
from storage.reviews import Rated, TrendQuestion
from storage.rules import scorecards as rules
from storage.rules import sheets
from storage.rules.scorecards import Result, Week
from web import filters
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import render
from web.reviews.lists import period
from web.reviews.rights import REVIEW, reach_of

USUAL = timedelta(days=7 * 12 - 1)
LONGEST = timedelta(days=731)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Scores of one agent, item or queue, in all and by week."""

    label: str
    count: int
    mean: Decimal | None
    failed: int
    weeks: Sequence[Week]


@requires(REVIEW)
async def index(request: web.Request) -> web.Response:
    """Scores by week, with the numbers beside each drawing."""
    asked = _asked(request)
    since, until = asked.since.date(), asked.until.date() - timedelta(days=1)
    async with request.app[DATABASE].reading() as session:
        reach = await reach_of(request, session)
        found = _others(request, await storage.reviews.rated(session, asked, reach=reach))
        users = await storage.users.listed(session)
        cards = await storage.scorecards.listed(session)
    results = [one.result for one in found]
    return render(
        request, "trends/index.html", asked=asked, since=since, until=until,
        whole=_trend(_("All reviews"), results, since, until),
        agents=_by(((one.agent, one.result) for one in found), since, until),
        queues=_by(((one.queue or filters.NOTHING, one.result) for one in found), since, until),
        items=_by(_items(found), since, until),
        people=[(str(user.id), user.name) for user in users if reach is None or user.id in reach],
        cards=[(str(line.card.id), line.card.name) for line in cards],
    )  # fmt: skip


@requires(REVIEW)
async def export(request: web.Request) -> web.Response:
    """A line for each rated item of each review."""
    async with request.app[DATABASE].reading() as session:
        reach = await reach_of(request, session)
        rated = await storage.reviews.rated(session, _asked(request), reach=reach)
        found = _others(request, rated)
        names = await storage.users.names(session)
        cards = {line.card.id: line.card.name for line in await storage.scorecards.listed(session)}
    heads = [
        _("Day"), _("Agent"), _("Reviewer"), _("Queue"), _("Scorecard"), _("Id of the call"),
        _("Score"), _("Failed"), _("Item"), _("Mark"), _("Percent"),
    ]  # fmt: skip
    lines = [sheets.line(heads, begins=True)]
    for one in found:
        row = one.review
        first = [
            one.result.at.astimezone(filters.zone()).date().isoformat(), one.agent,
            names.get(row.reviewer_id, ""), one.queue, cards.get(row.scorecard_id, ""),
            str(row.call_id), str(one.result.percent), _("yes") if row.failed else _("no"),
        ]  # fmt: skip
        for _key, label, mark, result in one.items:
            lines.append(sheets.line([*first, label, mark, str(result.percent) if result else ""]))
    return web.Response(
        body=b"".join(lines),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="reviews.csv"'},
    )


def _others(request: web.Request, found: Sequence[Rated]) -> Sequence[Rated]:
    """Without the visitor's own: of those they read what is released to them."""
    return [one for one in found if one.review.agent_id != request[VISITOR].user_id]


def _asked(request: web.Request) -> TrendQuestion:
    since, until = period(request, USUAL)
    return TrendQuestion(
        since=max(since, until - LONGEST),
        until=until,
        scorecard_id=_key(request.query.get("scorecard", "")),
        agent_id=_key(request.query.get("agent", "")),
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _items(found: Iterable[Rated]) -> Iterable[tuple[str, Result]]:
    for one in found:
        for _item, label, _mark, result in one.items:
            if result is not None:
                yield label, result


def _by(pairs: Iterable[tuple[str, Result]], since: date, until: date) -> Sequence[Trend]:
    """One trend for each name, the lowest mean first: there is the most to do."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for label, result in pairs:
        groups[label].append(result)
    told = [_trend(label, results, since, until) for label, results in groups.items()]
    return sorted(told, key=lambda one: (one.mean or Decimal(), one.label.casefold()))


def _trend(label: str, results: Sequence[Result], since: date, until: date) -> Trend:
    return Trend(
        label=label,
        count=len(results),
        mean=rules.mean(results),
        failed=sum(result.failed for result in results),
        weeks=rules.weeks(results, since=since, until=until, zone=filters.zone()),
    )
