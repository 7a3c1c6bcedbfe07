"""Plain recordings of old are encrypted one by one; a stop in between loses nothing."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest

import storage.recordings
import storage.shelved
from fixtures.calls import Teller
from fixtures.pickups import polls, row
from pbx_bridge.ids import uuid7
from recordings.moves import OTHER, encrypt, rewrap
from recordings.naming import shelf_key
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.calls import save
from storage.recordings import Sound
from storage.secrets import new_key


@pytest.fixture
async def plain(database, stage, shelf):
    """A call whose recording lies in the open."""
    call = Teller(stage.pbx).ended()
    [recording] = call.recordings
    key = shelf_key(call.id, recording.id).replace(".sealed", ".wav")
    content = b"RIFF" + bytes(200_000)
    shelf.store.write(key, [content])
    sound = Sound(key, "audio/wav", len(content), 1.0, hashlib.sha256(content).hexdigest())
    async with database.writing() as session:
        await save(session, call, context=stage.context())
        await storage.recordings.shelved(session, recording.id, sound)
    return call


async def test_a_plain_recording_is_sealed_and_its_open_file_goes(plain, database, shelf) -> None:
    old = (await row(database, plain)).shelf_key
    assert [problem async for _, problem in encrypt(database, shelf)] == [""]
    found = await row(database, plain)
    assert found.shelf_key == old.replace(".wav", ".sealed")
    assert shelf.check(found.shelf_key).sha256 == found.sha256
    with pytest.raises(FileNotFoundError):
        await shelf.size(old)
    assert [problem async for _, problem in encrypt(database, shelf)] == []


async def test_a_file_that_is_not_the_one_shelved_is_left_and_named(plain, database, shelf) -> None:
    old = (await row(database, plain)).shelf_key
    shelf.store.write(old, [b"another sound"])
    assert [problem async for _, problem in encrypt(database, shelf)] == [OTHER]
    assert (await row(database, plain)).shelf_key == old
    assert await shelf.size(old) == 13


async def test_a_stop_before_the_row_changed_is_made_up_for(
    plain, database, shelf, monkeypatch
) -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(storage.shelved, "moved", stop)
        with pytest.raises(KeyboardInterrupt):
            [one async for one in encrypt(database, shelf)]
    assert await shelf.size((await row(database, plain)).shelf_key) == 200_004
    assert [problem async for _, problem in encrypt(database, shelf)] == [""]


async def test_keys_are_wrapped_anew_for_every_file(plain, database, shelf, tmp_path) -> None:
    old, new = new_key(), new_key()
    first = Shelf(tmp_path / "shelf", Keyring([old]))
    [_ async for _ in encrypt(database, first)]
    key = (await row(database, plain)).shelf_key
    both = Shelf(tmp_path / "shelf", Keyring([new, old]))
    assert rewrap(both, key) == ""
    assert rewrap(both, key) is None
    assert "RINGBOOK_SECRET_KEY" in str(rewrap(Shelf(tmp_path / "shelf", Keyring([old])), key))
    lost = shelf_key(uuid7(datetime.now(UTC)), uuid4())
    assert rewrap(both, lost)
    assert Shelf(tmp_path / "shelf", Keyring([new])).check(key).size == 200_004


async def test_the_spool_is_cleared_only_of_what_the_shelf_has(
    pickup, call, database, shelf, folder, clock, make_wav, monkeypatch
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61))
    pickup._clears = True
    pickup.expect(call)
    with monkeypatch.context() as patched:
        patched.setattr(shelf, "_verify", full)
        await polls(pickup, clock, 1.5)
    assert source.exists()
    await polls(pickup, clock, 16)
    found = await row(database, call)
    assert found.state == "ready"
    assert shelf.check(found.shelf_key).sha256 == found.sha256
    assert not source.exists()


async def test_the_spool_is_not_cleared_while_the_base_does_not_say_so(
    pickup, call, folder, clock, make_wav, monkeypatch
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61))
    pickup._clears = True
    pickup.expect(call)
    with monkeypatch.context() as patched:
        patched.setattr(storage.recordings, "shelved", full)
        await polls(pickup, clock, 1.5)
        assert source.exists()
    await polls(pickup, clock, 16)
    assert not source.exists()


def full(*args: object) -> None:
    raise OSError(28, "No space left on device")
