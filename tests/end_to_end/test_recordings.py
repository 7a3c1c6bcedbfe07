"""What a real Asterisk records in each of its formats is one call's, complete, and sealed here."""

import asyncio
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

import storage.calls
import storage.pbxs
import storage.renditions
import storage.spools
from fixtures.house import House
from fixtures.screens import screen
from fixtures.sounds import heard, strength
from lab import sipp, sounds
from lab.layout import Queue
from lab.pbx import Pbx
from recordings.naming import relative_name
from recordings.scans import scan
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.database import Database
from storage.recordings import Recording, RecordingState
from storage.renditions import RenditionState

pytestmark = pytest.mark.asterisk

HERTZ = 1000
ENDINGS = ("WAV", "gsm", "alaw", "ulaw", "sln")


async def _recordings(database: Database, call: UUID, count: int) -> list[Recording]:
    """The recordings of a call, once there are so many and all are decided."""
    found: list[Recording] = []
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as session:
                [parts] = await storage.calls.parts(session, [call])
            found = list(parts.recordings)
            if len(found) == count and all(r.state is not RecordingState.PENDING for r in found):
                return found
            await asyncio.sleep(0.2)


async def _channel(pbx: Pbx) -> str:
    """The channel that is recorded: the caller's."""
    async with asyncio.timeout(20):
        while True:
            for line in (await pbx.cli("core show channels concise")).splitlines():
                name, *rest = line.split("!")
                if name.startswith("PJSIP/") and "Queue" in rest:
                    return name
            await asyncio.sleep(0.1)


@pytest.mark.bar(41)
async def test_every_format_of_a_call_is_fetched_whole(
    pbx: Pbx, queue: Queue, ringbook: House, database: Database, proof
) -> None:
    has_sides = pbx.version >= 22  # MixMonitor's option D
    first, _second = queue.agents
    ann = await ringbook.token("ann", "live")
    async with screen(ringbook.settings.live_url, ann) as at_ann:
        async with (
            sipp.phone(pbx, first, answers_after=0.5, hangs_up_after=6),
            asyncio.TaskGroup() as group,
        ):
            group.create_task(
                sipp.caller(
                    pbx,
                    number="+442071234567",
                    name="Zoe",
                    dial=queue.number,
                    sound=sounds.tone(HERTZ),
                )
            )
            [pop] = await at_ann.until(lambda s: list(s.pops.values()))
            await at_ann.until(lambda s: s.pops[pop["id"]]["state"] == "answered")
            channel = await _channel(pbx)
            for ending in ENDINGS:
                await pbx.cli(f"mixmonitor start {channel} every/{queue.number}.{ending}")
            one_sided = f"r(every/{queue.number}-from.pcm)t(every/{queue.number}-to.pcm)"
            await pbx.cli(f"mixmonitor start {channel} every/{queue.number}.pcm,{one_sided}")
            if has_sides:
                await pbx.cli(f"mixmonitor start {channel} every/{queue.number}.raw,D")
        await at_ann.until(lambda s: s.pops[pop["id"]]["state"] == "wrap_up")
    wanted = {"wav", "pcm", *ENDINGS, *(("raw",) if has_sides else ())}
    found = await _recordings(database, UUID(pop["call"]), len(wanted))
    told = {recording.path_there.rpartition(".")[2]: recording for recording in found}
    assert told.keys() == wanted
    shelf = Shelf(ringbook.settings.shelf_dir, Keyring(ringbook.settings.secret_keys))
    wrong = []
    for ending, recording in told.items():
        assert recording.state is RecordingState.READY, (ending, recording.state, recording.cause)
        stored = shelf.check(recording.shelf_key)
        if (stored.size, stored.sha256) != (recording.size, recording.sha256):
            wrong.append(ending)
        assert recording.seconds == pytest.approx(6, abs=2.5), ending
    proof.tried(len(told), len(wrong), of="formats of a real Asterisk")
    for ending, recording in told.items():
        sound, rate = await _plays(database, shelf, recording, ending)
        if ending in {"raw", "pcm"}:
            assert sound.shape[1] == 2
            assert strength(sound[:, 1], rate, HERTZ) < 0.005
    await _a_copy_is_an_orphan(ringbook, database, queue, told["wav"])


async def _plays(
    database: Database, shelf: Shelf, recording: Recording, ending: str
) -> tuple[np.ndarray, int]:
    """What a browser is given is Opus, as long as the recording, and the caller's tone is in it."""
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as session:
                made = await storage.renditions.find(session, recording.id)
            if made is not None:
                break
            await asyncio.sleep(0.2)
    assert made.state is RenditionState.READY, (ending, made.cause)
    async with shelf.open(made.shelf_key) as file:
        content = b"".join([piece async for piece in file.pieces(0, file.size)])
    sound, rate = heard(content)
    assert content[:4] == b"OggS", ending
    assert len(sound) / rate == pytest.approx(recording.seconds, abs=0.1), ending
    assert strength(sound[:, 0], rate, HERTZ) > 0.05, ending
    return sound, rate


async def _a_copy_is_an_orphan(
    ringbook: House, database: Database, queue: Queue, recording: Recording
) -> None:
    """The scan knows the PBX's files as that call's, and lists a strange one."""
    async with database.reading() as session:
        row = await storage.pbxs.get(session, ringbook.pbx_id)
    there, here = str(row.recordings_there), Path(str(row.recordings_here))
    strange = here / f"strange-{queue.number}.wav"
    shutil.copy(here / relative_name(recording.path_there, there), strange)
    old = time.time() - 3600
    os.utime(strange, (old, old))
    await scan(database, ringbook.pbx_id, there, here, now=datetime.now(UTC))
    async with database.reading() as session:
        listed = {file.path: file for file in await storage.spools.orphans(session)}
    strange.unlink()
    assert listed[strange.name].seconds == recording.seconds
    assert not any(path.startswith(f"every/{queue.number}.") for path in listed)
