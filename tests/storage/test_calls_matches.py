"""A person says who called: it holds, what was written follows, and so do earlier calls."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

import storage.calls
from fixtures.calls import CALLER, NOW, Stage, Teller, add_customer, after, set_stage
from pbx_bridge.call import Direction
from pbx_bridge.matching import Level
from storage.audit import AuditEntry
from storage.calls import CallRecord
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.notes import Note
from storage.outcomes import Outcome
from storage.promises import Promise


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def save(database: Database, *told) -> None:
    async with database.writing() as session:
        await storage.calls.save_many(session, told)


async def match(database: Database, call_id, customer, by) -> None:
    async with database.writing() as session:
        await storage.calls.match_by_hand(session, call_id, customer, by=by)


async def record(database: Database, key) -> CallRecord:
    async with database.reading() as session:
        return await session.get_one(CallRecord, key)


async def test_a_correction_holds_against_every_later_telling(
    database: Database, stage: Stage
) -> None:
    wrong, right = [await add_customer(database, name) for name in ("Wrong", "Right")]
    call = Teller(stage.pbx).talking()
    await save(database, (call, stage.context(customer_id=wrong)))
    await match(database, call.id, right, stage.users[1])
    await save(database, (Teller(stage.pbx).ended(), stage.context(customer_id=wrong)))
    found = await record(database, call.id)
    assert (found.customer_id, found.match, found.revision) == (right, Level.KNOWN, 9)
    async with database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "call.matched")
        [row] = await session.scalars(query)
    assert (row.user_id, row.details) == (
        stage.users[1], {"before": str(wrong), "after": str(right)},
    )  # fmt: skip


async def test_what_was_written_in_the_call_goes_to_the_right_customer(
    database: Database, stage: Stage
) -> None:
    wrong, right = [await add_customer(database, name) for name in ("Wrong", "Right")]
    call = Teller(stage.pbx).ended()
    await save(database, (call, stage.context(customer_id=wrong)))
    other = {"customer_id": wrong, "created_at": NOW}
    async with database.writing() as session:
        session.add(Note(id=uuid4(), call_id=call.id, text="in the call", **other))
        session.add(Note(id=uuid4(), call_id=None, text="elsewhere", **other))
        session.add(
            Promise(id=uuid4(), call_id=call.id, text="x", due_on=date(2026, 12, 1), **other)
        )
    await match(database, call.id, right, stage.users[1])
    async with database.reading() as session:
        notes = dict((await session.execute(select(Note.text, Note.customer_id))).all())
        promises = list(await session.scalars(select(Promise.customer_id)))
    assert notes == {"in the call": right, "elsewhere": wrong}
    assert promises == [right]


async def test_nobody_we_know_is_an_answer_too(database: Database, stage: Stage) -> None:
    wrong = await add_customer(database, "Wrong", CALLER)
    call = Teller(stage.pbx).ended()
    await save(database, (call, stage.context(customer_id=wrong)))
    await match(database, call.id, None, stage.users[1])
    await save(database, (replace(call, revision=30), stage.context(customer_id=wrong)))
    async with database.writing() as session:
        assert await storage.calls.adopt(session, CALLER, wrong, by=None) == 0
    found = await record(database, call.id)
    assert (found.customer_id, found.match, found.matched_by_hand) == (
        None, Level.UNKNOWN, True,
    )  # fmt: skip


async def test_colleagues_are_no_customers_and_strangers_are_not_found(
    database: Database, stage: Stage
) -> None:
    customer = await add_customer(database, "Zoë")
    inside = replace(Teller(stage.pbx).ended(), direction=Direction.INTERNAL)
    outside = Teller(stage.pbx, tag="2.0").ended()
    await save(database, (inside, stage.context()), (outside, stage.context()))
    with pytest.raises(Refused):
        await match(database, inside.id, customer, None)
    with pytest.raises(NotFound):
        await match(database, outside.id, uuid4(), None)
    with pytest.raises(NotFound):
        await match(database, uuid4(), customer, None)


async def test_earlier_unknown_calls_of_a_number_follow_its_one_owner(
    database: Database, stage: Stage
) -> None:
    owner = await add_customer(database, "Zoë", CALLER)
    await add_customer(database, "Gone", CALLER, closed=True)
    other = await add_customer(database, "Other")
    tellers = [Teller(stage.pbx, after(n), tag=f"{n}.0").ended() for n in range(6)]
    contexts = [
        stage.context(), stage.context(), stage.context(customer_id=other),
        stage.context(match=Level.LIKELY), stage.context(e164="+331"), stage.context(),
    ]  # fmt: skip
    tellers[5] = replace(tellers[5], direction=Direction.INTERNAL)
    await save(database, *zip(tellers, contexts, strict=True))
    async with database.writing() as session:
        assert await storage.calls.adopt(session, CALLER, owner, by=stage.users[0]) == 2
        assert await storage.calls.adopt(session, CALLER, owner, by=stage.users[0]) == 0
    found = [(await record(database, call.id)).customer_id for call in tellers]
    assert found == [owner, owner, other, None, None, None]
    async with database.reading() as session:
        [row] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "call.adopted"))
    assert (row.key, row.user_id, row.details) == (owner, stage.users[0], {"calls": 2})


async def test_a_number_that_two_customers_share_gives_its_calls_to_neither(
    database: Database, stage: Stage
) -> None:
    owner = await add_customer(database, "Zoë", CALLER)
    await add_customer(database, "Ada", CALLER)
    await save(database, (Teller(stage.pbx).ended(), stage.context()))
    async with database.writing() as session:
        assert await storage.calls.adopt(session, CALLER, owner, by=None) == 0


async def test_a_wrap_up_is_stored_once_and_changed_after(database: Database, stage: Stage) -> None:
    call = Teller(stage.pbx).ended()
    await save(database, (call, stage.context()))
    bob = stage.users[1]
    async with database.reading() as session:
        open_calls = await storage.calls.not_wrapped_up(session, bob, since=NOW)
        assert [each.id for each in open_calls] == [call.id]
        assert await storage.calls.not_wrapped_up(session, bob, since=after(1)) == []
        assert await storage.calls.not_wrapped_up(session, stage.users[0], since=NOW) == []
    for outcome, note in ((stage.outcome, "One box\0"), (None, " Two boxes ")):
        async with database.writing() as session:
            await storage.calls.wrap_up(
                session, call.id, user_id=bob, outcome_id=outcome, note=note, by=bob
            )
    async with database.reading() as session:
        [row] = (await storage.calls.get(session, call.id)).wrap_ups
        assert await storage.calls.not_wrapped_up(session, bob, since=NOW) == []
        audited = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "wrap_up.stored")
        )
        assert len(list(audited)) == 2
    assert (row.outcome, row.note) == (None, "Two boxes")


async def test_a_card_put_away_asks_no_more_for_a_wrap_up(database: Database, stage: Stage) -> None:
    call = Teller(stage.pbx).ended()
    await save(database, (call, stage.context()))
    bob = stage.users[1]
    async with database.writing() as session:
        await storage.calls.dismiss(session, call.offers[1].id, user_id=bob, at=after(99))
    async with database.reading() as session:
        assert await storage.calls.not_wrapped_up(session, bob, since=NOW) == []


async def test_a_closed_outcome_cannot_be_chosen_but_stays_where_it_was(
    database: Database, stage: Stage
) -> None:
    call = Teller(stage.pbx).ended()
    await save(database, (call, stage.context()))

    async def choose(outcome, user) -> None:
        async with database.writing() as session:
            await storage.calls.wrap_up(
                session, call.id, user_id=user, outcome_id=outcome, note="", by=user
            )

    await choose(stage.outcome, stage.users[1])
    async with database.writing() as session:
        (await session.get_one(Outcome, stage.outcome)).active = False
    await choose(stage.outcome, stage.users[1])
    with pytest.raises(Refused):
        await choose(stage.outcome, stage.users[0])
    with pytest.raises(Refused):
        await choose(uuid4(), stage.users[0])
