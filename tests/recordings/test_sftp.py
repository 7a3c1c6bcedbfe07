"""A spool on another host is fetched over SFTP: whole, from the host that was confirmed, or not."""

import asyncio
import hashlib
import os
from dataclasses import replace

import pytest

from fixtures.calls import FOLDER
from fixtures.sftp import LONGEST, Host, settled
from recordings import naming, shortages
from recordings.pickup import Pickup
from recordings.sftp import copies, keys, links, work
from recordings.sftp.mirror import SftpSpool
from storage.recordings import RecordingState


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(work, "EVERY", 0.02)
    monkeypatch.setattr(work, "SOON", 0.01)
    monkeypatch.setattr(work, "RETRIES", (0.05,))


@pytest.fixture
def fetch(database, shelf, stage, tmp_path, clock):
    """A pickup that fetches from a host, for each way to log in."""
    made: list[SftpSpool] = []

    def start(login, *, clears: bool = False) -> Pickup:
        made.append(SftpSpool(login, tmp_path / "copies", clock=clock))
        return Pickup(database, shelf, {stage.pbx: (FOLDER, made[-1])}, clock=clock, clears=clears)

    yield start
    for spool in made:
        spool.close()


def named(call, path: str):
    """The call, its recording at another place."""
    return replace(call, recordings=(replace(call.recordings[0], path=path),))


async def test_a_recording_that_comes_late_is_fetched_whole_and_goes_there(
    fetch, host: Host, call, database, shelf, clock, make_wav, tmp_path
) -> None:
    pickup, source = fetch(host.login(), clears=True), host.folder / "in-1.0.wav"
    pickup.expect(call)
    await look_on(pickup, clock)
    whole = make_wav(61)
    for part in (make_wav(0), make_wav(20, announced=0), whole[:-5000]):
        source.write_bytes(part)
        await look_on(pickup, clock)
    assert pickup.backlog == 1
    source.write_bytes(whole)
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert (found.state, found.cause, found.seconds) == (RecordingState.READY, "", 61.0)
    assert found.sha256 == hashlib.sha256(whole).hexdigest()
    async with shelf.open(found.shelf_key) as file:
        assert b"".join([piece async for piece in file.pieces(0, file.size)]) == whole
    await until(lambda: not source.exists())
    assert list((tmp_path / "copies").iterdir()) == []


async def test_a_fetched_file_stays_where_it_is_unless_it_may_go(
    fetch, host: Host, call, database, clock, make_wav
) -> None:
    (host.folder / "in-1.0.wav").write_bytes(make_wav(61))
    pickup = fetch(host.login())
    pickup.expect(call)
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert found.state is RecordingState.READY
    await look_on(pickup, clock)
    assert host.removed == []


async def test_a_link_cut_in_the_middle_of_a_file_goes_on_where_it_was(
    fetch, host: Host, call, database, clock, make_wav
) -> None:
    whole = make_wav(300)
    (host.folder / "in-1.0.wav").write_bytes(whole)
    host.cut_after = 3_000_000
    pickup = fetch(host.login())
    pickup.expect(call)
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert (found.state, found.sha256) == (RecordingState.READY, hashlib.sha256(whole).hexdigest())
    assert host.cut_after is None
    assert host.given < len(whole) + 1_000_000


async def test_a_copy_whose_begin_is_another_files_is_fetched_anew(
    fetch, host: Host, call, database, clock, make_wav, monkeypatch
) -> None:
    """Written anew with the same size in the same second: only its content tells."""
    source, old = host.folder / "in-1.0.wav", make_wav(61)
    source.write_bytes(old)
    os.utime(source, (1_700_000_000, 1_700_000_000))
    new = old[:44] + bytes(255 - byte for byte in old[44:])
    read, read_so_far = copies.read, []

    async def cut_once(file, start, length):
        if start and not read_so_far:
            read_so_far.append(start)
            source.write_bytes(new)
            os.utime(source, (1_700_000_000, 1_700_000_000))
            raise ConnectionResetError
        return await read(file, start, length)

    monkeypatch.setattr(copies, "read", cut_once)
    pickup = fetch(host.login())
    pickup.expect(call)
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert found.sha256 == hashlib.sha256(new).hexdigest()


