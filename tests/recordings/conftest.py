"""WAV files as Asterisk writes them, and a clock that tests move."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import storage.calls
import storage.recordings
from fixtures.calls import FOLDER, Stage, Teller, set_stage
from fixtures.sounds import tones, written
from recordings.naming import shelf_key
from recordings.pickup import Pickup
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.database import Database
from storage.recordings import Sound
from storage.secrets import new_key

SOUND, _ = written(tones((440, 10), (1000, 10)))
FORMATS = {"pcm": (1, 2, 16), "alaw": (6, 1, 8), "mulaw": (7, 1, 8), "gsm": (0x31, 65, 0)}


def wav(seconds: float, kind: str = "pcm", *, announced: int | None = None, rate: int = 8000):
    """The bytes of a WAV file; `announced` is what its head says instead of the true length."""
    tag, block, bits = FORMATS[kind]
    if kind == "gsm":
        data = b"\x55" * (int(seconds * rate / 320) * 65)
        fmt = struct.pack("<HHIIHHHH", tag, 1, rate, 1625, block, bits, 2, 320)
    else:
        data = bytes(n % 251 for n in range(int(seconds * rate) * block))
        fmt = struct.pack("<HHIIHH", tag, 1, rate, rate * block, block, bits)
    length = len(data) if announced is None else announced
    head = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", length)
    return b"RIFF" + struct.pack("<I", len(head) + length) + head + data


@pytest.fixture
def make_wav() -> Callable[..., bytes]:
    return wav


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The PBX's recordings folder as it is here."""
    path = tmp_path / "monitor"
    path.mkdir()
    return path


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
def secret() -> str:
    return new_key()


@pytest.fixture
def keyring(secret: str) -> Keyring:
    return Keyring([secret])


@pytest.fixture
def shelf(tmp_path: Path, keyring: Keyring) -> Shelf:
    return Shelf(tmp_path / "shelf", keyring)


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


@pytest.fixture
def shelve(database, stage, shelf):
    """A way to store a call whose recording is on the shelf."""

    async def write(content: bytes = SOUND, *, tag: str = "1.0"):
        call = Teller(stage.pbx, tag=tag).ended()
        [recording] = call.recordings
        stored = shelf.put(io.BytesIO(content), shelf_key(call.id, recording.id))
        sound = Sound(
            shelf_key(call.id, recording.id), "audio/wav", stored.size, 20.0, stored.sha256
        )
        async with database.writing() as session:
            await storage.calls.save(session, call, context=stage.context())
            await storage.recordings.shelved(session, recording.id, sound)
        return recording.id

    return write
