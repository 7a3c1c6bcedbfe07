"""One-sided files beside a recording are joined to two lanes, and go where it goes."""

import os
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

import storage.retention
import storage.spools
from fixtures.calls import FOLDER, NOW
from fixtures.pickups import polls, row
from fixtures.sounds import heard, strength, tones, written
from recordings.pickup import Pickup
from recordings.purges import Purge
from recordings.scans import scan
from recordings.sides import Sides
from recordings.sources import LocalSpool
from storage.recordings import RecordingState
from storage.secrets import new_key
from web.config import Settings

SIDES = Sides("-in", "-out")
MAIN, HEARD, TOLD = "in-1.0.wav", "in-1.0-in.wav", "in-1.0-out.wav"


@pytest.fixture
def spool(folder) -> LocalSpool:
    return LocalSpool(folder, SIDES)


@pytest.fixture
def pickup(database, shelf, stage, spool, clock) -> Pickup:
    return Pickup(database, shelf, {stage.pbx: (FOLDER, spool)}, clock=clock, clears=True)


async def content(shelf, key: str) -> tuple[np.ndarray, int]:
    async with shelf.open(key) as file:
        return heard(b"".join([piece async for piece in file.pieces(0, file.size)]))


async def test_both_sides_become_two_channels_and_all_three_files_go(
    pickup, call, database, shelf, folder, clock, make_wav
) -> None:
    (folder / MAIN).write_bytes(make_wav(61))
    (folder / HEARD).write_bytes(written(tones((440, 61)))[0])
    unfinished, whole = make_wav(5, announced=0), written(tones((1000, 40)))[0]
    (folder / TOLD).write_bytes(unfinished)
    pickup.expect(call)
    await polls(pickup, clock, 1.5)
    assert (await row(database, call)).state is RecordingState.PENDING
    (folder / TOLD).write_bytes(whole)
    await polls(pickup, clock, 1.5)
    found = await row(database, call)
    assert (found.state, found.seconds, found.media_type) == ("ready", 61.0, "audio/wav")
    sound, rate = await content(shelf, found.shelf_key)
    assert sound.shape == (61 * rate, 2)
    assert [strength(sound[: 40 * rate, n], rate, 440) > 0.2 for n in (0, 1)] == [True, False]
    assert [strength(sound[: 40 * rate, n], rate, 1000) > 0.2 for n in (0, 1)] == [False, True]
    assert not sound[40 * rate :, 1].any()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("told", ["none", "link", "text", "never finished", "another rate"])
async def test_without_both_sides_the_recording_is_what_it_was(
    pickup, call, database, shelf, folder, clock, make_wav, told
) -> None:
    whole = make_wav(61)
    (folder / MAIN).write_bytes(whole)
    (folder / HEARD).write_bytes(make_wav(61))
    place = folder / TOLD
    match told:
        case "link":
            place.symlink_to(folder / HEARD)
        case "text":
            place.write_bytes(b"no sound")
        case "never finished":
            place.write_bytes(make_wav(5, announced=0))
        case "another rate":
            place.write_bytes(make_wav(61, rate=16_000))
    if place.exists():
        os.utime(place, (time.time() - 3600,) * 2)
    pickup.expect(call)
    await polls(pickup, clock, 1.5)
    found = await row(database, call)
    assert (found.state, found.size) == (RecordingState.READY, len(whole))


async def test_sides_are_no_files_of_no_call_and_go_with_their_recording(
    database, keep, shelf, stage, folder, spool
) -> None:
    await keep(1, full=False)
    for name in (HEARD, TOLD, "other-in.wav"):
        (folder / name).write_bytes(b"RIFF")
    later = datetime.now(UTC) + timedelta(hours=1)
    found = await scan(database, stage.pbx, FOLDER, spool, now=later)
    assert (found.files, found.mapped, found.orphans) == (4, 3, 1)
    async with database.writing() as session:
        await storage.retention.add(session, name="all", days=1, by=None, now=NOW)
    purge = Purge(database, shelf, {stage.pbx: (FOLDER, spool)})
    assert (await purge.go(now=NOW + timedelta(days=9))).deleted == 1
    assert [path.name for path in folder.iterdir()] == ["other-in.wav"]


@pytest.mark.parametrize("suffixes", [("-in", "-in"), ("", "-out"), ("/in", "-out")])
def test_suffixes_that_name_no_two_files_are_refused(suffixes) -> None:
    with pytest.raises(ValidationError, match="two different endings"):
        Settings(secret_key=new_key(), side_suffixes=suffixes)
