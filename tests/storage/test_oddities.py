"""Events that fit no transition: counted by kind and hour, the first few kept one by one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

import storage.calls
from fixtures.calls import NOW, Teller, after, saved, set_stage
from storage import oddities
from storage.errors import NotFound
from storage.oddities import Case, OddityCase, OddityRecord, Tally


def tally(pbx, count=1, *, at=NOW, why="a leg that is gone", cases=(), event="Hangup"):
    return Tally(
        pbx=pbx, event=event, why=why, count=count, first_at=at, last_at=after(count, at),
        cases=tuple(cases),
    )  # fmt: skip


async def add(database, *tallies, now=NOW):
    async with database.writing() as session:
        await oddities.add(session, tallies, now=now)


async def listed(database):
    async with database.reading() as session:
        return await oddities.listed(session)


async def rows(database, table):
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def test_a_kind_is_counted_over_all_its_hours(database):
    stage = await set_stage(database)
    await add(database, tally(stage.pbx, 3), tally(stage.pbx, 2, at=NOW + timedelta(hours=2)))
    await add(database, tally(stage.pbx, 5), tally(stage.pbx, why="another reason"))
    first, other = await listed(database)
    assert (first.pbx, first.event, first.why, first.count) == (
        *("Head office", "Hangup", "a leg that is gone", 10),
    )
    assert first.first_at == NOW
    assert first.last_at == after(2, NOW + timedelta(hours=2))
    assert (other.why, other.count) == ("another reason", 1)
    assert await rows(database, OddityRecord) == 3


async def test_only_the_first_of_an_hour_are_kept_one_by_one(database):
    stage = await set_stage(database)
    cases = [Case(at=after(n), n=100 + n) for n in range(oddities.FIRST - 1)]
    await add(database, tally(stage.pbx, 1000, cases=cases))
    await add(database, tally(stage.pbx, 1000, cases=[Case(at=after(n)) for n in (60, 61, 62)]))
    (found,) = await listed(database)
    assert found.count == 2000
    assert await rows(database, OddityCase) == oddities.FIRST
    assert [one.n for one in found.cases] == [0, 103, 102, 101, 100]


async def test_a_case_leads_to_its_call_under_whatever_id_it_is_stored(database):
    stage = await set_stage(database)
    call = Teller(stage.pbx).ended()
    await saved(database, call, stage.context())
    gone = uuid4()
    async with database.writing() as session:
        await storage.calls.join(session, call.id, gone)
    cases = [
        Case(at=after(1), n=1, call=call.id), Case(at=after(2), n=2, call=gone),
        Case(at=after(3), n=3, call=uuid4()), Case(at=after(4), n=4),
    ]  # fmt: skip
    await add(database, tally(stage.pbx, 4, cases=cases))
    (found,) = await listed(database)
    assert [one.call for one in found.cases] == [None, None, call.id, call.id]
    async with database.reading() as session:
        kind, one = await oddities.case(session, found.cases[0].id)
        assert (kind.pbx_id, one.n) == (stage.pbx, 4)
        with pytest.raises(NotFound):
            await oddities.case(session, uuid4())


async def test_what_is_too_old_goes(database):
    stage = await set_stage(database)
    await add(database, tally(stage.pbx, cases=[Case(at=NOW)]))
    late = NOW + oddities.KEPT + timedelta(hours=1)
    await add(database, tally(stage.pbx, at=late, why="new"), now=late)
    assert [one.why for one in await listed(database)] == ["new"]
    assert await rows(database, OddityCase) == 0


async def test_the_page_is_bounded_and_the_newest_come_first(database):
    stage = await set_stage(database)
    await add(database, *(tally(stage.pbx, at=after(n), why=str(n)) for n in range(5)))
    async with database.reading() as session:
        found = await oddities.listed(session, limit=2)
    assert [one.why for one in found] == ["4", "3"]
