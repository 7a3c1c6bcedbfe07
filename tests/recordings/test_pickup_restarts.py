"""The pickup loses nothing: rows that come late, a full disk, a restart, a hundred at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import storage.calls
from fixtures.calls import FOLDER, Teller
from fixtures.pickups import polls, row
from recordings import verdicts
from recordings.pickup import NO_ROOM, RETRY, ROW_PATIENCE, Pickup
from storage.recordings import RecordingState


async def test_a_full_shelf_loses_nothing(
    pickup, call, database, shelf, folder, clock, make_wav, monkeypatch
) -> None:
    (folder / "in-1.0.wav").write_bytes(make_wav(61))
    pickup.expect(call)

    def full(source: object, key: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "put", full)
        await polls(pickup, clock, 1.5, 1.0)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.PENDING, NO_ROOM)
    await polls(pickup, clock, RETRY)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.READY, "")


async def test_a_row_that_is_stored_later_is_waited_for(
    pickup, stage, database, folder, clock, make_wav
) -> None:
    late = Teller(stage.pbx).ended()
    (folder / "in-1.0.wav").write_bytes(make_wav(61))
    pickup.expect(late)
    await polls(pickup, clock, 1.5, 60)
    assert pickup.backlog == 1
    async with database.writing() as session:
        await storage.calls.save(session, late, context=stage.context())
    await polls(pickup, clock, 1)
    assert (await row(database, late)).state is RecordingState.READY


async def test_a_row_that_never_comes_is_given_up(pickup, stage, folder, clock, make_wav) -> None:
    (folder / "in-1.0.wav").write_bytes(make_wav(61))
    pickup.expect(Teller(stage.pbx).ended())
    await polls(pickup, clock, ROW_PATIENCE - 1)
    assert pickup.backlog == 1
    await polls(pickup, clock, 2)
    assert pickup.backlog == 0


async def test_a_restart_takes_up_what_was_waited_for(
    database, stage, shelf, folder, clock, make_wav
) -> None:
    now = datetime.now(UTC)
    calls = [
        Teller(stage.pbx, now - timedelta(seconds=age), tag=f"{age}.0").ended()
        for age in (80, 9000)
    ]
    live = Teller(stage.pbx, now, tag="7.0").talking()
    async with database.writing() as session:
        told = [(each, stage.context()) for each in (*calls, live)]
        await storage.calls.save_many(session, told)
    (folder / "in-80.0.wav").write_bytes(make_wav(61))
    pickup = Pickup(database, shelf, {stage.pbx: (FOLDER, folder)}, clock=clock)
    await pickup.resume()
    assert pickup.backlog == 2
    await polls(pickup, clock, 1.5)
    assert (await row(database, calls[0])).state is RecordingState.READY
    assert (await row(database, calls[1])).cause == verdicts.NEVER_CAME
    assert (await row(database, live)).state is RecordingState.PENDING


async def test_the_pickup_runs_until_it_is_stopped_and_survives_what_goes_wrong(
    database, stage, shelf, folder, call, clock, make_wav, monkeypatch
) -> None:
    rounds = 0
    done = asyncio.Event()

    async def sleep(seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        clock.now += seconds
        if not pickup.backlog:
            done.set()
        await asyncio.sleep(0)

    pickup = Pickup(database, shelf, {stage.pbx: (FOLDER, folder)}, clock=clock, sleep=sleep)
    judge = pickup._judge

    def fail_once(wait: object) -> object:
        monkeypatch.setattr(pickup, "_judge", judge)
        raise RuntimeError("odd")

    monkeypatch.setattr(pickup, "_judge", fail_once)
    (folder / "in-1.0.wav").write_bytes(make_wav(61))
    task = asyncio.create_task(pickup.run())
    pickup.expect(call)
    await asyncio.wait_for(done.wait(), 20)
    assert (await row(database, call)).state is RecordingState.READY
    settled = rounds
    for _ in range(20):
        await asyncio.sleep(0)
    assert rounds <= settled + 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_hundred_calls_that_end_at_once_are_all_fetched(
    pickup, database, stage, folder, clock, make_wav
) -> None:
    calls = [Teller(stage.pbx, tag=f"{n}.9").ended() for n in range(100)]
    async with database.writing() as session:
        await storage.calls.save_many(session, [(call, stage.context()) for call in calls])
    body = make_wav(61, "mulaw", rate=800)
    for n, call in enumerate(calls):
        (folder / f"in-{n}.9.wav").write_bytes(body)
        pickup.expect(call)
    await polls(pickup, clock, 1.5)
    states: dict[UUID, RecordingState] = {
        call.id: (await row(database, call)).state for call in calls
    }
    assert set(states.values()) == {RecordingState.READY}
