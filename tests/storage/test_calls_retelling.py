"""A call told again: no harm by an older telling, nothing lost of what people wrote."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

import storage.calls
from fixtures.calls import (
    NOW,
    Stage,
    Teller,
    add_customer,
    after,
    audited,
    saved,
    set_stage,
    story,
)
from pbx_bridge.call import CallResult, CallState, OfferEnd, SegmentKind
from pbx_bridge.matching import Level
from storage.calls import OfferRecord, SegmentParty
from storage.database import Database
from storage.errors import NotFound
from storage.notes import Note
from storage.recordings import Recording, RecordingState


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


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
