"""Transcripts of recordings: one at a time, behind everything else, where there is an engine."""

import asyncio
import contextlib
import io
import secrets
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import orjson
import soundfile
import structlog

import storage.transcripts
from pbx_bridge.matching import msgid
from recordings.audio import NotAudio
from recordings.naming import words_key
from recordings.sealing import Tampered
from recordings.shelf import Shelf, ShelfFile
from recordings.speech import Engine, EngineAway, EngineFailed
from recordings.transcoding import UNREADABLE, ShelfReader, opened
from storage.database import Database
from storage.errors import NotFound
from storage.recordings import Recording
from storage.rules.transcripts import Word, redacted

LOOK_SECONDS = 20.0  # between looks for recordings without a transcript
AWAY_SECONDS = 60.0  # until an engine that is away is asked again
BATCH = 20
BLOCK = 2**18  # frames
LOST = (FileNotFoundError, Tampered)
GONE = msgid("The file of this recording is gone.")
CHANGED = msgid("The file of this recording was changed on its disk, or cannot be read now.")

log = structlog.get_logger(__name__)


class Transcripts:
    """Has the engine hear what has no transcript, the newest first."""

    def __init__(
        self, database: Database, shelf: Shelf, engine: Engine, folder: Path,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._database = database
        self._shelf = shelf
        self._engine = engine
        self._folder = folder  # for a channel's WAV, while the engine hears it
        self._leads = leads

    async def run(self) -> None:
        """Make what is missing until cancelled."""
        while True:
            pause = LOOK_SECONDS
            try:
                if self._leads():
                    await self.make_missing()
            except EngineAway as error:
                log.warning("speech_engine_away", error=str(error))
                pause = AWAY_SECONDS
            except Exception:
                log.exception("transcripts_not_made")
            await asyncio.sleep(pause)

    async def make_missing(self) -> int:
        """Make every transcript that is missing; gives how many were. Raises EngineAway."""
        made = 0
        while True:
            async with self._database.reading() as session:
                waiting = await storage.transcripts.waiting(session, limit=BATCH)
            if not waiting:
                return made
            for recording in waiting:
                with contextlib.suppress(NotFound):  # it was deleted meanwhile
                    await self._make(recording)
                made += 1

    async def _make(self, recording: Recording) -> None:
        now = datetime.now(UTC)
        try:
            words = await self._hear(recording)
        except (EngineFailed, NotAudio, soundfile.SoundFileError, *LOST) as error:
            log.warning("not_transcribed", recording=str(recording.id), error=str(error))
            async with self._database.writing() as session:
                cause = cause_of(error)
                await storage.transcripts.give_up(session, recording.id, cause, now=now)
            return
        told, windows = redacted(words)
        key = words_key(recording.shelf_key or "", secrets.token_hex(8))
        content = io.BytesIO(written(told))
        await asyncio.to_thread(self._shelf.put, content, key)
        try:
            async with self._database.writing() as session:
                await storage.transcripts.keep(
                    session, recording.id, shelf_key=key, said=[word.text for word in told],
                    windows=windows, engine=self._engine.name, now=now,
                )  # fmt: skip
        except BaseException:
            await self._shelf.delete(key)
            raise

    async def _hear(self, recording: Recording) -> list[Word]:
        """Return the words of all channels in the order in which they begin."""
        found: list[Word] = []
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="speech-") as folder:
            split = await asyncio.to_thread(self._split, recording, Path(folder))
            for channel, wav in enumerate(split):
                found += [
                    Word(
                        text=said.word, begins=said.start, ends=said.end, channel=channel,
                        confidence=said.confidence,
                    )
                    for said in await self._engine.hear(wav)
                ]  # fmt: skip
                wav.unlink()
        return sorted(found, key=lambda word: (word.begins, word.channel))

    def _split(self, recording: Recording, folder: Path) -> list[Path]:
        """Write a WAV of each channel; blocks."""
        with self._shelf.opened(recording.shelf_key or "") as file:
            source = cast("BinaryIO", io.BufferedReader(ShelfReader(file), 2**16))
            with opened(source, recording.media_type or "") as sound:
                paths = [folder / f"channel-{n}.wav" for n in range(sound.channels)]
                outs = [
                    soundfile.SoundFile(path, "w", sound.samplerate, 1, "PCM_16", format="WAV")
                    for path in paths
                ]
                try:
                    while len(block := sound.read(BLOCK, dtype="int16", always_2d=True)):
                        for out, column in zip(outs, block.T, strict=True):
                            out.write(column)
                finally:
                    for out in outs:
                        out.close()
        return paths


def cause_of(error: Exception) -> str:
    """Return why a recording cannot be transcribed, as a sentence of ours."""
    if isinstance(error, LOST):
        return GONE if isinstance(error, FileNotFoundError) else CHANGED
    return UNREADABLE if isinstance(error, soundfile.SoundFileError) else str(error)


def written(words: tuple[Word, ...]) -> bytes:
    """Return words as they lie on the shelf."""
    return orjson.dumps([[w.text, w.begins, w.ends, w.channel, w.confidence] for w in words])


def read(file: ShelfFile) -> list[Word]:
    """Read words from the shelf; blocks."""
    content = bytearray()
    while len(content) < file.size:
        content += file.piece(len(content))
    return [
        Word(text=text, begins=begins, ends=ends, channel=channel, confidence=confidence)
        for text, begins, ends, channel, confidence in orjson.loads(content)
    ]
