"""A caller refuses to be recorded, on real Asterisks: nothing said after it is kept, or heard.

The customer sends one pitch until the refusal, and 1 kHz after it; no recording holds the latter.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar
from prometheus_client import CollectorRegistry
from sqlalchemy import select

import storage.calls
import storage.consents
import storage.recordings
import storage.retention
from chaos.rigs import until
from fixtures.agents import agent
from fixtures.house import House, PbxAt, furnished, settings_of
from lab import hearing
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation
from lab.voices import Voice
from pbx_bridge.call import Call
from recordings.naming import relative_name
from storage.consents import ConsentSource
from storage.database import Database
from storage.errors import Refused
from storage.recordings import RecordingState
from storage.rules.retention import Consent, Ground, Refusal, Wins
from storage.tombstones import Tombstone
from web.live.metrics import Metrics
from web.serving import serving

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]
FOLDER = Pbx.monitor_as_pbx_names_it
NUMBER, TONE, OTHER = "+442071234567", 1000, 700
LOUD = 1500  # of a pitch in a tenth of a second: 4900 where it fills it
LEAKED = 500  # ten milliseconds of the tone
REFUSES = "79"  # before a number of the lab: the dialplan says after two seconds that they refuse


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


async def choose(database: Database, refusal: Refusal) -> None:
    async with database.writing() as session:
        await storage.retention.choose(session, wins=Wins.LONGEST, refusal=refusal, by=None)


def ups(made: House) -> list[Call]:
    """The calls that are up, as they are told now."""
    return list(made.running.bridge.consents.ways.calls())


def recorded(made: House) -> list[bool]:
    """Whether each recording of the call that is up runs."""
    return [one.runs for call in ups(made) for one in call.recordings]


async def consent(seen: Any, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Wait until the card says so of the caller's consent."""

    def found(screen: Any) -> Any:
        told = (pop["consent"] for pop in screen.pops.values())
        return next((one for one in told if one and holds(one)), None)

    return await seen.until(found, 30)


async def kept(database: Database, call: UUID) -> list[Any]:
    """The recordings of the call once each is fetched."""
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as session:
                [parts] = await storage.calls.parts(session, [call])
            if all(one.state is not RecordingState.PENDING for one in parts.recordings):
                return list(parts.recordings)
            await asyncio.sleep(0.2)


async def test_nothing_after_a_refusal_of_the_dialplan_is_kept_and_nobody_hears_the_rest(
    pbx: Pbx, queue: Queue, ringbook: House, database: Database, http: ClientSession
) -> None:
    await choose(database, Refusal.RESTRICT)
    async with agent(ringbook, http, "ann") as ann, desks(pbx) as room:
        phone, outside = await room.inside(queue.agents[0]), await room.outside(NUMBER)
        voice = await Voice(OTHER).plug_in(outside)
        customer = outside.calls(REFUSES + queue.number)
        await customer.answered()
        voice.speak_to(customer.described)
        await until(lambda: recorded(ringbook) == [True])
        await until(lambda: recorded(ringbook) == [False])
        voice._hertz = TONE
        told = await consent(ann.screen, lambda c: c["stop"] == "stopped")  # while it rings
        assert (told["state"], told["source"], told["by"]) == ("refused", "pbx", None)
        at_ann = await phone.answers()
        call = (await ann.pop("answered"))["call"]
        legs = [leg for one in ups(ringbook) for leg in one.legs]
        [channel] = [leg.channel for leg in legs if leg.extension and leg.answered_at]
        await pbx.cli(f"mixmonitor start {channel} again-{queue.number}.wav")
        await until(lambda: recorded(ringbook) == [False, False])  # of any leg, whenever it begins
        await consent(ann.screen, lambda c: c["stop"] == "stopped")
        await asyncio.sleep(0.5)  # of the tone
        await customer.hang_up()
        await at_ann.over()
        rows = await kept(database, UUID(call))
        files = [pbx.monitor / relative_name(one.path_there, FOLDER) for one in rows]
        first, again = (hearing.loudness(hearing.samples(file), TONE) for file in files)
        assert not [level for level in first if level > LEAKED]
        assert sum(x > LOUD for x in hearing.loudness(hearing.samples(files[0]), OTHER)) > 10
        assert len([level for level in again if level > LEAKED]) <= 3  # before it was stopped
        heard = [row for row in rows if row.is_audible]  # the second may be no more than a head
        for row in heard:
            user, now = ringbook.users["ann"].id, row.created_at
            async with database.writing() as session:
                with pytest.raises(Refused, match="did not want to be recorded"):
                    await storage.recordings.open_play(session, row.id, user_id=user, now=now)
        await choose(database, Refusal.DISCARD)
        headers = {"Authorization": f"Bearer {await ringbook.token('ann', 'write')}"}
        address = f"{ringbook.url}/api/v1/calls/{call}/consents"
        async with http.post(address, json={"state": "refused"}, headers=headers) as answer:
            assert answer.status == 200
        stones = await tombstones(database, {row.id for row in heard})
    assert {stone.ground for stone in stones} == {Ground.REFUSED}
    assert rows[0] in heard
    assert not files[0].exists()


