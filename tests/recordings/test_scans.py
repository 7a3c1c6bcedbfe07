"""The scan maps every file of the spool to its recording, or lists it; nothing stops it."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import storage.calls
import storage.repairs
import storage.spools
from fixtures.calls import FOLDER, Teller
from fixtures.pickups import polls, row
from recordings import scans
from recordings.scans import Scan, scan
from storage.recordings import RecordingState
from storage.spools import SpoolFileState

NOW = datetime.now(UTC)


def rest(path: Path, minutes: float = 60) -> None:
    """Make it seem that nobody changed the file for so long."""
    at = (NOW - timedelta(minutes=minutes)).timestamp()
    os.utime(path, (at, at), follow_symlinks=False)


@pytest.fixture
def look(database, stage, folder):
    async def run() -> Scan:
        return await scan(database, stage.pbx, FOLDER, folder, now=NOW)

    return run


async def listed(database):
    async with database.reading() as session:
        return {file.path: file for file in await storage.spools.orphans(session)}


async def test_every_file_is_mapped_or_listed_with_its_cause(
    look, call, database, folder, make_wav, tmp_path
) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(make_wav(5))
    leg = call.legs[0].uniqueid
    (folder / "in-1.0.wav").write_bytes(make_wav(61))
    (folder / "sub").mkdir()
    (folder / "sub" / "strange.wav").write_bytes(make_wav(7))
    (folder / "notes.txt").write_text("no sound")
    (folder / ".half.wav").write_bytes(make_wav(1))
    (folder / "link.wav").symlink_to(secret)
    (folder / "away").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.wav")
    for path in folder.rglob("*"):
        rest(path)
    (folder / "young.wav").write_bytes(make_wav(1))
    found = await look()
    assert found == Scan(files=8, mapped=1, young=1, orphans=6, fresh=6, again=0)
    files = await listed(database)
    assert files.keys() == {
        "sub/strange.wav", "notes.txt", ".half.wav", "link.wav", "away", "pipe.wav",
    }  # fmt: skip
    assert (files["sub/strange.wav"].cause, files["sub/strange.wav"].seconds) == (
        scans.NO_CALL,
        7.0,
    )
    assert files["notes.txt"].seconds is None
    assert files["link.wav"].cause == files["pipe.wav"].cause == scans.NO_FILE
    assert leg
    assert (await look()).fresh == 0


async def test_a_file_that_bears_the_id_of_a_channel_is_listed_with_its_call(
    look, stage, database, folder, make_wav
) -> None:
    call = Teller(stage.pbx).ended()
    leg = replace(call.legs[0], uniqueid="1795339800.1")
    call = replace(call, legs=(leg, *call.legs[1:]))
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    (folder / "side-1795339800.1-in.wav").write_bytes(make_wav(3))
    rest(folder / "side-1795339800.1-in.wav")
    await look()
    [file] = (await listed(database)).values()
    assert (file.cause, file.call_id) == (scans.LIKELY, call.id)


@pytest.mark.parametrize("name", ["in-1.0.wav", "in-1.0.ulaw"])
async def test_a_missing_recording_whose_file_comes_late_is_fetched_after_all(
    look, pickup, call, database, folder, clock, make_wav, name
) -> None:
    pickup.expect(call)
    await polls(pickup, clock, 121)
    assert (await row(database, call)).state is RecordingState.MISSING
    content = make_wav(61) if name.endswith("wav") else b"\xff" * 61 * 8000
    (folder / name).write_bytes(content)
    assert (await look()).again == 1
    assert (await row(database, call)).state is RecordingState.PENDING
    pickup.look_again()
    await pickup.resume(afresh=True)
    await polls(pickup, clock, 16, 6)
    found = await row(database, call)
    assert (found.state, found.seconds, found.cause) == (RecordingState.READY, 61.0, "")
    assert (await look()).mapped == 1


async def test_a_file_that_goes_or_finds_its_call_is_listed_no_more(
    look, stage, database, folder, make_wav
) -> None:
    for name in ("in-5.0.wav", "other.wav"):
        (folder / name).write_bytes(make_wav(3))
        rest(folder / name)
    assert (await look()).fresh == 2
    (folder / "other.wav").unlink()
    async with database.writing() as session:
        late = Teller(stage.pbx, tag="5.0").ended()
        await storage.calls.save(session, late, context=stage.context())
    await look()
    assert await listed(database) == {}
    async with database.reading() as session:
        known = await storage.spools.known(session, stage.pbx)
    assert {path: file.state for path, file in known.items()} == {
        "in-5.0.wav": SpoolFileState.MAPPED, "other.wav": SpoolFileState.GONE,
    }  # fmt: skip


async def test_a_folder_that_is_away_is_an_error_and_closes_nothing(
    look, database, folder, make_wav
) -> None:
    (folder / "a.wav").write_bytes(make_wav(3))
    rest(folder / "a.wav")
    await look()
    folder.rename(folder.parent / "unmounted")
    with pytest.raises(FileNotFoundError):
        await look()
    assert (await listed(database)).keys() == {"a.wav"}


async def test_a_recording_waits_while_its_folder_is_away(
    pickup, call, database, folder, clock, make_wav
) -> None:
    (folder / "in-1.0.wav").write_bytes(make_wav(61))
    folder.rename(folder.parent / "unmounted")
    pickup.expect(call)
    await polls(pickup, clock, 200)
    found = await row(database, call)
    assert found.state is RecordingState.PENDING
    assert found.cause.endswith("Is it still mounted?")
    (folder.parent / "unmounted").rename(folder)
    await polls(pickup, clock, 20, 2)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.READY, "")


async def test_what_a_person_took_into_a_call_outlives_a_retelling(
    look, stage, call, database, folder, make_wav
) -> None:
    (folder / "strange.wav").write_bytes(make_wav(3))
    rest(folder / "strange.wav")
    await look()
    [file] = (await listed(database)).values()
    async with database.writing() as session:
        taken = await storage.spools.take(
            session, file.id, call.id, f"{FOLDER}/strange.wav", by=stage.users[0], now=NOW
        )
        again = replace(call, revision=call.revision + 1, recordings=())
        await storage.calls.save(session, again, context=stage.context())
    async with database.reading() as session:
        kept = await storage.repairs.get(session, taken.id)
    assert kept.state is RecordingState.PENDING
    assert (await look()).orphans == 0
