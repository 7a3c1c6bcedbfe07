"""Calls held against the books: what differs is found once, mended where they know, else listed."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.calls
import storage.findings
import storage.recoveries
from fixtures import evenings
from fixtures.calls import Stage, audited, set_stage, story
from pbx_bridge.call import Call, CallResult, CallState
from storage.calls import CallRecord
from storage.database import Database
from storage.findings import FindingState
from storage.recoveries import Reason
from storage.secrets import SecretBox, new_key
from web.journey.books.ledgers import Ledger
from web.journey.books.reconciling import Account, reconcile

STORY = "blind_twice_asterisk_22"
AROUND = timedelta(hours=1)


class Desk:
    """A base with a story, and its books."""

    def __init__(self, database: Database, stage: Stage, ledger: Ledger, call: Call) -> None:
        self.database, self.stage, self.ledger, self.call = database, stage, ledger, call

    async def reconcile(self, *, applies: bool = True) -> Account:
        at = self.call.started_at
        return await reconcile(
            self.database, self.ledger, at - AROUND, at + AROUND, applies=applies
        )

    async def stored(self) -> list[CallRecord]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(CallRecord)))

    async def findings(self, state: FindingState = FindingState.OPEN) -> list[str]:
        async with self.database.reading() as session:
            return [row.kind for row in await storage.findings.listed(session, state=state)]


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def desk(database: Database, stage: Stage, tmp_path: Path) -> AsyncIterator[Desk]:
    pbx = await evenings.keep_books(database, stage, STORY, tmp_path)
    await evenings.seat(database, stage)
    [call] = evenings.heard(STORY, stage.pbx)
    async with Ledger(database, SecretBox([new_key()]), pbx) as ledger:
        yield Desk(database, stage, ledger, call)


async def test_a_call_that_was_heard_right_agrees_and_nothing_is_written(desk) -> None:
    await evenings.save(desk.database, desk.stage, desk.call)
    account = await desk.reconcile()
    assert (account.calls, account.left, account.mended, account.troubles) == (1, (), (), ())
    assert await desk.findings() == []
    [row] = await desk.stored()
    assert row.revision == desk.call.revision


async def test_a_call_that_is_missing_is_told_from_the_books_once(desk) -> None:
    dry = await desk.reconcile(applies=False)
    assert [one.kind.value for one in dry.left] == ["call_missing"]
    assert await desk.stored() == []
    account = await desk.reconcile()
    assert [one.kind.value for one in account.mended] == ["call_missing"]
    assert account.left == ()
    [row] = await desk.stored()
    assert (row.number, row.result) == (desk.call.number, CallResult.ANSWERED)
    assert row.talk_seconds == pytest.approx(desk.call.talk_seconds, abs=0.3)
    assert row.user_id == desk.stage.users[0]
    assert await desk.findings(FindingState.MENDED) == ["call_missing"]
    again = await desk.reconcile()
    assert (again.left, again.mended) == ((), ())
    [same] = await desk.stored()
    assert (same.id, same.revision) == (row.id, row.revision)
    async with desk.database.reading() as session:
        mark = await storage.recoveries.of(session, row.id)
    assert (mark.reason, mark.is_new) == (Reason.RECONCILED, True)


def without_its_last_leg(call: Call) -> Call:
    gone = call.legs[-1].id
    return replace(
        call,
        legs=call.legs[:-1],
        segments=tuple(s for s in call.segments if gone not in {party.leg for party in s.parties}),
        offers=tuple(offer for offer in call.offers if gone not in offer.legs),
    )


def cut_short(call: Call) -> Call:
    return evenings.ended_early(call, seconds=0.5 * call.talk_seconds)


def given_up(call: Call) -> Call:
    return replace(call, result=CallResult.ABANDONED)


@pytest.mark.parametrize("harm", [without_its_last_leg, cut_short, given_up])
async def test_a_call_that_was_told_wrong_is_mended_under_its_id(
    desk, harm: Callable[[Call], Call]
) -> None:
    await evenings.save(desk.database, desk.stage, harm(desk.call))
    user = desk.stage.users[1]
    async with desk.database.writing() as session:
        await storage.calls.wrap_up(
            session, desk.call.id, user_id=user, outcome_id=None, note="Well.", by=user
        )
    account = await desk.reconcile()
    assert account.mended
    assert account.left == ()
    now = await story(desk.database, desk.call.id)
    assert now.call.revision == desk.call.revision + 1
    assert now.call.talk_seconds == pytest.approx(desk.call.talk_seconds, abs=0.3)
    assert {leg.uniqueid for leg in now.legs} == {leg.uniqueid for leg in desk.call.legs}
    assert [wrap_up.note for wrap_up in now.wrap_ups] == ["Well."]
    [entry] = await audited(desk.database, "call.revised")
    assert entry.details["reason"] == "reconciled"
    assert (await desk.reconcile()).mended == ()


async def test_one_call_that_is_stored_as_two_becomes_one(desk) -> None:
    first = without_its_last_leg(desk.call)
    last = desk.call.legs[-1]
    second = replace(
        desk.call, id=UUID(int=2**120), legs=(last,), segments=(), offers=(), aliases=(),
        recordings=(),
    )  # fmt: skip
    await evenings.save(desk.database, desk.stage, first, second)
    account = await desk.reconcile()
    assert "call_twice" in {one.kind.value for one in account.mended}
    assert account.left == ()
    [row] = await desk.stored()
    assert row.id == min(first.id, second.id)


async def test_a_call_that_is_up_is_nobodys_difference(desk) -> None:
    up = replace(
        without_its_last_leg(desk.call), state=CallState.TALKING, ended_at=None, result=None
    )
    await evenings.save(desk.database, desk.stage, up)
    account = await desk.reconcile()
    assert (account.left, account.mended) == ((), ())
    assert account.going_on == (desk.call.started_at,)


async def test_what_cannot_be_mended_stays_listed_until_it_is_gone(
    database: Database, stage: Stage, tmp_path: Path
) -> None:
    """Without CEL the books are not exact: they say that there was a call, and no more."""
    pbx = await evenings.keep_books(database, stage, STORY, tmp_path, "books_cel")
    [call] = evenings.heard(STORY, stage.pbx)
    async with Ledger(database, SecretBox([new_key()]), pbx) as ledger:
        desk = Desk(database, stage, ledger, call)
        for _ in range(2):
            account = await desk.reconcile()
            assert account.left
            assert account.mended == ()
        open_ones = await desk.findings()
        assert len(open_ones) == len(account.left)
        assert await desk.stored() == []
        await evenings.save(database, stage, call)
        assert (await desk.reconcile()).left == ()
    assert await desk.findings() == []
    assert sorted(await desk.findings(FindingState.MENDED)) == sorted(open_ones)


async def test_without_books_there_is_nothing_to_hold_a_call_against(
    database: Database, stage: Stage
) -> None:
    [call] = evenings.heard(STORY, stage.pbx)
    async with database.reading() as session:
        pbx = await session.get_one(evenings.Pbx, stage.pbx)
    async with Ledger(database, SecretBox([new_key()]), pbx) as ledger:
        assert not (await Desk(database, stage, ledger, call).reconcile()).has_books
