"""A call is stored whole, told again without harm, and never overwritten by an older telling."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import storage.calls
from fixtures.calls import CALLER, NOW, Stage, Teller, add_customer, after, set_stage
from pbx_bridge.call import CallResult, CallState, Direction, OfferEnd, SegmentKind
from pbx_bridge.matching import Level
from storage.audit import AuditEntry
from storage.calls import CallAgent, CallContext, CallRecord, OfferRecord, SegmentParty
from storage.database import Database
from storage.errors import NotFound
from storage.notes import Note
from storage.recordings import Recording, RecordingState


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def saved(database: Database, call, context: CallContext):
    """Store the call, then tell its story as a page would read it."""
    async with database.writing() as session:
        await storage.calls.save(session, call, context=context)
    return await story(database, call.id)


async def story(database: Database, key):
    async with database.reading() as session:
        return await storage.calls.get(session, key)


async def audited(database: Database, action: str) -> list[AuditEntry]:
    async with database.reading() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


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


async def test_an_older_revision_changes_nothing(database: Database, stage: Stage) -> None:
    teller = Teller(stage.pbx)
    await saved(database, teller.ended(), stage.context())
    found = await saved(database, teller.ringing(), stage.context())
    assert (found.call.revision, found.call.state) == (9, CallState.ENDED)
    assert len(found.segments) == 2
    assert await audited(database, "call.revised") == []


async def test_the_same_telling_twice_leaves_the_same_rows(
    database: Database, stage: Stage
) -> None:
    call = Teller(stage.pbx).ended()
    first = await saved(database, call, stage.context())
    second = await saved(database, call, stage.context())
    assert [leg.id for leg in first.legs] == [leg.id for leg in second.legs]
    assert [s.segment.id for s in first.segments] == [s.segment.id for s in second.segments]
    assert len(second.segments[1].parties) == 2
    assert await audited(database, "call.revised") == []


async def test_parts_that_are_told_no_more_go(database: Database, stage: Stage) -> None:
    teller = Teller(stage.pbx)
    await saved(database, teller.ended(), stage.context())
    call = teller.ended()
    shorter = replace(
        call, legs=call.legs[:3], offers=call.offers[:2], segments=call.segments[1:],
        recordings=(), revision=10,
    )  # fmt: skip
    found = await saved(database, shorter, stage.context())
    assert {leg.extension for leg in found.legs} == {None, "101", "102"}
    assert {offer.extension for offer in found.offers} == {"101", "102"}
    assert [s.segment.kind for s in found.segments] == [SegmentKind.TALK]
    assert found.recordings == []
    assert found.agents == frozenset(stage.users[:2])
    async with database.reading() as session:
        assert len(list(await session.scalars(select(SegmentParty)))) == 2


async def test_sound_that_was_picked_up_outlives_a_retelling_without_it(
    database: Database, stage: Stage
) -> None:
    teller = Teller(stage.pbx)
    found = await saved(database, teller.ended(), stage.context())
    async with database.writing() as session:
        row = await session.get_one(Recording, found.recordings[0].id)
        row.state, row.shelf_key, row.sha256 = RecordingState.READY, "key.wav", "abc"
    again = await saved(database, replace(teller.ended(), revision=10), stage.context())
    assert (again.recordings[0].state, again.recordings[0].shelf_key) == ("ready", "key.wav")
    without = replace(teller.ended(), recordings=(), revision=11)
    assert len((await saved(database, without, stage.context())).recordings) == 1


async def test_an_agent_of_a_talk_stays_who_sat_there_then(
    database: Database, stage: Stage
) -> None:
    teller = Teller(stage.pbx)
    await saved(database, teller.talking(), stage.context())
    moved = {(stage.pbx, "102"): stage.users[2], (stage.pbx, "101"): stage.users[1]}
    context = replace(stage.context(), users=moved)
    found = await saved(database, teller.ended(), context)
    assert found.call.user_id == stage.users[1]
    assert found.talked == frozenset({stage.users[1]})
    assert {leg.extension: leg.user_id for leg in found.legs if leg.extension} == {
        "101": stage.users[0], "102": stage.users[1], "103": stage.users[2],
    }  # fmt: skip


async def test_a_card_put_away_stays_away_when_the_call_is_told_again(
    database: Database, stage: Stage
) -> None:
    teller = Teller(stage.pbx)
    await saved(database, teller.talking(), stage.context())
    offer = teller.talking().offers[1]
    async with database.writing() as session:
        await storage.calls.dismiss(session, offer.id, user_id=stage.users[1], at=after(20))
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.calls.dismiss(session, offer.id, user_id=stage.users[0], at=after(20))
    await saved(database, teller.ended(), stage.context())
    async with database.reading() as session:
        row = await session.get_one(OfferRecord, offer.id)
    assert (row.dismissed_at, row.end) == (after(20), OfferEnd.ANSWERED)


async def test_a_revision_after_the_end_is_audited_with_its_reason(
    database: Database, stage: Stage
) -> None:
    call = Teller(stage.pbx).ended()
    await saved(database, call, stage.context())
    await saved(database, replace(call, revision=12), stage.context())
    [row] = await audited(database, "call.revised")
    assert (row.key, row.details) == (
        call.id, {"revision": 12, "reason": "events after the end"},
    )  # fmt: skip


async def test_a_retelling_wins_over_any_revision(database: Database, stage: Stage) -> None:
    call = Teller(stage.pbx).ended()
    await saved(database, call, stage.context())
    better = replace(call, revision=1, result=CallResult.TIMED_OUT)
    async with database.writing() as session:
        await storage.calls.retell(
            session, better, context=stage.context(), reason="replay", by=stage.users[0]
        )
    found = await story(database, call.id)
    assert (found.call.revision, found.call.result) == (10, CallResult.TIMED_OUT)
    [row] = await audited(database, "call.revised")
    assert (row.user_id, row.details["reason"]) == (stage.users[0], "replay")


async def test_a_later_unknown_takes_no_customer_away_but_another_number_does(
    database: Database, stage: Stage
) -> None:
    teller = Teller(stage.pbx)
    customer = await add_customer(database, "Zoë")
    await saved(database, teller.ringing(), stage.context(customer_id=customer))
    found = await saved(database, teller.talking(), stage.context())
    assert (found.call.customer_id, found.call.match) == (customer, Level.KNOWN)
    found = await saved(database, teller.ended(), stage.context(e164="+442079460000"))
    assert (found.call.customer_id, found.call.match) == (None, Level.UNKNOWN)


async def test_a_match_found_after_the_first_telling_is_stored_with_the_same_revision(
    database: Database, stage: Stage
) -> None:
    call = Teller(stage.pbx).ringing()
    customer = await add_customer(database, "Zoë")
    await saved(database, call, stage.context())
    found = await saved(database, call, stage.context(customer_id=customer))
    assert (found.call.customer_id, found.call.match) == (customer, Level.KNOWN)


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


async def test_notes_and_wrap_ups_survive_a_retelling(database: Database, stage: Stage) -> None:
    call = Teller(stage.pbx).ended()
    customer = await add_customer(database, "Zoë")
    await saved(database, call, stage.context(customer_id=customer))
    async with database.writing() as session:
        session.add(
            Note(id=uuid4(), customer_id=customer, call_id=call.id, text="Likes tea",
                 created_at=NOW)
        )  # fmt: skip
        await storage.calls.wrap_up(
            session, call.id, user_id=stage.users[1], outcome_id=stage.outcome,
            note="Two boxes", by=stage.users[1],
        )  # fmt: skip
    found = await saved(database, replace(call, revision=20), stage.context(customer_id=customer))
    assert [note.text for note in found.notes] == ["Likes tea"]
    assert [(w.outcome, w.note) for w in found.wrap_ups] == [("Order placed", "Two boxes")]
