"""The shelf keeps files whole and sealed, in a folder and in a bucket, under keys of ours alone."""

import asyncio
import hashlib
import io
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from fixtures.calls import NOW
from pbx_bridge.ids import uuid7
from recordings.naming import BadName, shelf_key
from recordings.sealing import Keyring, Tampered
from recordings.shelf import HEAD, NotStored, Shelf
from recordings.stores import Folder
from storage.secrets import new_key

pytest_plugins = ("fixtures.buckets",)


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, keyring: Keyring) -> Shelf:
    """The same shelf in either place."""
    if request.param == "bucket":
        return Shelf(request.getfixturevalue("bucket"), keyring)
    return Shelf(tmp_path / "shelf", keyring)


@pytest.fixture
def key() -> str:
    return shelf_key(uuid7(NOW), uuid4())


async def read(shelf: Shelf, key: str, start: int, length: int) -> bytes:
    async with shelf.open(key) as file:
        return b"".join([piece async for piece in file.pieces(start, length)])


def lying(shelf: Shelf, key: str) -> bytes:
    """What lies in the store under the key."""
    file = shelf.store.open(key)
    try:
        return file.read(0, file.size)
    finally:
        file.close()


async def test_what_is_put_can_be_read_in_any_range(shelf: Shelf, key: str) -> None:
    content = os.urandom(700_000)
    stored = shelf.put(io.BytesIO(content), key)
    assert (stored.size, stored.sha256) == (700_000, hashlib.sha256(content).hexdigest())
    assert await shelf.size(key) == 700_000
    assert await read(shelf, key, 0, 700_000) == content
    assert await read(shelf, key, 262_143, 262_146) == content[262_143 : 262_143 + 262_146]
    assert await read(shelf, key, 699_999, 50) == content[-1:]
    assert await read(shelf, key, 800_000, 50) == b""
    assert shelf.check(key) == stored


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072])
async def test_files_that_just_fill_a_chunk_or_not_are_read_whole(
    shelf: Shelf, key: str, size: int
) -> None:
    content = os.urandom(size)
    assert shelf.put(io.BytesIO(content), key).size == size
    assert await read(shelf, key, 0, size + 9) == content


async def test_nothing_of_the_sound_lies_open(shelf: Shelf, key: str) -> None:
    shelf.put(io.BytesIO(b"a secret said aloud " * 9_000), key)
    assert b"secret" not in lying(shelf, key) + lying(shelf, key + HEAD)


async def test_thousands_of_overlapping_ranges_give_the_right_bytes(shelf: Shelf, key: str) -> None:
    content = random.Random(3).randbytes(900_000)
    shelf.put(io.BytesIO(content), key)
    chance = random.Random(5)
    times = 250 if isinstance(shelf.store, Folder) else 15

    async def ask() -> None:
        async with shelf.open(key) as file:
            for _ in range(times):
                start, length = chance.randrange(len(content)), chance.randrange(1, 90_000)
                pieces = [piece async for piece in file.pieces(start, length)]
                assert max(map(len, pieces)) <= 64 * 1024
                assert b"".join(pieces) == content[start : start + length]

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(ask())


async def test_a_copy_that_fails_leaves_nothing(shelf: Shelf, key: str) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 300_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output"):
        shelf.put(Failing(b"x" * 900_000), key)
    for name in (key, key + HEAD):
        with pytest.raises(FileNotFoundError):
            shelf.store.open(name)


async def test_a_store_that_lies_is_noticed(shelf: Shelf, key: str, monkeypatch) -> None:
    write = shelf.store.write

    def write_less(key: str, pieces) -> None:
        write(key, [b"".join(pieces)[:-1] + b"?"])

    monkeypatch.setattr(shelf.store, "write", write_less)
    with pytest.raises(NotStored):
        shelf.put(io.BytesIO(b"x" * 100_000), key)
    with pytest.raises(FileNotFoundError):
        await shelf.size(key)


