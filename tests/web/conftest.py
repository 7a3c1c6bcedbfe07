"""Calls on a stage, a shelf with sound, and people who look at them."""

import io
import math
import struct
import wave
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

import storage.calls
import storage.recordings
from fixtures.calls import Stage, set_stage
from pbx_bridge.call import Call
from recordings.naming import shelf_key
from storage.calls import CallContext
from storage.database import Database
from storage.recordings import RecordingState, Sound
from web.keys import SHELF


def tone(seconds: float) -> bytes:
    """A WAV file with a tone of 440 Hz that grows louder."""
    count = int(seconds * 8000)
    samples = (int(12000 * n / count * math.sin(n * 440 / 8000 * math.tau)) for n in range(count))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "NONE"))
        file.writeframes(struct.pack(f"<{count}h", *samples))
    return buffer.getvalue()


@pytest.fixture
def make_tone() -> Callable[[float], bytes]:
    return tone


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


Store = Callable[..., Awaitable[Call]]


@pytest.fixture
def store(database: Database, app: web.Application) -> Store:
    """A way to store calls, with `sound` on the shelf or the `state` of what there is instead."""

    async def write(
        call: Call,
        context: CallContext,
        *,
        sound: bytes = b"",
        seconds: float = 0,
        state: str = "",
        cause: str = "",
    ) -> Call:
        async with database.writing() as session:
            await storage.calls.save(session, call, context=context)
            for recording in call.recordings:
                if sound:
                    key = shelf_key(call.id, recording.id)
                    stored = app[SHELF].put(io.BytesIO(sound), key)
                    lasts = seconds or (len(sound) - 44) / 16000
                    fetched = Sound(
                        key, "audio/wav", stored.size, lasts, stored.sha256, cause=cause
                    )
                    await storage.recordings.shelved(session, recording.id, fetched)
                elif state:
                    await storage.recordings.failed(
                        session, recording.id, RecordingState(state), cause
                    )
        return call

    return write
