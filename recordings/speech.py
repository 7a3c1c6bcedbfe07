"""The operator's own speech engine: a program, or a server on this machine; none is delivered.

It is given one WAV of one channel, and answers JSON (docs/transcripts.md). It runs one at a time,
with low priority, within a time and a size of memory.
"""

import asyncio
import contextlib
import http.client
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pbx_bridge.matching import msgid

POLITE = 15  # how much later than others' its turn on the processor comes
MOST_ANSWER = 64 * 2**20  # bytes
UNREADABLE = msgid("The speech engine answered what is no transcript.")
TOO_LONG = msgid("The speech engine did not end in time.")
ENDED_BADLY = msgid("The speech engine ended with an error.")


# Others go first, and it has so much memory, before the engine's own first instruction.
_LAUNCH = """
import os, resource, sys
polite, memory, *command = sys.argv[1:]
os.nice(int(polite))
resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.execvp(command[0], command)
"""


class EngineFailed(Exception):
    """The engine did not do this recording; the message is a sentence."""


class EngineAway(OSError):
    """The engine cannot be started or reached: it is tried again, with whatever recording."""


Seconds = Annotated[float, Field(ge=0, le=7 * 86400, allow_inf_nan=False)]


class SaidWord(BaseModel):
    """One word as the engine tells it."""

    model_config = ConfigDict(extra="ignore")

    word: Annotated[str, Field(min_length=1, max_length=200)]
    start: Seconds
    end: Seconds
    confidence: Annotated[float | None, Field(ge=0, le=1)] = None

    @model_validator(mode="after")
    def _goes_forward(self) -> "SaidWord":
        if self.end < self.start:
            raise ValueError("a word ends before it begins")
        return self


class Answer(BaseModel):
    """What the engine says of one channel."""

    model_config = ConfigDict(extra="ignore")

    words: Annotated[list[SaidWord], Field(max_length=500_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How the engine is called: `command` with the WAV's path at its end, or `url` by POST."""

    command: tuple[str, ...] = ()
    url: str = ""
    seconds: float = 1800.0  # for one channel
    memory: int = 4 * 2**30  # bytes; of a command

    @property
    def name(self) -> str:
        """How it is named in the base."""
        return Path(self.command[0]).name if self.command else self.url

    async def hear(self, wav: Path) -> Sequence[SaidWord]:
        """Return the words of one channel; raises EngineFailed, EngineAway."""
        answer = await (self._run(wav) if self.command else asyncio.to_thread(self._post, wav))
        try:
            return Answer.model_validate_json(answer).words
        except ValidationError:
            raise EngineFailed(UNREADABLE) from None

    async def _run(self, wav: Path) -> bytes:
        if shutil.which(self.command[0]) is None:
            raise EngineAway(f"there is no program {self.command[0]}")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _LAUNCH, str(POLITE), str(self.memory)),
            *(*self.command, str(wav)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )
        try:
            async with asyncio.timeout(self.seconds):
                answer = await _read(process)
                code = await process.wait()
        except TimeoutError:
            raise EngineFailed(TOO_LONG) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if code:
            raise EngineFailed(ENDED_BADLY)
        return answer

    def _post(self, wav: Path) -> bytes:
        where = urlsplit(self.url)
        client = http.client.HTTPConnection(
            where.hostname or "", where.port or 80, timeout=self.seconds
        )
        headers = {"Content-Type": "audio/wav", "Content-Length": str(wav.stat().st_size)}
        try:
            with wav.open("rb") as sound:
                client.request("POST", where.path or "/", body=sound, headers=headers)
                response = client.getresponse()
                answer = response.read(MOST_ANSWER + 1)
        except TimeoutError:
            raise EngineFailed(TOO_LONG) from None
        except (OSError, http.client.HTTPException) as error:
            raise EngineAway(str(error)) from error
        finally:
            client.close()
        if response.status != http.client.OK:
            raise EngineFailed(ENDED_BADLY)
        return answer


async def _read(process: asyncio.subprocess.Process) -> bytes:
    """Read what the program says, as far as it is bearable."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    answer = bytearray()
    while piece := await process.stdout.read(2**16):
        answer += piece
        if len(answer) > MOST_ANSWER:
            raise EngineFailed(UNREADABLE)
    return bytes(answer)
