"""A recording is shown when it is complete, never before; what is wrong is said, with its cause."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

import storage.calls
from fixtures.calls import FOLDER, Stage, Teller, set_stage
from recordings import naming, sources, verdicts
from recordings.pickup import NO_ROOM, RETRY, ROW_PATIENCE, Pickup
from recordings.shelf import Shelf
from storage.database import Database
from storage.recordings import Recording, RecordingState


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def pickup(database: Database, shelf: Shelf, stage: Stage, folder: Path, clock) -> Pickup:
    return Pickup(database, shelf, {stage.pbx: (FOLDER, folder)}, clock=clock)


@pytest.fixture
async def call(database: Database, stage: Stage):
    """A call that ended: 61 seconds of talk, one recording named in-1.0.wav."""
    call = Teller(stage.pbx).ended()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    return call


async def row(database: Database, call) -> Recording:
    async with database.reading() as session:
        return await session.get_one(Recording, call.recordings[0].id)


async def polls(pickup: Pickup, clock, *waits: float) -> None:
    """Look at once, and again after each wait."""
    await pickup.poll()
    for seconds in waits:
        clock.now += seconds
        await pickup.poll()


async def test_a_complete_file_is_fetched_and_the_pbx_keeps_its_own(
    pickup, call, database, shelf, folder, clock, make_wav
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61))
    pickup.expect(call)
    await polls(pickup, clock)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 0.5, 0.6)
    found = await row(database, call)
    assert (found.state, found.cause, found.seconds) == (RecordingState.READY, "", 61.0)
    assert (found.size, found.media_type) == (source.stat().st_size, "audio/wav")
    assert (shelf.root / found.shelf_key).read_bytes() == source.read_bytes()
    assert pickup.backlog == 0


async def test_a_file_still_written_is_waited_for(
    pickup, call, database, folder, clock, make_wav
) -> None:
    source = folder / "in-1.0.wav"
    pickup.expect(call)
    await polls(pickup, clock, 30)
    for seconds in (1, 20, 40):
        source.write_bytes(make_wav(seconds, announced=0))
        await polls(pickup, clock, 15)
    assert (await row(database, call)).state is RecordingState.PENDING
    source.write_bytes(make_wav(61))
    await polls(pickup, clock, 1.5)
    assert (await row(database, call)).state is RecordingState.READY


async def test_a_file_worked_on_after_the_call_is_taken_only_when_it_rests(
    pickup, call, database, folder, clock, make_wav
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61, "gsm"))
    pickup.expect(call)
    await polls(pickup, clock, 0.5)
    source.write_bytes(b"half a transcod")
    await polls(pickup, clock, 30)
    assert (await row(database, call)).state is RecordingState.PENDING
    source.write_bytes(make_wav(61, "mulaw"))
    await polls(pickup, clock, 1.5)
    found = await row(database, call)
    assert (found.state, found.seconds) == (RecordingState.READY, 61.0)


@pytest.mark.parametrize(
    ("content", "waits", "state", "cause"),
    [
        ("head alone", (5, 4, 2), RecordingState.EMPTY, verdicts.NOBODY_HEARD),
        ("nothing", (60, 61), RecordingState.MISSING, verdicts.NEVER_CAME),
        ("never closed", (30, 31), RecordingState.BROKEN, verdicts.NOT_CLOSED),
        ("no wav", (30, 31), RecordingState.BROKEN, "The file is not a WAV file. Let MixMonitor"),
    ],
)
async def test_a_file_that_cannot_be_heard_says_why(
    pickup, call, database, folder, clock, make_wav, content, waits, state, cause
) -> None:
    bodies = {
        "head alone": make_wav(0), "never closed": make_wav(5, announced=0), "no wav": b"ID3" * 99,
    }  # fmt: skip
    if body := bodies.get(content):
        (folder / "in-1.0.wav").write_bytes(body)
    pickup.expect(call)
    await polls(pickup, clock, *waits[:-1])
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, waits[-1])
    found = await row(database, call)
    assert found.state is state
    assert found.cause.startswith(cause)
    assert pickup.backlog == 0


async def test_a_recording_shorter_than_the_talk_is_ready_with_a_warning(
    pickup, call, database, folder, clock, make_wav
) -> None:
    (folder / "in-1.0.wav").write_bytes(make_wav(40))
    pickup.expect(call)
    await polls(pickup, clock, 1.5)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.READY, verdicts.SHORTER)


@pytest.mark.parametrize(
    "path", [f"{FOLDER}/../secret.wav", "/etc/passwd", f"{FOLDER}/a\0.wav", "../secret.wav"]
)
async def test_a_path_out_of_the_folder_is_never_opened(
    pickup, call, database, clock, folder, path, make_wav
) -> None:
    (folder.parent / "secret.wav").write_bytes(make_wav(5))
    pickup.expect(replace(call, recordings=(replace(call.recordings[0], path=path),)))
    await polls(pickup, clock)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, naming.OUTSIDE)


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "folder"])
async def test_nothing_but_a_plain_file_is_opened(
    pickup, call, database, clock, folder, kind, make_wav
) -> None:
    secret = folder.parent / "secret"
    secret.mkdir()
    (secret / "in-1.0.wav").write_bytes(make_wav(5))
    path = f"{FOLDER}/in-1.0.wav"
    match kind:
        case "link":
            (folder / "in-1.0.wav").symlink_to(secret / "in-1.0.wav")
        case "folder link":
            (folder / "sub").symlink_to(secret)
            path = f"{FOLDER}/sub/in-1.0.wav"
        case "pipe":
            os.mkfifo(folder / "in-1.0.wav")
        case "folder":
            (folder / "in-1.0.wav").mkdir()
    pickup.expect(replace(call, recordings=(replace(call.recordings[0], path=path),)))
    await asyncio.wait_for(polls(pickup, clock), 20)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, naming.OUTSIDE)


async def test_a_pbx_without_a_folder_is_named_as_the_cause(pickup, call, database, clock) -> None:
    pickup.folders = {}
    pickup.expect(call)
    await polls(pickup, clock)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.MISSING, sources.NO_FOLDER)


async def test_a_file_we_may_not_read_is_waited_for_and_then_said(
    pickup, call, database, clock, monkeypatch
) -> None:
    def denied(root: Path, name: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources, "look_at", denied)
    pickup.expect(call)
    await polls(pickup, clock, 119)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 2)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, sources.NOT_ALLOWED)


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


async def test_a_file_that_changes_while_it_is_copied_is_copied_again(
    pickup, call, database, shelf, folder, clock, make_wav, monkeypatch
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(30))
    pickup.expect(call)
    put = shelf.put

    def put_slowly(file: object, key: str) -> object:
        stored = put(file, key)
        source.write_bytes(make_wav(61))
        return stored

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "put", put_slowly)
        await polls(pickup, clock, 1.5)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 1.5)
    assert (await row(database, call)).seconds == 61.0


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
