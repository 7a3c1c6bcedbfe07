"""Rounds: every PBX is looked at, each time from where the last round ended; a long call later."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

import storage.findings
from fixtures import evenings
from fixtures.calls import NOW, Stage, set_stage
from pbx_bridge.call import Call, CallResult, CallState
from storage.calls import CallRecord
from storage.database import Database
from storage.findings import Found
from storage.secrets import SecretBox, new_key
from web.journey.books import rounds
from web.journey.books.rounds import Rounds
from web.live.metrics import Metrics

STORY = "blind_twice_asterisk_22"
LONG_AGO = timedelta(days=2000)  # the books are of some day in November


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def call(database: Database, stage: Stage, tmp_path: Path) -> Call:
    await evenings.seat(database, stage)
    await evenings.keep_books(database, stage, STORY, tmp_path)
    [call] = evenings.heard(STORY, stage.pbx)
    return call


def going_round(database: Database, metrics: Metrics | None = None) -> Rounds:
    return Rounds(database, SecretBox([new_key()]), minutes=5, metrics=metrics)


async def stored(database: Database) -> list[CallRecord]:
    async with database.reading() as session:
        return list(await session.scalars(select(CallRecord)))


async def test_a_round_finds_what_was_missed_and_the_next_begins_where_it_ended(
    database, stage, call, monkeypatch
) -> None:
    monkeypatch.setattr(rounds, "FIRST", LONG_AGO)
    metrics = Metrics(CollectorRegistry())
    going = going_round(database, metrics)
    other = Found(
        kind="call_missing", call_id=None, linkedid="1.0", at=NOW - LONG_AGO, said="", books=""
    )
    async with database.writing() as session:
        await storage.findings.note(session, stage.pbx, [other], at=NOW)
    await going.go()
    [row] = await stored(database)
    assert row.number == call.number
    assert metrics.findings.collect()[0].samples[0].value == 1
    async with database.writing() as session:
        await session.delete(await session.get_one(CallRecord, row.id))
    await going.go()
    assert await stored(database) == []
    async with database.reading() as session:
        assert await storage.findings.count(session) == 1


async def test_a_call_that_was_up_is_looked_at_when_it_is_over(
    database, stage, call, monkeypatch
) -> None:
    monkeypatch.setattr(rounds, "FIRST", LONG_AGO)
    wrong = replace(call, result=CallResult.ABANDONED)
    up = replace(wrong, state=CallState.TALKING, ended_at=None, result=None)
    await evenings.save(database, stage, up)
    going = going_round(database)
    await going.go()
    assert [row.revision for row in await stored(database)] == [call.revision]
    await evenings.save(database, stage, replace(wrong, revision=call.revision + 1))
    await going.go()
    [row] = await stored(database)
    assert row.result is CallResult.ANSWERED
    assert row.revision == call.revision + 2


async def test_a_switched_off_round_never_begins(database) -> None:
    off = Rounds(database, SecretBox([new_key()]), minutes=0)
    assert await off.run() is None
