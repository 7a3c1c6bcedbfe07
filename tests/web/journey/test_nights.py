"""The night's work: once, at its hour, by whoever leads; what cannot wait for it goes at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

import storage.consents
import storage.custody_checks
import storage.holds
import storage.recordings
import storage.retention
import storage.settings
from fixtures.calls import FOLDER, NOW, set_stage
from recordings.pickup import Pickup
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.consents import ConsentSource
from storage.recordings import RecordingState
from storage.rules.retention import Consent
from storage.secrets import new_key
from web.journey.nights import Nights

NIGHT = (NOW + timedelta(days=400)).replace(hour=3, minute=30)
NOON = NIGHT.replace(hour=12)


@pytest.fixture
async def stage(database):
    return await set_stage(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "monitor"
    path.mkdir()
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf", Keyring([new_key()]))


class House:
    """What the night's work asks: the time, and whether this node leads."""

    now = NIGHT
    leads = True


@pytest.fixture
def at() -> House:
    return House()


@pytest.fixture
async def nights(database, shelf, stage, folder, tmp_path, at) -> Nights:
    """The company's clock is UTC, its night begins at three, and all goes after ninety days."""
    pickup = Pickup(database, shelf, {stage.pbx: (FOLDER, folder)})
    async with database.writing() as session:
        await storage.settings.put(session, "time_zone", {"name": "UTC"}, by=None)
        await storage.retention.add(session, name="all", days=90, by=None, now=NOW)
    return Nights(
        database, shelf, pickup, tmp_path, hour=3, leads=lambda: at.leads, clock=lambda: at.now
    )


@asynccontextmanager
async def running(nights: Nights) -> AsyncIterator[None]:
    task = asyncio.create_task(nights.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def deleted(database, key) -> None:
    """Wait until the recording is."""
    async with asyncio.timeout(30):
        while await state(database, key) is not RecordingState.DELETED:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def state(database, key) -> RecordingState:
    async with database.reading() as session:
        return (await storage.recordings.get(session, key)).state


async def refuse(database, call) -> None:
    async with database.writing() as session:
        await storage.consents.tell(
            session, call, Consent.REFUSED, source=ConsentSource.API, by=None, now=NOW
        )


async def test_a_night_deletes_what_is_due_notes_the_end_of_the_chain_and_is_done(
    nights, database, keep, tmp_path, at
) -> None:
    _, old = await keep(1)
    held_call, held = await keep(2)
    _, young = await keep(3, days=350)
    async with database.writing() as session:
        await storage.holds.place(session, "asked", call_id=held_call, by=None, now=NOW)
    at.now = NOON
    assert not await nights._is_due(at.now)
    at.now = NIGHT
    assert await nights._is_due(at.now)
    await nights.go()
    found = [await state(database, key) for key in (old, held, young)]
    assert found == [RecordingState.DELETED, RecordingState.READY, RecordingState.READY]
    async with database.reading() as session:
        check = await storage.custody_checks.last(session)
    assert (check.at, check.broken) == (NIGHT, None)
    assert check.hash in (tmp_path / "custody-anchors.txt").read_text()
    assert not await nights._is_due(at.now + timedelta(minutes=1))
    assert await nights._is_due(at.now + timedelta(days=1))


async def test_what_was_refused_goes_by_day_and_no_rule_is_applied(nights, database, keep) -> None:
    call, refused = await keep(1)
    _, old = await keep(2)
    await refuse(database, call)
    await nights.go(whole=False)
    assert await state(database, refused) is RecordingState.DELETED
    assert await state(database, old) is RecordingState.READY
    async with database.reading() as session:
        assert await storage.custody_checks.last(session) is None


async def test_a_refusal_wakes_the_loop_which_waits_to_lead_and_survives_a_failure(
    nights, database, keep, at, monkeypatch
) -> None:
    at.now, at.leads = NOON, False
    (first, early), (second, late) = await keep(1), await keep(2)
    failed, go = asyncio.Event(), nights.go

    async def fail(**_given: object) -> None:
        failed.set()
        raise OSError("the base is away")

    async with running(nights):
        nights.discard(first, Consent.ANNOUNCED)
        assert not nights._asked.is_set()  # that is no reason to delete anything
        await refuse(database, first)
        nights.discard(first, Consent.REFUSED)
        await taken(nights)
        assert await state(database, early) is RecordingState.READY  # another node leads
        at.leads = True
        monkeypatch.setattr(nights, "go", fail)
        nights.discard(first, Consent.REFUSED)
        await asyncio.wait_for(failed.wait(), 30)
        monkeypatch.setattr(nights, "go", go)
        await refuse(database, second)
        nights.discard(second, None)  # as one that was deleted by hand
        for key in (early, late):
            await deleted(database, key)


async def taken(nights: Nights) -> None:
    """Wait until the loop has seen that something is asked."""
    async with asyncio.timeout(30):
        while nights._asked.is_set():  # noqa: ASYNC110 - nobody tells a test
            await asyncio.sleep(0.01)
