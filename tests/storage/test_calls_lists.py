"""Lists of calls show what was asked for, page by page, and only to those who may see it."""

from dataclasses import replace

import pytest

import storage.calls
from fixtures.calls import NOW, Stage, Teller, add_customer, after, set_stage
from pbx_bridge.call import CallResult, CallState, Direction
from storage.calls import CallFilters
from storage.database import Database
from storage.errors import NotFound
from storage.recordings import RecordingState
from storage.rules.permissions import Scope
from storage.teams import Team, TeamMember


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def save(database: Database, *told) -> None:
    async with database.writing() as session:
        await storage.calls.save_many(session, told)


async def listed(database: Database, reach=None, **filters):
    async with database.reading() as session:
        page = await storage.calls.listed(session, CallFilters(**filters), reach=reach)
    return page.lines


async def test_pages_follow_each_other_both_ways_without_loss(
    database: Database, stage: Stage
) -> None:
    calls = [Teller(stage.pbx, after(n // 2), tag=f"{n}.0").ended() for n in range(11)]
    await save(database, *((call, stage.context()) for call in calls))
    async with database.reading() as session:

        async def page(**place):
            return await storage.calls.listed(session, CallFilters(), reach=None, limit=4, **place)

        first = await page()
        second = await page(after=first.older)
        third = await page(after=second.older)
        back = await page(before=third.newer)
        start = await page(before=back.newer)
    pages = [[line.call.id for line in each.lines] for each in (first, second, third)]
    assert {key for each in pages for key in each} == {call.id for call in calls}
    assert first.lines[0].call.started_at == after(5)
    assert [len(each) for each in pages] == [4, 4, 3]
    assert [line.call.id for line in back.lines] == pages[1]
    assert [line.call.id for line in start.lines] == pages[0]
    assert (first.newer, third.older, start.newer) == (None, None, None)
    assert start.older is not None


async def test_each_filter_narrows_the_list(database: Database, stage: Stage) -> None:
    customer = await add_customer(database, "Zoë & Söhne")
    mine = Teller(stage.pbx, tag="1.0").ended("101")
    missed = replace(
        Teller(stage.pbx, after(3600), tag="2.0", rings=1).abandoned(), queue="support",
        number="07911 123456", name="Mr Brown",
    )  # fmt: skip
    out = replace(
        Teller(stage.pbx, after(7200), tag="3.0").ended("103"), direction=Direction.OUTBOUND
    )
    await save(
        database,
        (mine, stage.context(customer_id=customer)),
        (missed, stage.context(e164="+447911123456")),
        (out, stage.context(e164="+33123456789")),
    )
    async with database.writing() as session:
        await storage.calls.wrap_up(
            session, mine.id, user_id=stage.users[0], outcome_id=stage.outcome, note="Fine",
            by=stage.users[0],
        )  # fmt: skip
    cases = [
        ({}, [out, missed, mine]),
        ({"since": after(3600)}, [out, missed]),
        ({"until": after(3600)}, [mine]),
        ({"user_ids": frozenset({stage.users[2]})}, [out, mine]),
        ({"queue": "support"}, [missed]),
        ({"customer_id": customer}, [mine]),
        ({"outcome_id": stage.outcome}, [mine]),
        ({"direction": Direction.OUTBOUND}, [out]),
        ({"results": storage.calls.MISSED}, [missed]),
        ({"results": frozenset({CallResult.ANSWERED})}, [out, mine]),
        ({"number": "07911 123 456"}, [missed]),
        ({"number": "0033123"}, [out]),
        ({"number": "brown"}, [missed]),
        ({"number": "zoë &"}, [mine]),
        ({"number": "%"}, []),
        ({"number": "  "}, [out, missed, mine]),
    ]
    for filters, expected in cases:
        lines = await listed(database, **filters)
        assert [line.call.id for line in lines] == [call.id for call in expected], filters
    line = (await listed(database, customer_id=customer))[0]
    assert (line.customer, line.agent, line.outcomes, line.note, line.recording) == (
        "Zoë & Söhne", "Ann", ("Order placed",), "Fine", RecordingState.PENDING,
    )  # fmt: skip


async def test_an_agent_reaches_what_rang_or_talked_at_them(
    database: Database, stage: Stage
) -> None:
    rang_at_two = Teller(stage.pbx, rings=2).ended()
    rang_at_all = Teller(stage.pbx, after(60), tag="2.0").ended()
    await save(database, (rang_at_two, stage.context()), (rang_at_all, stage.context()))
    async with database.reading() as session:
        own = await storage.calls.reach(session, stage.users[2], Scope.OWN)
        nobody = await storage.calls.reach(session, stage.users[2], Scope.NONE)
        everyone = await storage.calls.reach(session, stage.users[2], Scope.ALL)
    assert [line.call.id for line in await listed(database, own)] == [rang_at_all.id]
    assert await listed(database, nobody) == []
    assert len(await listed(database, everyone)) == 2


async def test_a_team_reaches_its_members_calls(database: Database, stage: Stage) -> None:
    ann, bob, cyd = stage.users
    team = Team(id=ann, name="North")
    async with database.writing() as session:
        session.add(team)
        await session.flush()
        session.add_all(TeamMember(team_id=ann, user_id=user) for user in (ann, cyd))
    async with database.reading() as session:
        assert await storage.calls.reach(session, ann, Scope.TEAM) == {ann, cyd}
        assert await storage.calls.reach(session, bob, Scope.TEAM) == {bob}


async def test_a_story_is_open_to_who_took_part_and_to_all_when_the_customer_is_known(
    database: Database, stage: Stage
) -> None:
    strange, known = Teller(stage.pbx, rings=2).ended(), Teller(stage.pbx, tag="2.0").ended()
    customer = await add_customer(database, "Zoë")
    await save(database, (strange, stage.context()), (known, stage.context(customer_id=customer)))
    cyd = frozenset({stage.users[2]})
    async with database.reading() as session:
        assert (await storage.calls.get(session, known.id, reach=cyd)).customer is not None
        with pytest.raises(NotFound):
            await storage.calls.get(session, strange.id, reach=cyd)
        bob = frozenset({stage.users[1]})
        assert (await storage.calls.get(session, strange.id, reach=bob)).customer is None
        assert await storage.calls.talkers(session, strange.id) == bob


async def test_calls_in_progress_show_whom_they_ring_at(database: Database, stage: Stage) -> None:
    ringing = Teller(stage.pbx, after(5), rings=2).ringing()
    talking = Teller(stage.pbx, tag="2.0").talking()
    over = Teller(stage.pbx, tag="3.0").ended()
    await save(database, *((call, stage.context()) for call in (ringing, talking, over)))
    async with database.reading() as session:
        lines = await storage.calls.in_progress(session)
    assert [(line.call.id, line.agent) for line in lines] == [
        (talking.id, "Bob"), (ringing.id, "Ann, Bob"),
    ]  # fmt: skip


async def test_the_latest_calls_of_a_customer_come_first(database: Database, stage: Stage) -> None:
    customer = await add_customer(database, "Zoë")
    calls = [Teller(stage.pbx, after(n * 60), tag=f"{n}.0").ended() for n in range(5)]
    await save(database, *((call, stage.context(customer_id=customer)) for call in calls))
    async with database.reading() as session:
        first = await storage.calls.latest_of(session, customer, limit=3)
        last = first[-1].call
        place = storage.calls.Place(last.started_at, last.id)
        rest = await storage.calls.latest_of(session, customer, before=place)
        assert await storage.calls.last_contact(session, customer) == after(240)
    assert [line.call.started_at for line in first] == [after(240), after(180), after(120)]
    assert [line.call.started_at for line in rest] == [after(60), NOW]


async def test_calls_lost_in_a_gap_are_closed_and_say_so(database: Database, stage: Stage) -> None:
    ringing, talking = Teller(stage.pbx).ringing(), Teller(stage.pbx, tag="2.0").talking()
    over = Teller(stage.pbx, tag="3.0").ended()
    calls = [ringing, talking, over]
    await save(database, *((call, stage.context()) for call in calls))
    async with database.reading() as session:
        legs = await storage.calls.open_legs(session, stage.pbx)
    assert {leg.uniqueid for leg in legs} == {"1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0", "2.0.2"}
    async with database.writing() as session:
        closed = await storage.calls.close_lost(
            session, [call.id for call in calls], at=after(500), reason="lost in a gap"
        )
    assert set(closed) == {ringing.id, talking.id}
    async with database.reading() as session:
        stories = [await storage.calls.get(session, call.id) for call in calls]
        assert await storage.calls.open_legs(session, stage.pbx) == []
    assert [s.call.result for s in stories] == [
        CallResult.FAILED, CallResult.ANSWERED, CallResult.ANSWERED,
    ]  # fmt: skip
    assert [s.call.ended_at for s in stories] == [after(500), after(500), after(70)]
    assert {s.call.state for s in stories} == {CallState.ENDED}
    assert {offer.end for offer in stories[0].offers} == {"withdrawn"}
    assert stories[1].segments[-1].segment.ended_at == after(500)
