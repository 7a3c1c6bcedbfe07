"""Two provisional calls become one: nothing that hangs on either is lost, both ids resolve."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

import storage.calls
from fixtures.calls import NOW, Stage, Teller, add_customer, after, set_stage
from pbx_bridge.matching import Level
from storage.calls import CallRecord
from storage.database import Database
from storage.errors import NotFound
from storage.notes import Note
from storage.promises import Promise
from storage.recordings import Recording, RecordingState


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def save(database: Database, call, context) -> None:
    async with database.writing() as session:
        await storage.calls.save(session, call, context=context)


async def story(database: Database, key):
    async with database.reading() as session:
        return await storage.calls.get(session, key)


async def noted(database: Database, call_id, user, outcome, note: str) -> None:
    async with database.writing() as session:
        await storage.calls.wrap_up(
            session, call_id, user_id=user, outcome_id=outcome, note=note, by=user
        )


async def test_everything_moves_and_the_other_id_still_resolves(
    database: Database, stage: Stage
) -> None:
    keep, gone = Teller(stage.pbx).ended(), Teller(stage.pbx, after(30), tag="2.0").ended("103")
    customer = await add_customer(database, "Zoë")
    await save(database, keep, stage.context())
    await save(database, gone, stage.context(customer_id=customer))
    await noted(database, gone.id, stage.users[2], stage.outcome, "Two boxes")
    async with database.writing() as session:
        fields = {"customer_id": customer, "call_id": gone.id, "created_at": NOW}
        session.add(Note(id=uuid4(), text="Likes tea", **fields))
        session.add(Promise(id=uuid4(), text="Call back", due_on=date(2026, 12, 1), **fields))
        recording = await session.get_one(Recording, gone.recordings[0].id)
        recording.state = RecordingState.READY
    async with database.writing() as session:
        await storage.calls.join(session, keep.id, gone.id)
        await storage.calls.join(session, keep.id, gone.id)
    found = await story(database, gone.id)
    assert found.call.id == keep.id
    assert [(w.user_id, w.note) for w in found.wrap_ups] == [(stage.users[2], "Two boxes")]
    assert [note.text for note in found.notes] == ["Likes tea"]
    assert [promise.text for promise in found.promises] == ["Call back"]
    assert {r.state for r in found.recordings} == {"ready", "pending"}
    assert found.talked == frozenset(stage.users[1:])
    assert (len(found.legs), len(found.offers)) == (8, 6)
    async with database.reading() as session:
        assert list(await session.scalars(select(CallRecord.id))) == [keep.id]


async def test_both_wrap_ups_of_one_agent_become_one_and_no_word_is_lost(
    database: Database, stage: Stage
) -> None:
    keep, gone = Teller(stage.pbx).ended(), Teller(stage.pbx, after(30), tag="2.0").ended()
    for call in (keep, gone):
        await save(database, call, stage.context())
    await noted(database, keep.id, stage.users[1], stage.outcome, "First half")
    await noted(database, gone.id, stage.users[1], None, "Second half")
    async with database.writing() as session:
        await storage.calls.join(session, keep.id, gone.id)
    [wrap_up] = (await story(database, keep.id)).wrap_ups
    assert (wrap_up.outcome, wrap_up.note) == ("Order placed", "First half\nSecond half")


async def test_a_match_by_hand_on_either_call_holds(database: Database, stage: Stage) -> None:
    keep, gone = Teller(stage.pbx).ended(), Teller(stage.pbx, after(30), tag="2.0").ended()
    customer = await add_customer(database, "Zoë")
    for call in (keep, gone):
        await save(database, call, stage.context())
    async with database.writing() as session:
        await storage.calls.match_by_hand(session, gone.id, customer, by=stage.users[0])
    async with database.writing() as session:
        await storage.calls.join(session, keep.id, gone.id)
    found = (await story(database, keep.id)).call
    assert (found.customer_id, found.match, found.matched_by_hand) == (
        customer, Level.KNOWN, True,
    )  # fmt: skip


async def test_a_telling_that_names_its_aliases_joins_by_itself(
    database: Database, stage: Stage
) -> None:
    keep, gone = Teller(stage.pbx).ended(), Teller(stage.pbx, after(30), tag="2.0").ended("103")
    await save(database, gone, stage.context())
    await noted(database, gone.id, stage.users[2], stage.outcome, "Two boxes")
    whole = replace(
        keep,
        legs=(*keep.legs, *gone.legs),
        offers=(*keep.offers, *(replace(offer, attempt=2) for offer in gone.offers)),
        segments=(*keep.segments, *gone.segments),
        recordings=keep.recordings,
        aliases=(gone.id, uuid4()),
        revision=15,
    )
    async with database.writing() as session:
        told = [(gone, stage.context()), (whole, stage.context())]
        await storage.calls.save_many(session, told)
    await save(database, replace(gone, revision=30), stage.context())
    for key in (keep.id, *whole.aliases):
        found = await story(database, key)
        assert (found.call.id, found.call.revision) == (keep.id, 15)
    assert [w.note for w in found.wrap_ups] == ["Two boxes"]
    assert sorted((o.extension, o.attempt) for o in found.offers) == [
        ("101", 1), ("101", 2), ("102", 1), ("102", 2), ("103", 1), ("103", 2),
    ]  # fmt: skip
    assert [r.id for r in found.recordings] == [keep.recordings[0].id]
    assert found.talked == frozenset(stage.users[1:])


async def test_an_alias_of_an_alias_leads_to_the_call_that_stayed(
    database: Database, stage: Stage
) -> None:
    calls = [Teller(stage.pbx, after(n), tag=f"{n}.0").ended() for n in range(3)]
    for call in calls:
        await save(database, call, stage.context())
    async with database.writing() as session:
        await storage.calls.join(session, calls[1].id, calls[2].id)
        await storage.calls.join(session, calls[0].id, calls[1].id)
    async with database.reading() as session:
        assert await storage.calls.resolve(session, calls[2].id) == calls[0].id


async def test_a_call_that_is_not_there_is_not_found(database: Database, stage: Stage) -> None:
    with pytest.raises(NotFound):
        await story(database, uuid4())

    async def join() -> None:
        async with database.writing() as session:
            await storage.calls.join(session, uuid4(), uuid4())

    with pytest.raises(NotFound):
        await join()
