"""The shelf keeps files whole, under keys of ours alone, and reads without holding anyone up."""

import hashlib
import io
import os
from pathlib import Path
from uuid import uuid4

import pytest

from fixtures.calls import NOW
from pbx_bridge.ids import uuid7
from recordings.naming import BadName, shelf_key
from recordings.shelf import NotStored, Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def key() -> str:
    return shelf_key(uuid7(NOW), uuid4())


async def read(shelf: Shelf, key: str, start: int, length: int) -> bytes:
    async with shelf.open(key) as file:
        return b"".join([piece async for piece in file.pieces(start, length)])


async def test_what_is_put_can_be_read_in_any_range(shelf: Shelf, key: str) -> None:
    content = os.urandom(700_000)
    stored = shelf.put(io.BytesIO(content), key)
    assert (stored.size, stored.sha256) == (700_000, hashlib.sha256(content).hexdigest())
    assert await shelf.size(key) == 700_000
    assert await read(shelf, key, 0, 700_000) == content
    assert await read(shelf, key, 262_143, 262_146) == content[262_143 : 262_143 + 262_146]
    assert await read(shelf, key, 699_999, 50) == content[-1:]
    assert await read(shelf, key, 800_000, 50) == b""
    assert [p.name for p in (shelf.root / key).parent.iterdir()] == [Path(key).name]


async def test_pieces_are_of_bounded_size(shelf: Shelf, key: str) -> None:
    shelf.put(io.BytesIO(b"x" * 1_000_000), key)
    async with shelf.open(key) as file:
        sizes = [len(piece) async for piece in file.pieces(0, 1_000_000)]
    assert max(sizes) == 256 * 1024


async def test_a_copy_that_fails_leaves_nothing(shelf: Shelf, key: str) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 300_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output"):
        shelf.put(Failing(b"x" * 900_000), key)
    assert [p for p in shelf.root.rglob("*") if p.is_file()] == []


async def test_a_disk_that_lies_is_noticed(shelf: Shelf, key: str, monkeypatch) -> None:
    monkeypatch.setattr("recordings.shelf._hash", lambda path: "other")
    with pytest.raises(NotStored):
        shelf.put(io.BytesIO(b"x"), key)
    assert [p for p in shelf.root.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("bad", ["../../etc/passwd", "/etc/passwd", "a.wav", "", "\0"])
async def test_only_keys_of_ours_open_anything(shelf: Shelf, bad: str) -> None:
    with pytest.raises(BadName):
        await shelf.size(bad)
    with pytest.raises(BadName):
        await shelf.delete(bad)
    with pytest.raises(BadName):
        shelf.put(io.BytesIO(b"x"), bad)
    with pytest.raises(BadName):
        await read(shelf, bad, 0, 1)


async def test_a_link_on_the_shelf_is_not_followed(shelf: Shelf, key: str, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (shelf.root / key).parent.mkdir(parents=True)
    (shelf.root / key).symlink_to(secret)
    with pytest.raises(OSError, match="symbolic"):
        await read(shelf, key, 0, 10)


async def test_a_deleted_file_is_gone_and_deleting_again_is_no_error(
    shelf: Shelf, key: str
) -> None:
    shelf.put(io.BytesIO(b"x"), key)
    await shelf.delete(key)
    await shelf.delete(key)
    with pytest.raises(FileNotFoundError):
        await shelf.size(key)


def test_the_free_share_of_the_disk_is_known_before_the_first_file(shelf: Shelf) -> None:
    assert 0 < shelf.free_share() <= 1
