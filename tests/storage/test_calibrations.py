"""Calibration, trends, joins and erasures of reviews; on both engines."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

import storage.calls
import storage.picks
import storage.reviews
from fixtures.calls import NOW, Stage, Teller, audited, set_stage
from fixtures.scorecards import GOOD, begin, make, rate, reviewed
from fixtures.scripts import call_of
from pbx_bridge.call import Call
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.reviews import ReviewKind, Said, TrendQuestion, calibrations, joining
from storage.scorecards import ScorecardVersion

ALWAYS = TrendQuestion(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def call(database: Database, stage: Stage) -> Call:
    return await call_of(database, stage)


@pytest.fixture
async def version(database: Database, stage: Stage) -> ScorecardVersion:
    return await make(database, stage)


async def test_reviewers_see_how_far_apart_they_are_once_two_are_done(
    database: Database, stage: Stage, call: Call, version: ScorecardVersion
) -> None:
    ann, bob, cyd = stage.users
    async with database.writing() as session:
        with pytest.raises(Refused, match="two reviewers"):
            await calibrations.start(
                session, call.id, bob, version.scorecard_id, [ann, bob], by=cyd, now=NOW
            )
        made = await calibrations.start(
            session, call.id, bob, version.scorecard_id, [ann, cyd, bob], by=cyd, now=NOW
        )
        with pytest.raises(Refused, match="must have submitted"):
            await calibrations.end(session, made.id, by=cyd, now=NOW)
        round_ = await calibrations.round_of(session, made.id)
    assert [one.review.reviewer_id for one in round_.sheets] == [ann, cyd]
    for sheet, marks in zip(round_.sheets, (GOOD, GOOD | {"i2": "2"}), strict=True):
        by = sheet.review.reviewer_id
        await rate(database, sheet.review, marks, by=by)
        async with database.writing() as session:
            await storage.reviews.submit(session, sheet.review.id, by=by, now=NOW)
    async with database.writing() as session:
        for _ in range(2):
            await calibrations.end(session, made.id, by=cyd, now=NOW)
        with pytest.raises(Refused):  # what is said blind stays said
            await storage.reviews.reopen(session, sheet.review.id, by=cyd, now=NOW)
        [told] = await calibrations.listed(session, reach=frozenset({ann}), user_id=ann)
        assert await calibrations.listed(session, reach=frozenset(), user_id=bob) == []
    assert told.is_over
    assert told.spread().points == Decimal("37.5")
    assert [one.points for one in told.spread().items][-1] == Decimal("50.0")
    assert len(await audited(database, "calibration.ended")) == 1


async def test_a_calibration_counts_in_no_trend_and_no_list(
    database: Database, stage: Stage, call: Call, version: ScorecardVersion
) -> None:
    ann, bob, cyd = stage.users
    async with database.writing() as session:
        await calibrations.start(
            session, call.id, bob, version.scorecard_id, [ann, cyd], by=cyd, now=NOW
        )
    await reviewed(database, call, bob, version, by=cyd, marks=GOOD | {"i1": "na"})
    async with database.reading() as session:
        [line] = await storage.reviews.listed(session, storage.reviews.ReviewFilters(), reach=None)
        [one] = await storage.reviews.rated(session, ALWAYS, reach=frozenset({bob}))
        assert await storage.reviews.rated(session, ALWAYS, reach=frozenset({ann})) == []
        assert len(await storage.reviews.of_call(session, call.id)) == 1
    assert (line.agent, line.reviewer, line.card) == ("Bob", "Cyd", "Quality")
    assert (one.agent, one.queue, one.result.percent) == ("Bob", "Sales line", Decimal("75.0"))
    assert [(key, mark, told and told.percent) for key, _, mark, told in one.items] == [
        ("i1", "na", None), ("i3", "yes", Decimal("100.0")), ("i2", "4", Decimal("75.0")),
    ]  # fmt: skip


async def test_where_two_calls_become_one_both_reviews_stay(
    database: Database, stage: Stage, version: ScorecardVersion
) -> None:
    _ann, bob, cyd = stage.users
    first, second = [await call_of(database, stage, tag) for tag in ("1.1", "2.1")]
    kept = await reviewed(database, first, bob, version, by=cyd)
    other = await reviewed(database, second, bob, version, by=cyd)
    async with database.writing() as session:
        await storage.calls.joins.join(session, first.id, second.id)
    async with database.reading() as session:
        found = await storage.reviews.of_call(session, first.id)
    assert {one.id for one in found} == {kept.id, other.id}
    assert {one.seat for one in found} == {ReviewKind.SUPERVISOR.value, str(other.id)}


async def test_an_erasure_takes_every_word_and_leaves_the_marks(
    database: Database, stage: Stage, call: Call, version: ScorecardVersion
) -> None:
    _ann, bob, cyd = stage.users
    word = "canary"
    review = await begin(database, call, bob, version, by=cyd)
    await rate(database, review, by=cyd)
    async with database.writing() as session:
        for item in ("i1", ""):
            await storage.reviews.say(
                session, review.id, item, Said(note=word), seen=None, by=cyd, now=NOW
            )
        await storage.reviews.submit(session, review.id, by=cyd, now=NOW)
        await storage.reviews.release(session, review.id, by=cyd, now=NOW)
        await storage.reviews.answer(session, review.id, word, by=bob, now=NOW)
        await storage.reviews.appeal(session, review.id, word, by=bob, now=NOW)
        await storage.reviews.decide(
            session, review.id, granted=True, decision=word, by=cyd, now=NOW
        )
    async with database.writing() as session:
        assert await joining.erase_texts(session, [call.id], by=cyd) == 1
        assert await joining.erase_texts(session, [call.id], by=cyd) == 0
    async with database.reading() as session:
        for table in ("reviews", "review_marks", "review_appeals", "review_revisions", "audit"):
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows
            assert word not in str(rows), table
        sheet = await storage.reviews.revision(session, review.id, 1)
    assert sheet.said("i1").mark == "yes"


async def test_a_review_of_a_call_that_is_not_there_is_not_found(
    database: Database, stage: Stage, version: ScorecardVersion
) -> None:
    call = Teller(stage.pbx, tag="9.1").ended()
    with pytest.raises(NotFound):
        await begin(database, call, stage.users[1], version, by=stage.users[2])