async def test_a_host_with_another_key_is_given_nothing_until_it_is_the_confirmed_one(
    fetch, host: Host, call, database, shelf, clock, make_wav
) -> None:
    (host.folder / "in-1.0.wav").write_bytes(make_wav(61))
    await host.stop()
    pickup, key = fetch(host.login()), call.recordings[0].id
    pickup.expect(call)
    away = await settled(pickup, database, clock, key, cause=links.AWAY)
    await host.start(key=1)
    changed = await settled(pickup, database, clock, key, cause=links.CHANGED)
    [alarm] = shortages.look(shelf, pickup.folders, shortages.Floor(0, 0))
    assert (alarm.level, alarm.why) == (shortages.Level.UNREACHED, links.CHANGED)
    assert (away.state, changed.state) == (RecordingState.PENDING, RecordingState.PENDING)
    assert host.given == 0
    await host.stop()
    await host.start()
    assert (await settled(pickup, database, clock, key)).state is RecordingState.READY


@pytest.mark.parametrize(
    ("login", "cause"),
    [
        ({"key": keys.fresh()[0]}, links.REFUSED),
        ({"key": ""}, links.NO_KEY),
        ({"host_key": ""}, links.UNCONFIRMED),
    ],
    ids=["a key that the host does not know", "no key", "a host that nobody confirmed"],
)
async def test_without_the_right_keys_the_recording_waits_and_says_why(
    fetch, host: Host, call, database, clock, make_wav, login, cause
) -> None:
    (host.folder / "in-1.0.wav").write_bytes(make_wav(61))
    pickup = fetch(host.login(**login))
    pickup.expect(call)
    waiting = await settled(pickup, database, clock, call.recordings[0].id, cause=cause)
    assert (waiting.state, host.given) == (RecordingState.PENDING, 0)


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "folder"])
async def test_nothing_but_a_plain_file_of_the_folder_is_fetched(
    fetch, host: Host, call, database, clock, make_wav, kind
) -> None:
    secret = host.folder.parent / "secret"
    secret.mkdir()
    (secret / "in-1.0.wav").write_bytes(make_wav(61))
    path = f"{FOLDER}/in-1.0.wav"
    match kind:
        case "link":
            (host.folder / "in-1.0.wav").symlink_to(secret / "in-1.0.wav")
        case "folder link":
            (host.folder / "sub").symlink_to(secret)
            path = f"{FOLDER}/sub/in-1.0.wav"
        case "pipe":
            os.mkfifo(host.folder / "in-1.0.wav")
        case "folder":
            (host.folder / "in-1.0.wav").mkdir()
    pickup = fetch(host.login())
    pickup.expect(named(call, path))
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert (found.state, found.cause) == (RecordingState.BROKEN, naming.OUTSIDE)
    assert host.given == 0


@pytest.mark.parametrize("name", ["2026/Zoë 'x' %2e\"*?;$(id).wav", "\u202e файл \t\n.wav"])
async def test_a_name_with_odd_characters_is_the_name_of_its_file(
    fetch, host: Host, call, database, clock, make_wav, name
) -> None:
    (host.folder / name).parent.mkdir(exist_ok=True)
    (host.folder / name).write_bytes(make_wav(61))
    (host.folder / os.fsdecode(b"\xff\xfe.wav")).write_bytes(make_wav(3))
    pickup = fetch(host.login())
    pickup.expect(named(call, f"{FOLDER}/{name}"))
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert (found.state, found.path_found) == (RecordingState.READY, None)


async def test_a_file_that_a_script_transcoded_is_found_in_the_folder_there(
    fetch, host: Host, call, database, clock
) -> None:
    (host.folder / "in-1.0.ulaw").write_bytes(b"\xff" * 61 * 8000)
    pickup = fetch(host.login())
    pickup.expect(call)
    found = await settled(pickup, database, clock, call.recordings[0].id)
    assert (found.state, found.path_found) == (RecordingState.READY, "in-1.0.ulaw")


async def look_on(pickup: Pickup, clock) -> None:
    """Look for a moment, in which the link sees the file more than once."""
    for _ in range(30):
        await pickup.poll()
        clock.now += 0.01
        await asyncio.sleep(0.01)


async def until(true) -> None:
    async with asyncio.timeout(LONGEST):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
