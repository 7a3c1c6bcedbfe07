"""A disk that fills is told before and at the event; nothing is lost, all is made up for."""

import subprocess
from pathlib import Path
from uuid import UUID

import pytest

import storage.calls
from fixtures.calls import FOLDER, Teller
from fixtures.pickups import polls, row
from recordings.pickup import NO_ROOM, RETRY, Pickup
from recordings.shelf import Shelf
from recordings.shortages import Floor, Level, judge, look
from recordings.stores import Space
from storage.recordings import RecordingState

MB = 1024 * 1024
PBX = UUID(int=7)


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (100_000, 200_000, Level.FINE), (4_999, 20_000, Level.LOW), (5_001, 200_000, Level.LOW),
        (5_001, 20_000, Level.FINE), (31, 200_000, Level.FULL), (0, 0, Level.FULL),
    ],
)  # fmt: skip
def test_little_room_is_less_than_so_much_or_such_a_share(free, total, level) -> None:
    assert judge(Space(free * MB, total * MB), Floor(5_000 * MB, 0.05)) is level


@pytest.fixture
def disk(tmp_path: Path):
    """A way to a disk of its own of so many MB, for the test alone."""
    mounted = []

    def make(size: int) -> Path:
        path = tmp_path / f"disk{len(mounted)}"
        path.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(path)]
        subprocess.run(["/usr/bin/mount", *options], check=True)
        mounted.append(path)
        return path

    yield make
    for path in mounted:
        subprocess.run(["/usr/bin/umount", "--lazy", str(path)], check=True)


def enlarge(path: Path) -> None:
    subprocess.run(["/usr/bin/mount", "-o", "remount,size=30m", str(path)], check=True)


@pytest.mark.root
def test_each_place_is_told_by_its_own_disk(disk, keyring) -> None:
    wide, narrow = disk(500), disk(60)
    floor = Floor(100 * MB, 0.05)
    assert look(Shelf(wide, keyring), {PBX: ("", wide)}, floor) == ()
    [one] = look(Shelf(wide, keyring), {PBX: ("", narrow)}, floor)
    assert (one.pbx_id, one.level) == (PBX, Level.LOW)
    (narrow / "filler").write_bytes(bytes(40 * MB))
    [one] = look(Shelf(narrow / "shelf", keyring), {PBX: ("", narrow.parent / "away")}, floor)
    assert (one.pbx_id, one.level) == (None, Level.FULL)
    [one] = look(Shelf(wide, keyring), {}, floor, refused=True)
    assert one.level is Level.FULL


@pytest.mark.root
@pytest.mark.bar(42)
async def test_a_shelf_that_fills_while_calls_end_loses_none_of_their_recordings(
    database, stage, folder, clock, make_wav, disk, keyring, proof
) -> None:
    calls = [Teller(stage.pbx, tag=f"{n}.9").ended() for n in range(8)]
    async with database.writing() as session:
        await storage.calls.save_many(session, [(call, stage.context()) for call in calls])
    small = disk(3)
    shelf = Shelf(small / "shelf", keyring)
    pickup = Pickup(database, shelf, {stage.pbx: (FOLDER, folder)}, clock=clock, clears=True)
    body = make_wav(61)
    for n, call in enumerate(calls):
        (folder / f"in-{n}.9.wav").write_bytes(body)
        pickup.expect(call)
    await polls(pickup, clock, 1.5)
    rows = [await row(database, call) for call in calls]
    ready = [found for found in rows if found.state is RecordingState.READY]
    waiting = [found for found in rows if found.state is RecordingState.PENDING]
    assert 1 <= len(ready) < 8
    assert len(ready) + len(waiting) == 8
    assert {found.cause for found in waiting} == {NO_ROOM}
    assert pickup.refused
    assert {path.name for path in folder.iterdir()} == {
        Path(found.path_there).name for found in waiting
    }
    assert not list(shelf.store.root.rglob("*.part"))
    [alarm] = look(shelf, {}, Floor(), refused=pickup.refused)
    assert alarm.level is Level.FULL
    enlarge(small)
    await polls(pickup, clock, RETRY + 1)
    rows = [await row(database, call) for call in calls]
    lost = 8 - sum(shelf.check(found.shelf_key).sha256 == found.sha256 for found in rows)
    assert not pickup.refused
    assert list(folder.iterdir()) == []
    proof.tried(8, lost, of="recordings while the shelf was full")


@pytest.mark.bar(42)
async def test_a_recording_that_a_full_spool_cut_is_told_from_the_talk(
    pickup, stage, database, folder, clock, make_wav, proof
) -> None:
    """What MixMonitor could still write, closed or not: from nothing up to just too little."""
    heard = [0, 1, 10, 30, 58, 58.9]
    calls = [Teller(stage.pbx, tag=f"{n}.9").ended() for n in range(2 * len(heard))]
    async with database.writing() as session:
        await storage.calls.save_many(session, [(call, stage.context()) for call in calls])
    for n, call in enumerate(calls):
        seconds, closed = heard[n // 2], n % 2
        content = make_wav(seconds) if closed else make_wav(seconds, announced=0)
        (folder / f"in-{n}.9.wav").write_bytes(content)
        pickup.expect(call)
    await polls(pickup, clock, 1.5, 61)
    states = [(await row(database, call)).state for call in calls]
    undetected = sum(state in {RecordingState.READY, RecordingState.PENDING} for state in states)
    proof.tried(len(calls), undetected, of="recordings that a full spool cut")
