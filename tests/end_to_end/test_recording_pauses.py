"""Pause means pause, on real Asterisks: nothing of a tone is in the recording, or the agent knows.

The customer sends 1 kHz in each window and another pitch outside; the recording holds none of it.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar

import storage.calls
import storage.queues
from chaos.proxy import Proxy
from chaos.rigs import behind, until
from fixtures import pausing
from fixtures.agents import Agent, agent
from fixtures.house import House, house
from fixtures.pausing import recording
from lab import hearing
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.voices import Voice
from recordings.naming import relative_name
from storage.database import Database
from storage.recordings import RecordingState
from web.journey import blackbox

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]
PROVING = "RINGBOOK_PROVE" in os.environ
WINDOWS = 25 if PROVING else 3
CUTS = 20 if PROVING else 2
OLD = 16  # which pauses one recording of a channel only
FOLDER = Pbx.monitor_as_pbx_names_it
DIGITS, KEY = "4929555", re.compile(rb"\r\nDigit: [0-9*#]")
NUMBER, TONE, OTHER = "+442071234567", 1000, 700
LOUD = 1500  # of a pitch in a tenth of a second: 4900 where it fills it
LEAKED = 500  # ten milliseconds of the tone; cuts in the other pitch measure 100


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


@asynccontextmanager
async def talking(
    pbx: Pbx, queue: Queue, made: House, http: ClientSession
) -> AsyncIterator[tuple[Agent, str, Voice]]:
    """Ann talks with a customer whose pitch the test chooses, until the block ends."""
    async with agent(made, http, "ann") as ann, desks(pbx) as room:
        phone, outside = await room.inside(queue.agents[0]), await room.outside(NUMBER)
        voice = await Voice(OTHER).plug_in(outside)
        customer = outside.calls(queue.number)
        await phone.answers()
        await customer.answered()
        voice.speak_to(customer.described)
        pop = await ann.pop("answered")
        await recording(ann, lambda r: r and r["state"] == "on")
        yield ann, pop["call"], voice
        await ann.post(f"/desk/calls/{pop['call']}/hang-ups")
        await customer.over()


async def _heard(pbx: Pbx, database: Database, call: UUID) -> list[tuple[Any, Sequence[int]]]:
    """Each recording of the call once it is fetched, with its samples."""
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as session:
                [parts] = await storage.calls.parts(session, [call])
            if all(one.state is not RecordingState.PENDING for one in parts.recordings):
                break
            await asyncio.sleep(0.2)
    return [
        (one, hearing.samples(pbx.monitor / relative_name(one.path_there, FOLDER)))
        for one in parts.recordings
    ]


async def _of_several_an_old_asterisk_pauses_one(
    pbx: Pbx, ann: Agent, call: str, channel: str
) -> None:
    """And says that it did it, for all: which is not believed."""
    await pbx.cli(f"mixmonitor start {channel} second.wav")
    await until(lambda: len(_running(ann, call)) > 1)
    status, said = await ann.post(f"/desk/calls/{call}/recording-pauses")
    assert (status, "only one of several" in said["errors"][""]) == (504, True)
    await recording(ann, _is_unconfirmed)
    assert (await ann.post(f"/desk/calls/{call}/recording-ends"))[0] == 200


def _running(ann: Agent, call: str) -> list[Any]:
    found = ann.house.running.bridge.lines.latest(UUID(call))
    return [one for one in found.recordings if one.runs]


@pytest.mark.bar(44)
async def test_no_tone_of_a_pause_is_in_the_recording(
    pbx: Pbx, queue: Queue, ringbook: House, database: Database, http: ClientSession, proof, capsys
) -> None:
    await _short_pauses(ringbook, queue)
    headers = {"Authorization": f"Bearer {await ringbook.token('ann', 'pause', 'read')}"}
    confirmed = []
    async with talking(pbx, queue, ringbook, http) as (ann, call, voice):
        api = f"{ringbook.url}/api/v1/calls/{call}"
        [channel] = re.findall(r"PJSIP/anonymous-\w+", await pbx.cli("core show channels"))[:1]
        for number in range(WINDOWS):
            await asyncio.sleep(0.5)  # of the other pitch
            asked = time.monotonic()
            body = {"reason": "card"}
            async with http.post(f"{api}/recording-pauses", json=body, headers=headers) as answer:
                assert (answer.status, (await answer.json())["state"]) == (201, "paused")
            confirmed.append(time.monotonic() - asked)
            told = await recording(ann, lambda r: r["state"] == "paused")
            assert (told["cause"], told["by"], told["asking"]) == ("api", "Ann", None)
            if number == 0 and pbx.version > OLD:  # what begins in a pause is silenced as well
                await pbx.cli(f"mixmonitor start {channel} second-{queue.number}.wav")
                await until(lambda: len(_running(ann, call)) > 1)
                await recording(ann, lambda r: r["state"] == "paused")
            await _says_a_card(voice)
            async with http.post(f"{api}/recording-ends", headers=headers) as answer:
                assert (answer.status, (await answer.json())["state"]) == (200, "on")
        await asyncio.sleep(0.5)
        assert (await ann.post(f"/desk/calls/{call}/recording-pauses"))[0] == 200
        told = await recording(ann, lambda r: r["state"] == "paused")
        assert (told["cause"], told["by"], told["until"] is not None) == ("hand", "Ann", True)
        assert (await ann.post(f"/desk/calls/{call}/keys", digits=DIGITS))[0] == 200
        await _says_a_card(voice)
        await recording(ann, lambda r: r["state"] == "on")  # nobody resumed: it did by itself
        await asyncio.sleep(0.5)
        assert_no_digit_is_written(ringbook, capsys.readouterr())
        if pbx.version == OLD:
            await _of_several_an_old_asterisk_pauses_one(pbx, ann, call, channel)
    listed = await pausing.listed(http, f"{api}/recording-pauses", headers)
    leaked = tried = 0
    for one, samples in await _heard(pbx, database, UUID(call)):
        windows = [w for w in listed["pauses"] if w["recording_id"] == str(one.id)][: WINDOWS + 1]
        if pbx.version == OLD and not windows:
            continue  # the one that it cannot pause
        assert one.state is RecordingState.READY, one.cause  # silence is not lost time
        assert [w["end"] for w in windows] == ["resumed"] * (WINDOWS + 1)
        assert [w["cause"] for w in windows] == ["api"] * WINDOWS + ["hand"]
        assert [w["end_cause"] for w in windows] == ["api"] * WINDOWS + ["limit"]
        assert 4.5 < windows[-1]["stop"] - windows[-1]["start"] < 15
        leaked += sum(level > LEAKED for level in hearing.loudness(samples, TONE))
        assert sum(level > LOUD for level in hearing.loudness(samples, OTHER)) > 3 * WINDOWS
        tried += len(windows)
    proof.tried(tried, leaked, of="windows")
    proof.measured("tone leaked into pauses", leaked * 100, "ms", at_most=0)
    proof.measured("slowest confirmation of a pause", max(confirmed), "s", at_most=1.0)


def assert_no_digit_is_written(made: House, written: Any) -> None:
    """What was dialled in the pause stands in no log, and no key of any phone in the journal."""
    assert DIGITS not in written.out + written.err
    entries = list(blackbox.reader(made.settings, made.pbx_id).entries())
    assert any(b"Event: MixMonitorMute" in entry.raw for entry in entries)
    assert not [e.raw for e in entries if DIGITS.encode() in e.raw or KEY.search(e.raw)]


async def _says_a_card(voice: Voice) -> None:
    """The tone that must not be heard; what may still be on its way is let through."""
    voice._hertz = TONE
    await asyncio.sleep(0.8)
    voice._hertz = OTHER
    await asyncio.sleep(0.4)


async def _short_pauses(made: House, queue: Queue) -> None:
    async with made.database.writing() as session:
        row = await storage.queues.ensure(session, made.pbx_id, queue.name)
        await storage.queues.arrange(
            session, row.id, wrap_up_seconds=0, wrap_up_pauses=False, agents_log_in=False,
            pause_seconds=5, by=None,
        )  # fmt: skip
    assert made.running is not None
    await made.running.bridge.phones_changed()


@pytest.mark.bar(44)
@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_a_link_cut_at_the_click_says_still_recording_within_a_second(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, http: ClientSession, proof
) -> None:
    async with Proxy(pbx.port) as proxy:
        at = behind(proxy, pbx, queue.agents)
        async with (
            house(database, tmp_path, at) as made,
            talking(pbx, queue, made, http) as (ann, call, _voice),
        ):
            warned, pretended = [], 0
            for number in range(CUTS):
                # in turns: the wish is lost, or it arrives and its answer is lost
                (proxy.up if number % 2 else proxy.down).stall()
                asked = time.monotonic()
                posting = asyncio.create_task(ann.post(f"/desk/calls/{call}/recording-pauses"))
                told = await recording(ann, _is_unconfirmed)
                warned.append(time.monotonic() - asked)
                pretended += told["state"] != "on"
                status, said = await posting
                assert status == 504
                assert said["errors"][""].startswith("STILL RECORDING")
                proxy.cut()
                proxy.resume()
                await recording(ann, lambda r: r["state"] == "paused", 60)  # it is asked again
                assert (await ann.post(f"/desk/calls/{call}/recording-ends"))[0] == 200
                await recording(ann, lambda r: r["state"] == "on")
            proxy.accepts = False
            proxy.cut()
            await until(lambda: made.running.bridge.links()[0].status == "down")
            status, said = await ann.post(f"/desk/calls/{call}/recording-pauses")
            assert (status, "not reached" in said["errors"][""]) == (504, True)
            assert await recording(ann, _is_unconfirmed)
            proxy.accepts = True
            await recording(ann, lambda r: r["state"] == "paused", 60)
    proof.tried(CUTS, pretended, of="cuts at the click")
    proof.measured("slowest warning of a pause that is not confirmed", max(warned), "s",
                   at_most=1 if PROVING else 5)  # fmt: skip


def _is_unconfirmed(told: dict[str, Any] | None) -> bool:
    return bool(told and told["asking"] and told["asking"]["confirmed"] is False)
