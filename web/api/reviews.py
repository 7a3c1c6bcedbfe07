"""Reviews of calls, for programs: as far as the token's user may review."""

from collections.abc import Sequence

import storage.calls
import storage.reviews
from storage.errors import NotFound, Refused
from storage.reviews import ReviewFilters, ReviewKind, ReviewPlace, ReviewState, Sheet
from storage.rules.permissions import Permission
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE

SEE = Permission.REVIEW_RECORDINGS


@operation(
    "GET", "/calls/{id}/reviews", name="api.call_reviews", scope="read", permission=SEE,
    gives=models.Reviews,
)  # fmt: skip
async def of_call(ask: Ask) -> models.Reviews:
    """Read the reviews of one call, also by an id that it had before."""
    me = ask.visitor.user_id
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, me, ask.visitor.scope(SEE))
        call = await storage.calls.resolve(session, ask.key())
        talkers = await storage.calls.talkers(session, call)
        if reach is not None and reach.isdisjoint(talkers):
            raise NotFound("call", call)
        found = [
            one
            for one in await storage.reviews.of_call(session, call)
            if (reach is None or one.agent_id in reach) and one.agent_id != me
            and (one.kind is ReviewKind.SUPERVISOR or one.state is ReviewState.SUBMITTED)
        ]  # fmt: skip
        sheets = await storage.reviews.many(session, found)
    return models.Reviews(reviews=_told(sheets), next=None)


@operation(
    "GET", "/reviews", name="api.reviews", scope="read", permission=SEE,
    query=models.ReviewQuery, gives=models.Reviews,
)  # fmt: skip
async def listed(ask: Ask) -> models.Reviews:
    """List supervisors' reviews with their marks, in the order in which they began."""
    query: models.ReviewQuery = ask.query
    wanted = ReviewFilters(
        agent_id=query.agent, scorecard_id=query.scorecard, state=query.state,
        since=query.since, until=query.until, kind=ReviewKind.SUPERVISOR,
    )  # fmt: skip
    async with ask.request.app[DATABASE].reading() as session:
        me = ask.visitor.user_id
        reach = await storage.calls.reach(session, me, ask.visitor.scope(SEE))
        found = await storage.reviews.listed(
            session, wanted, reach=reach, after=cursors.place(query.cursor, ReviewPlace),
            limit=query.limit + 1, newest_first=False,
        )  # fmt: skip
        lines, following = cursors.cut(
            found, query.limit, lambda line: (line.review.started_at, line.review.id)
        )
        rows = [line.review for line in lines]
        sheets = await storage.reviews.many(session, [one for one in rows if one.agent_id != me])
    return models.Reviews(reviews=_told(sheets), next=following)


@operation(
    "GET", "/reviews/{id}", name="api.review", scope="read", permission=SEE, gives=models.Review,
)  # fmt: skip
async def show(ask: Ask) -> models.Review:
    """Read one review; of calibrations and drafts of agents none is given."""
    me = ask.visitor.user_id
    async with ask.request.app[DATABASE].reading() as session:
        review = await storage.reviews.get(session, ask.key())
        reach = await storage.calls.reach(session, me, ask.visitor.scope(SEE))
        is_open = review.kind is ReviewKind.SUPERVISOR or (
            review.kind is ReviewKind.SELF and review.state is not ReviewState.DRAFT
        )
        if not is_open or (reach is not None and review.agent_id not in reach):
            raise NotFound("review", review.id)
        if review.agent_id == me:
            raise Refused("Nobody reviews a call of their own. Rate yourself instead.")
        [sheet] = await storage.reviews.many(session, [review])
    return _told([sheet])[0]


OPERATIONS = [of_call, listed, show]


def _told(sheets: Sequence[Sheet]) -> list[models.Review]:
    return [
        models.Review(
            id=one.review.id, call_id=one.review.call_id, agent_id=one.review.agent_id,
            reviewer_id=one.review.reviewer_id, kind=one.review.kind, state=one.review.state,
            scorecard_id=one.review.scorecard_id, scorecard=one.card, version=one.number,
            score=one.review.score, failed=one.review.failed, revision=one.review.revision,
            started_at=one.review.started_at, submitted_at=one.review.submitted_at,
            released_at=one.review.released_at, summary=one.said().note,
            answer=one.review.answer, marks=_marks(one),
        )
        for one in sheets
    ]  # fmt: skip


def _marks(sheet: Sheet) -> list[models.ReviewMark]:
    return [
        models.ReviewMark(
            item=item.key, section=section.title, label=item.label, mark=said.mark,
            note=said.note, at_seconds=said.at_seconds, critical=item.critical,
            more=[models.ReviewRemark.model_validate(one) for one in said.more],
        )
        for section, item in sheet.outline.items()
        for said in (sheet.said(item.key),)
    ]  # fmt: skip
