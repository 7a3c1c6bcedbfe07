"""Lists of calls narrowed by recordings, tags, comments and reviews, on both engines."""

from datetime import UTC, datetime

import storage.calls
import storage.recording_comments
import storage.recordings
import storage.tags
from fixtures.calls import Teller, set_stage
from pbx_bridge.ids import uuid7
from storage.calls import About, CallFilters, Reviewed
from storage.database import Database
from storage.recordings import Sound
from storage.reviews.tables import Review, ReviewKind, ReviewState
from storage.scorecards.tables import Scorecard, ScorecardVersion

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


async def test_a_list_is_narrowed_by_what_was_made_of_its_calls(database: Database) -> None:
    stage = await set_stage(database)
    ann, bob = stage.users[0], stage.users[1]
    calls = [Teller(stage.pbx, tag=f"{n}.0").ended() for n in range(3)]
    keys = {call.id: name for call, name in zip(calls, ("good", "bad", "bare"), strict=True)}
    async with database.writing() as session:
        for call in calls:
            await storage.calls.save(session, call, context=stage.context())
        for call in calls[:2]:
            [recording] = call.recordings
            sound = Sound(f"{call.id}.sealed", "audio/wav", 1, 60.0, "0" * 64)
            await storage.recordings.shelved(session, recording.id, sound)
        tag = await storage.tags.put(session, calls[0].id, "VIP", by=None, now=NOW)
        await storage.recording_comments.add(
            session,
            await storage.recordings.get(session, calls[1].recordings[0].id),
            3.0,
            "Very RUDE at 100% of it",
            by=ann,
            now=NOW,
        )
        await add_reviews(session, {calls[0].id: False, calls[1].id: True}, bob)

    async def found(**about: object) -> set[str]:
        wanted = CallFilters(about=About(**about))
        async with database.reading() as session:
            page = await storage.calls.listed(session, wanted, reach=None)
        return {keys[line.call.id] for line in page.lines}

    assert await found() == {"good", "bad", "bare"}
    assert await found(has_recording=True) == {"good", "bad"}
    assert await found(has_recording=False) == {"bare"}
    assert await found(tag_id=tag.id) == {"good"}
    assert await found(comment="rude 100%", heard=None) == {"bad"}
    assert await found(comment="rude", heard=frozenset({bob})) == {"bad"}
    assert await found(comment="rude", heard=frozenset()) == set()
    assert await found(comment="polite", heard=None) == set()
    assert await found(comment="100_", heard=None) == set()
    assert await found(reviewed=Reviewed.YES, rated=None) == {"good", "bad"}
    assert await found(reviewed=Reviewed.FAILED, rated=frozenset({bob})) == {"bad"}
    assert await found(reviewed=Reviewed.NO, rated=None) == {"bare"}
    assert await found(reviewed=Reviewed.FAILED, rated=frozenset({ann})) == set()


async def add_reviews(session, failed, agent) -> None:
    """Rate the agent in these calls."""
    card, version = uuid7(NOW), uuid7(NOW)
    session.add(
        Scorecard(id=card, name="Service", draft={}, created_at=NOW, updated_at=NOW, version=1)
    )
    await session.flush()
    session.add(
        ScorecardVersion(id=version, scorecard_id=card, number=1, outline={}, published_at=NOW)
    )
    await session.flush()
    for call, is_failed in failed.items():
        session.add(
            Review(
                id=uuid7(NOW), call_id=call, agent_id=agent, scorecard_id=card, version_id=version,
                kind=ReviewKind.SUPERVISOR, seat="s", reviewer_id=agent,
                state=ReviewState.SUBMITTED, failed=is_failed, started_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    await session.flush()
