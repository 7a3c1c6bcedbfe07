"""A node begins to lead: what its trackers heard beside the last leader, and what that one stored.

Both nodes heard the same events, so they tell the same calls under the same ids. Only the counts of
revisions may differ: a tracker that came later counted less.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from pbx_bridge.call import Call, CallState
from pbx_bridge.journal import differences
from pbx_bridge.tracker import Tracker
from storage.calls import Story
from storage.database import Database
from web.journey import stored
from web.journey.continuity import Continuity
from web.journey.stored import call_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the new leader knows of a PBX's calls."""

    continuity: Continuity
    unstored: tuple[Call, ...]  # ended lately, and the last leader did not store that
    hidden: frozenset[UUID]  # offers whose cards their agents put away
    written: tuple[tuple[UUID, UUID], ...]  # user and call of wrap-ups stored while they talked


async def known(
    database: Database, pbx: UUID, tracker: Tracker, before: Continuity
) -> Known | None:
    """Compare the tracker with the base; None where the base knows calls that it cannot go on with.

    To be called when the last leader can write no more.
    """
    keys = {call.id for call in tracker.told()} | await stored.open_keys(database, pbx)
    return compared(await stored.stories(database, keys), tracker, before)


def compared(stories: Iterable[Story], tracker: Tracker, before: Continuity) -> Known | None:
    """Return what is known, as the tracker stands now."""
    calls = {story.call.id: (call_of(story), story) for story in stories}
    up = [call for call, _ in calls.values() if call.state is not CallState.ENDED]
    if any(tracker.call(call.id) is None for call in up):
        return None
    continuity = before.again(call for call, _ in calls.values())
    unstored, counts = [], {}
    for told in tracker.told():
        call = continuity.call(told)
        old, _ = calls.get(told.id, (None, None))
        is_news = old is None or call.ended_at is None or bool(differences(old, call))
        if old is not None:
            counts[told.id] = old.revision + is_news - call.revision
        if is_news and call.ended_at is not None:
            unstored.append(told)
    continuity.count_on({key: lift for key, lift in counts.items() if lift > 0})
    return Known(
        continuity=continuity,
        unstored=tuple(map(continuity.call, unstored)),
        hidden=frozenset(
            o.id for _, story in calls.values() for o in story.offers if o.dismissed_at
        ),
        written=tuple(
            (wrap_up.user_id, call.id)
            for call, story in calls.values()
            for wrap_up in story.wrap_ups
            if call.ended_at is None
        ),
    )
