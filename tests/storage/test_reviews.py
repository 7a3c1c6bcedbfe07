"""Reviews: begun once, rated mark by mark, given, appealed and decided; on both engines."""

import asyncio

import pytest

import storage.reviews
import storage.scorecards
from fixtures.calls import NOW, Stage, audited, set_stage
from fixtures.scorecards import GOOD, GOOD_SCORE, begin, make, rate, reviewed
from fixtures.scripts import call_of
from pbx_bridge.call import Call
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused
from storage.reviews import (
    MarkedMeanwhile,
    MarkRefused,
    Remark,
    Review,
    ReviewKind,
    ReviewState,
    Said,
    Unfinished,
)
from storage.scorecards import ScorecardVersion


class Bench:
    """Ann (101) did not answer, Bob (102) talked, Cyd (103) reviews."""

    def __init__(
        self, database: Database, stage: Stage, call: Call, version: ScorecardVersion
    ) -> None:
        self.database, self.stage, self.call, self.version = database, stage, call, version
        self.ann, self.bob, self.cyd = stage.users

    async def begin(self, kind: ReviewKind = ReviewKind.SUPERVISOR, **more: object) -> Review:
        by = more.get("by", self.bob if kind is ReviewKind.SELF else self.cyd)
        return await begin(self.database, self.call, self.bob, self.version, by=by, kind=kind)

    async def given(self) -> Review:
        return await reviewed(self.database, self.call, self.bob, self.version, by=self.cyd)

    async def say(self, review: Review, item: str, said: Said, **more: object):
        more = {"seen": None, "by": self.cyd, "now": NOW} | more
        async with self.database.writing() as session:
            return await storage.reviews.say(session, review.id, item, said, **more)


@pytest.fixture
async def bench(database: Database) -> Bench:
    stage = await set_stage(database)
    call = await call_of(database, stage)
    return Bench(database, stage, call, await make(database, stage))


async def test_two_who_begin_at_once_have_one_review(bench: Bench) -> None:
    first, second = await asyncio.gather(bench.begin(by=bench.cyd), bench.begin(by=bench.ann))
    assert first.id == second.id
    own = await bench.begin(ReviewKind.SELF)
    assert own.id != first.id
    with pytest.raises(NotFound):  # her phone rang, she did not talk
        await begin(bench.database, bench.call, bench.ann, bench.version, by=bench.cyd)
    assert len(await audited(bench.database, "review.begun")) == 2


async def test_what_two_say_at_once_is_not_lost(bench: Bench) -> None:
    review = await bench.begin()
    await bench.say(review, "i1", Said("yes"), seen=0)
    await bench.say(review, "i1", Said(note="By her first name\x00"), seen=1)
    with pytest.raises(MarkedMeanwhile) as raised:
        await bench.say(review, "i1", Said("no"), seen=1, by=bench.ann)
    assert (raised.value.mark, raised.value.version) == ("yes", 2)
    row = await bench.say(review, "i1", Said("no"), seen=2, by=bench.ann)
    assert (row.mark, row.note, row.version) == ("no", "By her first name", 3)
    same = await bench.say(review, "i1", Said("no"), seen=1)
    assert same.version == 3  # the same again is no conflict
    for item, mark in (("i2", "6"), ("i3", "na")):
        with pytest.raises(MarkRefused):
            await bench.say(review, item, Said(mark))
    with pytest.raises(NotFound):
        await bench.say(review, "i9", Said("yes"))


async def test_a_moment_is_kept_beside_the_words(bench: Bench) -> None:
    review = await bench.begin()
    await bench.say(review, "i1", Said(note="Here", at_seconds=83.24, moves=True))
    await bench.say(review, "i1", Said("yes"))  # leaves it where it is
    await bench.say(review, "", Said(note="In all: good"))
    async with bench.database.reading() as session:
        sheet = await storage.reviews.sheet(session, review.id)
    assert sheet.said("i1")[:3] == ("yes", "Here", 83.2)
    assert sheet.said().note == "In all: good"
    moved = await bench.say(review, "i1", Said(at_seconds=None, moves=True))
    assert moved.at_seconds is None


