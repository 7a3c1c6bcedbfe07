"""All stories played side by side on one PBX, and what was written and heard of them."""

import asyncio
import sys
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

from lab import books
from lab.ami import END, Ear, headers
from lab.pbx import Pbx
from lab.stories import Cast, Play, playable

# The other has none: what stands before its ids differs from one PBX to the next.
SYSTEM_NAMES = {16: "old-berlin.1"}
_AT_ONCE = 24  # more, and SIPp misses messages on a small machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """All stories, played side by side on one PBX, and what was written and heard of them."""

    version: int
    casts: dict[str, Cast]
    cel: list[books.Row]
    cdr: list[books.Row]
    queue_log: list[books.Row]
    written: dict[str, bytes]  # the same books as they are
    loudest: dict[str, int]  # the peak of each recording, by the leg that was recorded
    heard: bytes
    everything: bytes

    def cdr_of(self, story: str) -> list[books.Row]:
        """Return the rows that name the story's customer as caller, or one of its agents."""
        cast = self.casts[story]
        phones = tuple(f"PJSIP/{agent}-" for agent in cast.agents)
        return [
            row
            for row in self.cdr
            if row["src"] == cast.number
            or row["channel"].startswith(phones)
            or row["dstchannel"].startswith(phones)
        ]

    def peaks_of(self, story: str) -> list[int]:
        """Return how loud the recordings of a story are at their loudest, of 32767."""
        call = self.cdr_of(story)[0]["linkedid"]
        messages = map(headers, self.heard.split(END))
        starts = [message for message in messages if message.get("Event") == "MixMonitorStart"]
        return [self.loudest[m["Uniqueid"]] for m in starts if m["Linkedid"] == call]


async def play_everything(version: int) -> Evening:
    """Play every story on an Asterisk of this version, many at once; return what is left of it."""
    systemname = SYSTEM_NAMES.get(version, "")
    async with Pbx(version, systemname=systemname) as pbx, await pbx.ear() as ear:
        await caught_up(pbx, ear, sign="LabStart")
        ours_before, all_before = len(ear.heard), len(pbx.tap.heard)
        async with asyncio.TaskGroup() as group:
            playing = {
                name: group.create_task(play(pbx)) for name, play in playable(version).items()
            }
        await pbx.idle()
        await caught_up(pbx, ear, sign="LabEnd")
        return Evening(
            version=version,
            cel=books.cel_rows(pbx.cel_csv),
            casts={name: task.result() for name, task in playing.items()},
            cdr=books.cdr_rows(pbx.cdr_csv),
            queue_log=books.queue_log_rows(pbx.queue_log),
            written={
                "cel": pbx.cel_csv.read_bytes(),
                "cdr": pbx.cdr_csv.read_bytes(),
                "queue_log": pbx.queue_log.read_bytes(),
            },
            loudest={file.stem: _loudest(file) for file in pbx.monitor.rglob("*.wav")},
            heard=bytes(ear.heard[ours_before:]),
            everything=bytes(pbx.tap.heard[all_before:]),
        )


async def _play(play: Play, pbx: Pbx, stage: asyncio.Semaphore) -> Cast:
    async with stage:
        return await play(pbx)


async def caught_up(pbx: Pbx, ear: Ear, *, sign: str) -> None:
    """Wait until the tap and `ear` have heard a sign that is given after all else."""
    await pbx.tap.ask(Action="UserEvent", UserEvent=sign)
    for listener in (pbx.tap, ear):
        await listener.message(lambda said: f"UserEvent: {sign}\r\n".encode() in said, seconds=10)


def _loudest(file: Path) -> int:
    with wave.open(str(file)) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    return max(map(abs, samples), default=0)
