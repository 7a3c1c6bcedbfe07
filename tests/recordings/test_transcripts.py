"""An operator's speech engine hears recordings: sealed words, no numbers of cards, no harm done."""

import asyncio
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

import recordings.transcripts
import storage.recordings
import storage.shelved
import storage.transcripts
from fixtures.calls import Teller
from fixtures.sounds import tones, written
from fixtures.speech import CARD, engine, words
from recordings.naming import shelf_key
from recordings.speech import ENDED_BADLY, TOO_LONG, UNREADABLE, Engine, EngineAway
from recordings.transcripts import Transcripts
from storage.calls import save
from storage.recordings import Sound
from storage.rules.transcripts import REDACTED
from storage.transcripts import TranscriptState

MONO, _ = written(tones((440, 3)))
STEREO, _ = written(np.column_stack((tones((440, 3)), tones((1000, 3)))))


@pytest.fixture
def shelve(database, stage, shelf):
    """A way to store a call whose recording is on the shelf."""

    async def write(content: bytes = MONO, *, tag: str = "1.0"):
        call = Teller(stage.pbx, tag=tag).ended()
        [recording] = call.recordings
        key = shelf_key(call.id, recording.id)
        stored = shelf.put(io.BytesIO(content), key)
        async with database.writing() as session:
            await save(session, call, context=stage.context())
            sound = Sound(key, "audio/wav", stored.size, 3.0, stored.sha256)
            await storage.recordings.shelved(session, recording.id, sound)
        return recording.id

    return write


def transcripts(database, shelf, folder, **how) -> Transcripts:
    return Transcripts(database, shelf, Engine(**how), folder)


async def row(database, key):
    async with database.reading() as session:
        return await storage.transcripts.of(session, key)


async def test_each_channel_is_heard_and_the_words_lie_sealed_without_the_card(
    database, shelf, shelve, tmp_path
) -> None:
    command = engine(
        tmp_path,
        words={
            "0": words("My", "card", "is", *CARD, "thanks"),
            "1": words("Sähr", "gut", start=12),
        },
    )
    key = await shelve(STEREO)
    made = transcripts(database, shelf, tmp_path, command=command, memory=2**31)
    assert await made.make_missing() == 1
    assert await made.make_missing() == 0
    found = await row(database, key)
    assert found.spoken == "my card is thanks sahr gut"
    [window] = found.windows
    assert window.begins <= 1.5
    assert window.ends >= 1.5 + 15.9 * 0.5
    with shelf.opened(found.shelf_key) as file:
        told = recordings.transcripts.read(file)
    assert [word.text for word in told if word.channel == 1] == ["Sähr", "gut"]
    assert [word.text for word in told].count(REDACTED) == 16
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*.sealed*"))
    assert b"thanks" not in raw
    async with database.reading() as session:
        assert found.shelf_key in await storage.shelved.keys(session, key)
    heard = json.loads((tmp_path / "engine.log").read_text())
    assert heard["nice"] >= 15
    assert "RINGBOOK_SECRET_KEY" not in heard["env"]
    assert not list(tmp_path.glob("speech-*"))  # no sound is left behind


@pytest.mark.parametrize(
    ("told", "how", "cause"),
    [
        ({"says": "no json"}, {}, UNREADABLE),
        ({"says": '{"words": [{"word": "a", "start": 2, "end": 1}]}'}, {}, UNREADABLE),
        ({"says": '{"words": [{"word": "a", "start": 0, "end": 1e999}]}'}, {}, UNREADABLE),
        ({"words": {}, "ends": 3}, {}, ENDED_BADLY),
        ({"words": {}, "eats": 2**30}, {"memory": 2**29}, ENDED_BADLY),
        ({"words": {}, "sleeps": 60}, {"seconds": 1.0}, TOO_LONG),
    ],
)
async def test_what_an_engine_does_wrong_is_one_recordings_trouble(
    database, shelf, shelve, tmp_path, told, how, cause
) -> None:
    key = await shelve()
    command = engine(tmp_path, **told)
    made = transcripts(database, shelf, tmp_path, command=command, **({"memory": 2**31} | how))
    async with asyncio.timeout(50):
        assert await made.make_missing() == 1
    found = await row(database, key)
    assert (found.state, found.cause) == (TranscriptState.FAILED, cause)


async def test_an_engine_that_is_away_loses_no_recording(database, shelf, shelve, tmp_path) -> None:
    key = await shelve()
    for how in ({"command": (str(tmp_path / "none"),)}, {"url": "http://127.0.0.1:9/"}):
        with pytest.raises(EngineAway):
            await transcripts(database, shelf, tmp_path, **how).make_missing()
    assert await row(database, key) is None


async def test_an_engine_may_be_a_server_on_this_machine(database, shelf, shelve, tmp_path) -> None:
    class Hearing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sound = self.rfile.read(int(self.headers["Content-Length"]))
            answer = json.dumps({"words": words("Hello") if sound[:4] == b"RIFF" else []})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    key = await shelve()
    server = HTTPServer(("127.0.0.1", 0), Hearing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/hear"
        assert await transcripts(database, shelf, tmp_path, url=url).make_missing() == 1
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (await row(database, key)).spoken == "hello"