async def test_only_what_is_complete_is_submitted_and_only_that_is_released(bench: Bench) -> None:
    review = await bench.begin()
    async with bench.database.writing() as session:
        with pytest.raises(Unfinished) as raised:
            await storage.reviews.submit(session, review.id, by=bench.cyd, now=NOW)
        with pytest.raises(Refused, match="Submit"):
            await storage.reviews.release(session, review.id, by=bench.cyd, now=NOW)
        with pytest.raises(Refused, match="not been released"):
            await storage.reviews.answer(session, review.id, "Hm", by=bench.bob, now=NOW)
    assert [item.key for item in raised.value.items] == ["i1", "i3", "i2"]
    await rate(bench.database, review, by=bench.cyd)
    async with bench.database.writing() as session:
        review = await storage.reviews.submit(session, review.id, by=bench.cyd, now=NOW)
    assert (review.score, review.failed) == (GOOD_SCORE, False)
    with pytest.raises(Refused, match="not written at"):
        await bench.say(review, "i1", Said("no"))
    async with bench.database.writing() as session:
        await storage.reviews.reopen(session, review.id, by=bench.cyd, now=NOW)
    await bench.say(review, "i3", Said("no"))
    async with bench.database.writing() as session:
        review = await storage.reviews.submit(session, review.id, by=bench.cyd, now=NOW)
        assert (review.score, review.failed) == (0.0, True)
        await storage.reviews.release(session, review.id, by=bench.cyd, now=NOW)
        with pytest.raises(Refused):
            await storage.reviews.reopen(session, review.id, by=bench.cyd, now=NOW)


async def test_the_agent_reads_what_was_released_whatever_is_written_since(bench: Bench) -> None:
    review = await bench.given()
    async with bench.database.writing() as session:
        await storage.reviews.read(session, review.id, by=bench.cyd, now=NOW)
        await storage.reviews.answer(session, review.id, " Thank you ", by=bench.bob, now=NOW)
        await storage.reviews.appeal(session, review.id, "Too low", by=bench.bob, now=NOW)
        with pytest.raises(Conflict, match="already"):
            await storage.reviews.appeal(session, review.id, "Again", by=bench.bob, now=NOW)
    await bench.say(review, "i2", Said("5"))
    async with bench.database.reading() as session:
        told = await storage.reviews.revision(session, review.id)
        now = await storage.reviews.sheet(session, review.id)
    assert (told.said("i2").mark, now.said("i2").mark) == ("4", "5")
    assert (told.review.answer, told.review.read_at) == ("Thank you", None)  # hers is not his look
    async with bench.database.writing() as session:
        await storage.reviews.read(session, review.id, by=bench.bob, now=NOW)
    async with bench.database.reading() as session:
        assert (await storage.reviews.get(session, review.id)).read_at == NOW


async def decide(bench: Bench, review: Review, *, granted: bool, by=None, why="So") -> Review:
    async with bench.database.writing() as session:
        return await storage.reviews.decide(
            session, review.id, granted=granted, decision=why, by=by or bench.cyd, now=NOW
        )


async def test_an_appeal_that_is_granted_is_another_revision(bench: Bench) -> None:
    review = await bench.given()
    async with bench.database.writing() as session:
        await storage.reviews.appeal(session, review.id, "Too low", by=bench.bob, now=NOW)
    await bench.say(review, "i2", Said("5"))
    for by, why, said in ((bench.bob, "Mine", "of their own"), (None, " ", "Say why")):
        with pytest.raises(Refused, match=said):
            await decide(bench, review, granted=True, by=by, why=why)
    after = await decide(bench, review, granted=True)
    assert (after.revision, after.score, after.state) == (2, 100.0, ReviewState.RELEASED)
    with pytest.raises(Conflict, match="already"):
        await decide(bench, review, granted=False)
    async with bench.database.reading() as session:
        first = await storage.reviews.revision(session, review.id, 1)
        assert first.said("i2").mark == "4"
        [appeal] = await storage.reviews.appeals(session, review.id)
        assert (appeal.row.granted, appeal.decided_by) == (True, "Cyd")
        assert [number for number, _ in await storage.reviews.revisions(session, review.id)] == [
            1, 2,
        ]  # fmt: skip


