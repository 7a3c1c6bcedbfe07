"""`ringbook serve` is killed with calls that no base has seen: the next one tells them all."""

import asyncio
import sqlite3
from pathlib import Path

from aiohttp import ClientSession
from stage.offices import Stage
from stage.pbxs import FakePbx

from fixtures.nodes import Node, nodes
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call
from pbx_bridge.journal import Reader, differences
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from web.config import Settings
from web.journey import stored

RINGALL = "ringall_queue_answered_asterisk_22"
CALLS, KILLS = 10, 3
SECONDS = 30.0


def load(pbx: FakePbx, number: int) -> bytes:
    """One whole call, unlike any other."""
    return b"".join(pbx.later(RINGALL, seconds=100 * number))


def told(stage: Stage, raws: list[bytes]) -> dict[object, Call]:
    """The calls as a tracker tells them that nothing happened to."""
    phones = {f"PJSIP/{n}": str(n) for n in (101, 102, 103, 131, 132)}
    found: dict[object, Call] = {}
    for raw in raws:
        tracker = Tracker(stage.pbx_id, phones)
        for block in raw.split(b"\r\n\r\n"):
            event = translate(Message(block, 0.0)) if block else None
            if event is not None:
                tracker.feed(event)
        found |= {call.id: call for call in tracker.told()}
    return found


async def journalled(node: Node, stage: Stage, last: bytes) -> None:
    """Wait until the end of the load is on the disk."""
    folder = node.settings.journal_dir / str(stage.pbx_id)
    wanted = last.rstrip(b"\r\n").rpartition(b"\r\n\r\n")[2]
    async with asyncio.timeout(SECONDS):
        while True:
            reader = Reader(folder, stage.pbx_id, node.settings.secret_keys)
            if wanted in [entry.raw for entry in reader.entries()]:
                return
            await asyncio.sleep(0.1)


async def test_what_was_heard_before_a_kill_is_stored_after_it(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/base.sqlite3"
    settings = Settings(
        secret_key=new_key(), data_dir=tmp_path, database_url=url, public_url="http://127.0.0.1:1",
        trusted_proxies=(), metrics_token=None,
    )  # fmt: skip
    pbx = FakePbx()
    await pbx.open()
    async with Database(url) as database, ClientSession() as http:
        await migrations.upgrade(database)
        stage = Stage(database, settings, pbx)
        await stage.set_up()
        raws = [load(pbx, n) for n in range(CALLS * KILLS)]
        async with nodes(settings, tmp_path / "nodes", ["one"]) as [node]:
            for kill in range(KILLS):
                await node.start()
                await node.until(http, "ok")
                await stage.stored(lambda calls, n=kill * CALLS: len(calls) == n)
                other = sqlite3.connect(tmp_path / "base.sqlite3", isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                part = raws[kill * CALLS : (kill + 1) * CALLS]
                pbx.say(b"".join(part))
                await journalled(node, stage, part[-1])
                await node.gone()
                other.close()
                pbx.cut()
                assert len(await stage.calls()) == kill * CALLS
            await node.start()
            calls = await stage.stored(lambda calls: len(calls) == CALLS * KILLS)
            found = await stored.calls(database, [call.id for call in calls])
            expected = told(stage, raws)
            assert {call.id for call in found} == set(expected)
            assert [d for call in found for d in differences(call, expected[call.id])] == []
            await node.gone()
    await pbx.close()
