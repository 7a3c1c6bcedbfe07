"""Gaps: opened once, ended, filled until the books tell nothing new, and listed where they fall."""

import pytest

import storage.gaps
import storage.recoveries
from fixtures.calls import Stage, Teller, after, audited, saved, set_stage
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.gaps import Filling, Gap, GapState
from storage.recoveries import Reason


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def gap_of(database: Database, stage: Stage, since: float, until: float | None) -> Gap:
    async with database.writing() as session:
        gap = await storage.gaps.opened(session, stage.pbx, since=after(since), cause="cable cut")
        if until is not None:
            await storage.gaps.ended(session, stage.pbx, at=after(until))
    return gap


async def filled(database: Database, gap: Gap, *, state: GapState = GapState.FILLED, told: int):
    async with database.writing() as session:
        filling = Filling(told=told, books=("cel", "queue_log"), doubts=("Not when it rang.",))
        return await storage.gaps.filled(session, gap.id, filling, state=state, at=after(99))


async def test_a_gap_that_is_open_goes_on_and_is_not_opened_twice(database, stage):
    first = await gap_of(database, stage, 0, None)
    again = await gap_of(database, stage, 30, None)
    assert again.id == first.id
    assert again.started_at == after(0)
    async with database.reading() as session:
        assert await storage.gaps.due(session) == []


async def test_a_gap_that_ended_is_due_until_it_is_filled(database, stage):
    gap = await gap_of(database, stage, 0, 60)
    assert (gap.state, gap.ended_at) == (GapState.FILLING, after(60))
    async with database.reading() as session:
        assert [one.id for one in await storage.gaps.due(session)] == [gap.id]
    await filled(database, gap, state=GapState.FILLING, told=0)
    async with database.reading() as session:
        assert await storage.gaps.due(session)
    await filled(database, gap, told=0)
    async with database.reading() as session:
        assert not await storage.gaps.due(session)
        assert await storage.gaps.unfilled(session) == 0


async def test_a_gap_never_ends_before_it_began(database, stage):
    gap = await gap_of(database, stage, 60, 10)
    assert gap.ended_at == gap.started_at


async def test_nothing_ends_where_nothing_was_open(database, stage):
    async with database.writing() as session:
        assert await storage.gaps.ended(session, stage.pbx, at=after(0)) is None


async def test_what_was_recovered_is_counted_once_however_often_the_books_are_read(database, stage):
    gap = await gap_of(database, stage, 0, 60)
    for tag, is_new in (("1.0", True), ("2.0", True), ("3.0", False)):
        story = await saved(database, Teller(stage.pbx, tag=tag).ended(), stage.context())
        for _ in range(2):
            async with database.writing() as session:
                await storage.recoveries.note(
                    session, story.call.id, reason=Reason.RECOVERED, gap_id=gap.id, is_new=is_new,
                    uncertain={"offers"}, at=after(90),
                )  # fmt: skip
    for _ in range(2):
        gap = await filled(database, gap, told=5)
    assert (gap.recovered, gap.mended, gap.unchanged) == (2, 1, 2)
    assert (gap.books, gap.doubts) == (["cel", "queue_log"], ["Not when it rang."])
    assert len(await audited(database, "call.recovered")) == 6


async def test_books_that_could_not_be_read_are_said_and_read_again(database, stage):
    gap = await gap_of(database, stage, 0, 60)
    async with database.writing() as session:
        await storage.gaps.failed(session, gap.id, "the folder is not there", at=after(70))
    async with database.reading() as session:
        [due] = await storage.gaps.due(session)
        assert (due.state, due.failure) == (GapState.FAILED, "the folder is not there")
    gap = await filled(database, gap, told=0)
    assert (gap.state, gap.failure) == (GapState.FILLED, "")


async def test_a_person_has_the_books_read_again_once_we_hear_again(database, stage):
    gap = await gap_of(database, stage, 0, None)
    async with database.writing() as session:
        with pytest.raises(Refused):
            await storage.gaps.fill_again(session, gap.id, by=stage.users[0])
    await gap_of(database, stage, 0, 60)
    await filled(database, gap, told=0)
    async with database.writing() as session:
        again = await storage.gaps.fill_again(session, gap.id, by=stage.users[0])
    assert again.state is GapState.FILLING
    [entry] = await audited(database, "gap.filled_again")
    assert (entry.user_id, entry.key) == (stage.users[0], gap.id)
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await storage.gaps.get(session, stage.pbx)


async def test_the_gaps_of_a_period_are_those_that_touch_it(database, stage):
    first = await gap_of(database, stage, 0, 60)
    second = await gap_of(database, stage, 600, None)

    async def within(since: float | None, until: float | None) -> list:
        async with database.reading() as session:
            found = await storage.gaps.within(
                session,
                since=None if since is None else after(since),
                until=None if until is None else after(until),
            )
        return [gap.id for gap in found]

    assert await within(None, None) == [second.id, first.id]
    assert await within(30, 90) == [first.id]
    assert await within(60, 600) == []
    assert await within(700, 800) == [second.id]
    async with database.reading() as session:
        assert [g.id for g in await storage.gaps.listed(session, limit=1)] == [second.id]
        rest = await storage.gaps.listed(session, older_than=second.id)
        assert [g.id for g in rest] == [first.id]
        assert await storage.gaps.unfilled(session) == 2
