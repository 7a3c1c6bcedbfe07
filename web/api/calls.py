"""Calls with their legs, segments and offers, for programs."""

import storage.calls
import storage.recoveries
from storage.calls import About, CallFilters, Course, Place, Story
from storage.recoveries import Recovery
from storage.rules.permissions import Permission
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE

SEE = Permission.SEE_CALLS


@operation(
    "GET", "/calls", name="api.calls", scope="read", permission=SEE,
    query=models.CallQuery, gives=models.Calls,
)  # fmt: skip
async def listed(ask: Ask) -> models.Calls:
    """List calls, newest first.

    Those that the token's user may see: an agent's own, a supervisor's and administrator's all.
    """
    query: models.CallQuery = ask.query
    filters = CallFilters(
        since=query.since,
        until=query.until,
        user_ids=frozenset({query.user}) if query.user else None,
        queue=query.queue,
        customer_id=query.customer,
        outcome_id=query.outcome,
        direction=query.direction,
        results=frozenset({query.result}) if query.result else None,
        number=query.number,
        about=await _about(ask),
        course=Course(
            talk_from=query.talk_from, talk_to=query.talk_to, wait_from=query.wait_from,
            wait_to=query.wait_to, transferred=query.transferred, held=query.held,
            dialled=query.dialled, note=query.note, pbx_id=query.pbx, match=query.match,
        ),
    )  # fmt: skip
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(SEE))
        page = await storage.calls.listed(
            session,
            filters,
            reach=reach,
            after=cursors.place(query.cursor, Place),
            limit=query.limit,
        )
    following = page.older and cursors.written(page.older.started_at, page.older.id)
    calls = [models.Call.model_validate(line.call) for line in page.lines]
    return models.Calls(calls=calls, next=following)


@operation(
    "GET", "/calls/{id}", name="api.call", scope="read", permission=SEE, gives=models.CallStory
)
async def show(ask: Ask) -> models.CallStory:
    """Read one call, also by an id that it had before two turned out to be one."""
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(SEE))
        story = await storage.calls.get(session, ask.key(), reach=reach)
        return _told(story, await storage.recoveries.of(session, story.call.id))


OPERATIONS = [listed, show]


async def _about(ask: Ask) -> About:
    """What is asked of recordings and reviews, as far as the token's user may know of them."""
    query: models.CallQuery = ask.query
    async with ask.request.app[DATABASE].reading() as session:
        heard, rated = [
            await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(right))
            for right in (Permission.LISTEN_RECORDINGS, Permission.REVIEW_RECORDINGS)
        ]
    return About(
        has_recording=query.recording, tag_id=query.tag, comment=query.comment, heard=heard,
        reviewed=query.review, rated=rated,
    )  # fmt: skip


def _told(story: Story, recovery: Recovery | None) -> models.CallStory:
    segments = [
        {**_columns(models.Segment, part.segment), "parties": list(part.parties)}
        for part in story.segments
    ]
    return models.CallStory.model_validate(
        {
            **_columns(models.Call, story.call),
            "recovery": recovery,
            "segments": segments,
            "legs": list(story.legs),
            "offers": list(story.offers),
            "recordings": list(story.recordings),
            "wrap_ups": list(story.wrap_ups),
        }
    )


def _columns(model: type[models.Given], row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in model.model_fields if hasattr(row, name)}