async def test_an_appeal_that_is_refused_leaves_the_review_as_it_was(bench: Bench) -> None:
    review = await bench.given()
    async with bench.database.writing() as session:
        await storage.reviews.appeal(session, review.id, "Too low", by=bench.bob, now=NOW)
    await bench.say(review, "i2", Said("5", note="tried"))
    await bench.say(review, "", Said(note="tried"))
    after = await decide(bench, review, granted=False)
    assert (after.revision, after.score, after.state) == (1, GOOD_SCORE, ReviewState.RELEASED)
    async with bench.database.reading() as session:
        sheet = await storage.reviews.sheet(session, review.id)
    assert {key: said.mark for key, said in sheet.marks.items()} == GOOD | {"": ""}
    assert not any(said.note for said in sheet.marks.values())


async def test_the_agents_own_review_stands_beside_once_it_is_submitted(bench: Bench) -> None:
    review, own = await bench.begin(), await bench.begin(ReviewKind.SELF)
    async with bench.database.writing() as session:
        assert await storage.reviews.beside(session, review) is None
    await rate(bench.database, own, GOOD | {"i2": "5"}, by=bench.bob)
    async with bench.database.writing() as session:
        await storage.reviews.submit(session, own.id, by=bench.bob, now=NOW)
        with pytest.raises(Refused, match="supervisor"):
            await storage.reviews.release(session, own.id, by=bench.cyd, now=NOW)
        theirs = await storage.reviews.beside(session, review)
    assert theirs is not None
    assert theirs.said("i2").mark == "5"


async def test_a_review_keeps_the_scorecard_that_it_began_with(bench: Bench) -> None:
    review = await bench.begin()
    async with bench.database.writing() as session:
        await storage.scorecards.withdraw(session, bench.version.scorecard_id, by=None)
        sheet = await storage.reviews.sheet(session, review.id)
    assert (sheet.number, sheet.card) == (1, "Quality")
    await rate(bench.database, review, by=bench.cyd)


async def test_a_review_can_be_taken_over_and_names_who_did(bench: Bench) -> None:
    review = await bench.begin()
    async with bench.database.writing() as session:
        after = await storage.reviews.take_over(session, review.id, by=bench.ann, now=NOW)
    assert after.reviewer_id == bench.ann
    [row] = await audited(bench.database, "review.taken_over")
    assert (row.user_id, row.details["was"]) == (bench.ann, str(bench.cyd))


async def test_an_item_has_several_comments_each_at_its_moment(bench: Bench) -> None:
    review = await bench.begin()
    await bench.say(review, "i1", Said("yes", "First", 3.0, moves=True))
    more = (Remark(" Second ", 12.34), Remark("  ", 5.0), Remark("Third"))
    await bench.say(review, "i1", Said(more=more))
    await rate(bench.database, review, GOOD, by=bench.cyd)  # says nothing of comments
    async with bench.database.writing() as session:
        await storage.reviews.submit(session, review.id, by=bench.cyd, now=NOW)
        await storage.reviews.release(session, review.id, by=bench.cyd, now=NOW)
        await storage.reviews.appeal(session, review.id, "Too low", by=bench.bob, now=NOW)
    kept = (Remark("First", 3.0), Remark("Second", 12.3), Remark("Third"))
    await bench.say(review, "i1", Said(more=()))
    async with bench.database.reading() as session:
        given = await storage.reviews.revision(session, review.id)
        now = await storage.reviews.sheet(session, review.id)
    assert given.said("i1").remarks == kept
    assert now.said("i1").remarks == kept[:1]
    await decide(bench, review, granted=False)
    async with bench.database.writing() as session:
        sheet = await storage.reviews.sheet(session, review.id)
        assert sheet.said("i1").remarks == kept
        await storage.reviews.erase_texts(session, [bench.call.id], by=None)
    async with bench.database.reading() as session:
        for told in (
            await storage.reviews.sheet(session, review.id),
            await storage.reviews.revision(session, review.id),
        ):
            assert [one.note for one in told.said("i1").remarks] == [""]