async def test_files_that_change_places_are_noticed(shelf: Shelf, key: str) -> None:
    other = shelf_key(uuid7(NOW), uuid4())
    shelf.put(io.BytesIO(b"mine"), key)
    shelf.put(io.BytesIO(b"yours"), other)
    for name in ("", HEAD):
        shelf.store.write(key + name, [lying(shelf, other + name)])
    with pytest.raises(Tampered):
        await read(shelf, key, 0, 9)


async def test_a_file_that_was_cut_is_noticed(shelf: Shelf, key: str) -> None:
    shelf.put(io.BytesIO(b"x" * 200_000), key)
    shelf.store.write(key, [lying(shelf, key)[: 65_552 * 2]])
    with pytest.raises(Tampered):
        await shelf.size(key)


async def test_another_key_of_ours_writes_heads_anew_and_touches_no_sound(
    tmp_path: Path, key: str
) -> None:
    old, new = new_key(), new_key()
    Shelf(tmp_path, Keyring([old])).put(io.BytesIO(b"sound"), key)
    body = tmp_path / key
    before = body.stat()
    both = Shelf(tmp_path, Keyring([new, old]))
    assert both.rotate(key)
    assert not both.rotate(key)
    assert (body.stat().st_ino, body.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert await read(Shelf(tmp_path, Keyring([new])), key, 0, 9) == b"sound"
    with pytest.raises(Tampered):
        await read(Shelf(tmp_path, Keyring([old])), key, 0, 9)


async def test_what_was_shelved_in_the_open_is_still_read(shelf: Shelf, key: str) -> None:
    plain = key.replace(".sealed", ".wav")
    shelf.store.write(plain, [b"old sound"])
    assert await read(shelf, plain, 4, 3) == b"sou"
    assert shelf.check(plain).sha256 == hashlib.sha256(b"old sound").hexdigest()
    assert not shelf.rotate(plain)
    with pytest.raises(BadName):
        shelf.put(io.BytesIO(b"x"), plain)


@pytest.mark.parametrize("bad", ["../../etc/passwd", "/etc/passwd", "a.wav", "", "\0"])
async def test_only_keys_of_ours_open_anything(tmp_path, keyring, bad: str) -> None:
    shelf = Shelf(tmp_path, keyring)
    with pytest.raises(BadName):
        await shelf.size(bad)
    with pytest.raises(BadName):
        await shelf.delete(bad)
    with pytest.raises(BadName):
        shelf.put(io.BytesIO(b"x"), bad)
    with pytest.raises(BadName):
        await read(shelf, bad, 0, 1)


async def test_a_link_on_the_shelf_is_not_followed(keyring, key: str, tmp_path) -> None:
    shelf = Shelf(tmp_path / "shelf", keyring)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    plain = key.replace(".sealed", ".wav")
    (tmp_path / "shelf" / plain).parent.mkdir(parents=True)
    (tmp_path / "shelf" / plain).symlink_to(secret)
    with pytest.raises(OSError, match="symbolic"):
        await read(shelf, plain, 0, 10)


async def test_a_deleted_file_is_gone_and_deleting_again_is_no_error(
    shelf: Shelf, key: str
) -> None:
    shelf.put(io.BytesIO(b"x"), key)
    await shelf.delete(key)
    await shelf.delete(key)
    with pytest.raises(FileNotFoundError):
        await shelf.size(key)


def test_the_room_on_the_disk_is_known_before_the_first_file(tmp_path, keyring) -> None:
    space = Shelf(tmp_path / "shelf", keyring).space()
    assert space is not None
    assert 0 < space.free <= space.total


async def test_a_bucket_that_is_away_is_an_error_like_that_of_a_disk(bucket_name, keyring) -> None:
    from recordings.buckets import Bucket

    away = Bucket(
        bucket_name, prefix="", endpoint="http://127.0.0.1:9", region="x", key="x", secret="x"
    )
    with pytest.raises(OSError, match="refused"):
        away.open("x")


async def test_the_shelf_tells_all_that_lies_there_and_since_when(shelf, key) -> None:
    shelf.put(io.BytesIO(b"sound"), key)
    listed = list(shelf.store.listed())
    assert sorted(kept.name for kept in listed) == [key, f"{key}.head"]
    assert all(abs((datetime.now(UTC) - kept.changed_at).total_seconds()) < 60 for kept in listed)
