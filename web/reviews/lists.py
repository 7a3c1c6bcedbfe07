"""The list of reviews that were begun, and the first page of the room."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from aiohttp import web

import storage.reviews
import storage.scorecards
import storage.users
from storage.reviews import ReviewFilters, ReviewKind, ReviewPlace, ReviewState
from storage.rules.permissions import Permission
from web import filters
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url
from web.reviews.rights import OWN, REVIEW, reach_of

PAGE = 50


@requires(OWN)
async def home(request: web.Request) -> web.Response:
    """Send on to what the visitor's role has here."""
    visitor = request[VISITOR]
    if visitor.can(REVIEW):
        return redirect(request, url(request, "picks.index"))
    if visitor.can(Permission.MANAGE_SCORECARDS):
        return redirect(request, url(request, "scorecards.index"))
    return redirect(request, url(request, "own_reviews.index"))


@requires(REVIEW)
async def index(request: web.Request) -> web.Response:
    """Reviews, the newest first, of agents whose calls the visitor may review."""
    query = request.query
    state, agent = query.get("state", ""), _key(query.get("agent", ""))
    wanted = ReviewFilters(
        agent_id=agent,
        scorecard_id=_key(query.get("scorecard", "")),
        state=ReviewState(state) if state in set(ReviewState) else None,
        kind=ReviewKind.SUPERVISOR,
    )
    async with request.app[DATABASE].reading() as session:
        reach = await reach_of(request, session)
        lines = await storage.reviews.listed(
            session, wanted, reach=reach, after=_place(query.get("after", "")), limit=PAGE + 1
        )
        users = await storage.users.listed(session)
        cards = await storage.scorecards.listed(session)
    me = request[VISITOR].user_id
    shown, more = lines[:PAGE], ""
    if len(lines) > PAGE:
        last = shown[-1].review
        after = f"{last.started_at.isoformat()}~{last.id}"
        kept = {name: query.get(name, "") for name in ("state", "agent", "scorecard")}
        more = url(request, "reviews.index", after=after, **kept)
    people = [(str(user.id), user.name) for user in users if reach is None or user.id in reach]
    others = [one for one in shown if one.review.agent_id != me]
    return render(
        request, "reviews/index.html", lines=others, more=more, wanted=wanted, people=people,
        cards=[(str(line.card.id), line.card.name) for line in cards], states=words_of_states(),
    )  # fmt: skip


def words_of_states() -> list[tuple[str, str]]:
    """The states of a review with the words for them."""
    return [
        (ReviewState.DRAFT, _("Being written")),
        (ReviewState.SUBMITTED, _("Submitted")),
        (ReviewState.RELEASED, _("Released")),
        (ReviewState.APPEALED, _("Appealed")),
    ]


def period(request: web.Request, usual: timedelta) -> tuple[datetime, datetime]:
    """Return begin and end of the days in the address; what cannot be read is the usual."""
    today = datetime.now(UTC).astimezone(filters.zone()).date()

    def day(name: str, otherwise: datetime) -> datetime:
        try:
            found = datetime.fromisoformat(request.query.get(name, "")).date()
        except ValueError:
            return otherwise
        return datetime.combine(found, time(), filters.zone())

    end = day("until", datetime.combine(today, time(), filters.zone()))
    begin = min(day("since", end - usual), end)
    return begin, end + timedelta(days=1)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _place(text: str) -> ReviewPlace | None:
    at, _tilde, key = text.partition("~")
    found = _key(key)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return ReviewPlace(moment, found) if found and moment.tzinfo else None
