"""A call is stored whole, with many others or alone, whatever a stranger put into it."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import storage.calls
from fixtures.calls import (
    CALLER,
    NOW,
    Stage,
    Teller,
    add_customer,
    after,
    saved,
    set_stage,
    story,
)
from pbx_bridge.call import CallResult, CallState, Direction, OfferEnd, SegmentKind
from pbx_bridge.matching import Level
from storage.calls import CallAgent, CallRecord
from storage.database import Database
from storage.errors import NotFound
from storage.recordings import RecordingState


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def test_a_call_comes_back_as_it_was_told(database: Database, stage: Stage) -> None:
    teller = Teller(stage.pbx)
    told = teller.ended()
    customer = await add_customer(database, "Zoë")
    found = await saved(database, told, stage.context(customer_id=customer))
    call = found.call
    assert (call.number, call.e164, call.name, call.dialled) == (
        CALLER, CALLER, "Zoë O'Brien", "4000",
    )  # fmt: skip
    assert (call.direction, call.state, call.result) == (
        Direction.INBOUND, CallState.ENDED, CallResult.ANSWERED,
    )  # fmt: skip
    assert (call.started_at, call.answered_at, call.ended_at) == (NOW, after(9), after(70))
    assert (call.wait_seconds, call.talk_seconds) == (9.0, 61.0)
    assert (call.match, call.customer_id, call.queue) == (Level.KNOWN, customer, "sales")
    assert (call.extension, call.user_id) == ("102", stage.users[1])
    assert (call.revision, call.settled_at, call.linkedid) == (9, after(70), "1.0")
    assert [leg.id for leg in found.legs] == [
        leg.id for leg in sorted(told.legs, key=lambda each: (each.started_at, each.id.hex))
    ]
    loser = next(leg for leg in found.legs if leg.extension == "101")
    assert (loser.uniqueid, loser.hangup_cause, loser.user_id, loser.answered_at) == (
        "1.0.1", 26, stage.users[0], None,
    )  # fmt: skip
    assert {o.extension: o.end for o in found.offers} == {
        "101": OfferEnd.ELSEWHERE, "102": OfferEnd.ANSWERED, "103": OfferEnd.ELSEWHERE,
    }  # fmt: skip
    queue, talk = found.segments
    assert (queue.segment.kind, queue.segment.exit_reason, queue.segment.queue) == (
        SegmentKind.QUEUE, "answered", "sales",
    )  # fmt: skip
    assert {(p.extension, p.user_id) for p in talk.parties} == {
        (None, None), ("102", stage.users[1]),
    }  # fmt: skip
    assert [(r.path_there, r.state) for r in found.recordings] == [
        ("/var/spool/asterisk/monitor/in-1.0.wav", RecordingState.PENDING)
    ]
    assert (found.agents, found.talked) == (frozenset(stage.users), frozenset({stage.users[1]}))
    assert (found.pbx, found.queue_label("sales")) == ("Head office", "Sales line")


async def test_an_unanswered_call_has_no_agent_and_rang_at_all(
    database: Database, stage: Stage
) -> None:
    found = await saved(database, Teller(stage.pbx).abandoned(), stage.context())
    assert (found.call.user_id, found.call.extension) == (None, None)
    assert (found.agents, found.talked) == (frozenset(stage.users), frozenset())
    assert found.call.result is CallResult.ABANDONED


async def test_an_outgoing_call_nobody_answered_belongs_to_who_dialled(
    database: Database, stage: Stage
) -> None:
    told = Teller(stage.pbx, rings=1).abandoned()
    told = replace(
        told,
        direction=Direction.OUTBOUND,
        result=CallResult.NO_ANSWER,
        offers=tuple(replace(offer, outgoing=True) for offer in told.offers),
    )
    found = await saved(database, told, stage.context())
    assert (found.call.user_id, found.call.extension) == (stage.users[0], "101")
    assert found.offers[0].outgoing


async def test_what_a_stranger_sends_is_stored_whatever_it_holds(
    database: Database, stage: Stage
) -> None:
    call = Teller(stage.pbx).ringing()
    nasty = "\0<script>\ud800" + "я" * 1000
    call = replace(
        call,
        name=nasty,
        number="9" * 500,
        legs=tuple(
            replace(leg, name=nasty, uniqueid=leg.uniqueid + "x" * 300) for leg in call.legs[:1]
        ),
    )
    found = await saved(database, call, stage.context())
    assert found.call.name == "\N{REPLACEMENT CHARACTER}<script>?" + "я" * 245
    assert found.call.number == "9" * 80
    assert len(found.legs[0].uniqueid) == 150


async def test_many_calls_are_stored_in_one_go_the_newest_telling_of_each(
    database: Database, stage: Stage
) -> None:
    told = []
    for n in range(40):
        teller = Teller(stage.pbx, after(n), tag=f"{n}.0")
        told += [(teller.ended(), stage.context()), (teller.ringing(), stage.context())]
    async with database.writing() as session:
        await storage.calls.save_many(session, told)
        await storage.calls.save_many(session, [])
    async with database.reading() as session:
        rows = list(await session.scalars(select(CallRecord)))
        agents = list(await session.scalars(select(CallAgent)))
    assert {row.state for row in rows} == {CallState.ENDED}
    assert (len(rows), len(agents)) == (40, 120)


async def test_a_group_is_stored_whole_or_not_at_all(database: Database, stage: Stage) -> None:
    good = Teller(stage.pbx).ended()
    orphan = Teller(uuid4(), tag="2.0").ended()
    told = [(good, stage.context()), (orphan, stage.context())]

    async def write() -> None:
        async with database.writing() as session:
            await storage.calls.save_many(session, told)

    with pytest.raises(IntegrityError):
        await write()
    with pytest.raises(NotFound):
        await story(database, good.id)


async def test_a_leg_can_move_to_another_call(database: Database, stage: Stage) -> None:
    first, second = Teller(stage.pbx).ended(), Teller(stage.pbx, after(5), tag="2.0").ended()
    await saved(database, first, stage.context())
    taken = replace(second, legs=(*second.legs, first.legs[3]))
    left = replace(first, legs=first.legs[:3], revision=10)
    async with database.writing() as session:
        told = [(taken, stage.context()), (left, stage.context())]
        await storage.calls.save_many(session, told)
    assert first.legs[3].id in {leg.id for leg in (await story(database, second.id)).legs}
    assert len((await story(database, first.id)).legs) == 3