async def tombstones(database: Database, recordings: set[UUID]) -> list[Tombstone]:
    """Wait until all these are deleted, and their files."""
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as session:
                rows = list(await session.scalars(select(Tombstone)))
            if {row.recording_id for row in rows if row.done_at} == recordings:
                return rows
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_a_stored_refusal_stops_what_records_after_a_restart_and_goes_with_a_transfer(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, http: ClientSession
) -> None:
    settings = settings_of(database, tmp_path)
    at = PbxAt(pbx.port, pbx.username, pbx.secret, FOLDER, pbx.monitor, queue.agents)
    made = await furnished(database, settings, at)
    async with desks(pbx) as room:
        other = await room.inside(queue.agents[1])
        async with _served(made):
            talk = await conversation(room, NUMBER, queue.agents[0], dial=queue.number)
            await other.rings()  # as the queue's other member
            await until(lambda: recorded(made) == [True])
            [call] = ups(made)
            await until(lambda: not made.running.bridge._records.has(call.id))
        channels = [leg.channel for leg in call.legs if leg.answered_at and not leg.ended_at]
        ours = next(leg.channel for leg in call.legs if leg.extension and leg.answered_at)
        async with database.writing() as session:
            await storage.consents.tell(
                session, call.id, Consent.REFUSED, source=ConsentSource.API, by=None,
                now=call.started_at,
            )  # fmt: skip
        await pbx.cli(f"mixmonitor start {ours} unheard-{queue.number}.wav")
        async with (
            _served(made), agent(made, http, "ann") as ann, agent(made, http, "ben") as ben
        ):  # fmt: skip
            told = await consent(ann.screen, lambda c: c["stop"] == "stopped")
            assert (told["source"], recorded(made)) == ("api", [False])
            await _silent(pbx, channels)  # also what was begun while nobody listened
            await pbx.cli(f"mixmonitor start {ours} later-{queue.number}.wav")
            await until(lambda: recorded(made) == [False, False])
            await _silent(pbx, channels)
            fields = {"kind": "phone", "target": queue.agents[1], "note": ""}
            assert (await ann.post(f"/desk/calls/{call.id}/transfers", **fields))[0] == 200
            at_ben = await other.answers()
            await consent(ben.screen, lambda c: c["state"] == "refused" and c["source"] == "api")
            await talk.customer.hang_up()
            await at_ben.over()


@asynccontextmanager
async def _served(made: House) -> AsyncIterator[None]:
    metrics = Metrics(CollectorRegistry())
    async with serving(made.settings, database=made.database, metrics=metrics) as running:
        made.running = running
        yield


async def _silent(pbx: Pbx, channels: list[str]) -> None:
    """Wait until the PBX itself lists no recording of these channels."""
    async with asyncio.timeout(20):
        while any([".wav" in await pbx.cli(f"mixmonitor list {one}") for one in channels]):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
