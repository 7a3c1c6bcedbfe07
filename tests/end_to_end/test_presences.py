"""Taking calls or not, against real Asterisks: the desk and the PBX never say different things."""

import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

import storage.pause_reasons
import storage.queues
from fixtures.house import House, PbxAt, house
from fixtures.screens import Screen, screen
from lab import sipp
from lab.layout import Kind, Queue
from lab.pbx import Pbx
from storage.database import Database
from web.auth import COOKIE, csrf_token_of

pytestmark = pytest.mark.asterisk


class Desk:
    """Ann's desk: what her screen was told, and the forms that she sends."""

    def __init__(self, house_: House, seen: Screen, http: ClientSession, cookie: str) -> None:
        self.house = house_
        self._screen = seen
        self._http = http
        self._cookie = cookie

    def now(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for message in self._screen.messages:
            if message["type"] == "snapshot":
                told = next(iter(message["data"]["presences"]), told)
            elif message["type"] == "presence.changed":
                told = message["data"]
        return told

    async def must_be(self, state: str, **more: Any) -> dict[str, Any]:
        wanted = {"state": state, **more}
        try:
            await self._screen.until(lambda _: wanted.items() <= self.now().items(), seconds=30)
        except AssertionError:
            raise AssertionError(f"wanted {wanted}, is {self.now()}") from None
        return self.now()

    async def send(self, what: str, **fields: str) -> int:
        headers = {
            "Origin": self.house.settings.public_origin, "Cookie": f"{COOKIE}={self._cookie}",
            "X-CSRF-Token": csrf_token_of(self._cookie), "Accept": "application/json",
        }  # fmt: skip
        url = f"{self.house.url}/desk/presence/{what}"
        async with self._http.post(url, data=fields, headers=headers) as response:
            return response.status

    async def pause(self, **fields: str) -> int:
        async with self.house.database.reading() as session:
            [reason] = await storage.pause_reasons.listed(session)
        return await self.send("pauses", reason=str(reason.id), **fields)


@asynccontextmanager
async def sitting(
    pbx: Pbx,
    queue: Queue,
    database: Database,
    folder: Path,
    http: ClientSession,
    *,
    seconds: int = 0,
):
    at = PbxAt(
        pbx.port, pbx.username, pbx.secret, pbx.monitor_as_pbx_names_it, pbx.monitor, queue.agents
    )
    async with house(database, folder, at) as made:
        async with database.writing() as session:
            now = datetime.now(UTC)
            await storage.pause_reasons.create(session, "Lunch", now=now, by=None)
            row = await storage.queues.ensure(session, made.pbx_id, queue.name)
            await storage.queues.arrange(
                session, row.id, wrap_up_seconds=seconds, wrap_up_pauses=True,
                agents_log_in=True, by=None,
            )  # fmt: skip
        await made.running.bridge.phones_changed()
        token, cookie = await made.token("ann", "live"), await made.cookie("ann")
        async with screen(made.settings.live_url, token) as seen:
            yield Desk(made, seen, http, cookie)


async def member(pbx: Pbx, queue: Queue) -> str:
    """Ann's line of `queue show`, "" where she is not in the queue."""
    shown = re.sub(r"\x1b\[[0-9;]*m", "", await pbx.cli(f"queue show {queue.name}"))
    return next((line for line in shown.splitlines() if f"PJSIP/{queue.agents[0]})" in line
                 or f"PJSIP/{queue.agents[0]} " in line), "")  # fmt: skip


async def test_a_pause_from_the_desk_is_what_the_pbx_has(
    pbx, queue, database, tmp_path, http
) -> None:
    async with sitting(pbx, queue, database, tmp_path, http) as ann:
        await ann.must_be("available")
        assert await ann.pause() == 200
        now = await ann.must_be("paused", why="Lunch", by="desk", asking=None)
        assert [each["can_leave"] for each in now["queues"]] == [False]
        assert "paused" in await member(pbx, queue)
        assert await ann.send("log-outs", pbx=now["pbx"], queue=queue.name) == 422
        assert await ann.send("returns") == 200
        await ann.must_be("available", by="desk", asking=None)
        assert "paused" not in await member(pbx, queue)


async def test_what_the_phone_or_another_program_sets_is_followed(
    pbx, queue, database, tmp_path, http
) -> None:
    interface = f"PJSIP/{queue.agents[0]}"
    async with sitting(pbx, queue, database, tmp_path, http) as ann:
        await ann.must_be("available")
        await pbx.tap.ask(Action="QueuePause", Interface=interface, Paused="true", Reason="Tea")
        await ann.must_be("paused", why="Tea", by="phone")
        await pbx.tap.ask(Action="QueuePause", Interface=interface, Paused="false")
        await ann.must_be("available", by="phone")


async def test_a_phone_that_let_it_ring_is_said_to_be_paused_by_the_pbx(
    pbx, database, tmp_path, http
) -> None:
    queue = pbx.queue(Kind.PAUSING)
    async with sitting(pbx, queue, database, tmp_path, http) as ann:
        await ann.must_be("available")
        async with sipp.phone(pbx, queue.agents[0]), sipp.phone(pbx, queue.agents[1]):
            await sipp.caller(pbx, number="+442071234567", dial=queue.number, hang_up_after=6)
            await ann.must_be("paused", why="Auto-Pause", by="pbx")
        assert "paused" in await member(pbx, queue)


async def test_an_agent_logs_in_to_a_queue_and_out(pbx, queue, database, tmp_path, http) -> None:
    async with sitting(pbx, queue, database, tmp_path, http) as ann:
        now = await ann.must_be("available")
        other = pbx.queue(Kind.HUNTING)
        async with database.writing() as session:
            row = await storage.queues.ensure(session, ann.house.pbx_id, other.name)
            await storage.queues.arrange(
                session, row.id, wrap_up_seconds=0, wrap_up_pauses=False, agents_log_in=True,
                by=None,
            )  # fmt: skip
        await ann.house.running.bridge.phones_changed()
        there = {"pbx": now["pbx"], "queue": other.name}
        assert await ann.send("log-ins", **there) == 200
        await ann._screen.until(lambda _: len(ann.now()["queues"]) == 2)
        joined = next(each for each in ann.now()["queues"] if each["name"] == other.name)
        assert (joined["can_leave"], joined["by"]) == (True, "desk")
        assert f"PJSIP/{queue.agents[0]}" in await pbx.cli(f"queue show {other.name}")
        assert await ann.pause(**there) == 200
        await ann._screen.until(lambda _: any(each["paused"] for each in ann.now()["queues"]))
        assert ann.now()["state"] == "available"
        assert await ann.send("log-outs", **there) == 200
        await ann._screen.until(lambda _: len(ann.now()["queues"]) == 1)
        assert f"PJSIP/{queue.agents[0]}" not in await pbx.cli(f"queue show {other.name}")


async def test_after_a_call_the_pbx_keeps_others_away_until_the_wrap_up_is_over(
    pbx, queue, database, tmp_path, http
) -> None:
    first, second = queue.agents
    async with sitting(pbx, queue, database, tmp_path, http, seconds=3) as ann:
        await ann.must_be("available")
        async with (
            sipp.phone(pbx, first, answers_after=0.5, hangs_up_after=1),
            sipp.phone(pbx, second),
        ):
            await sipp.caller(pbx, number="+442071234567", dial=queue.number)
        now = await ann.must_be("wrap_up")
        assert now["wrap_up"]["holder"] == "ringbook"
        assert "paused" in await member(pbx, queue)
        await ann.must_be("available", wrap_up=None)
        assert "paused" not in await member(pbx, queue)


async def test_a_pbx_that_died_is_unknown_and_then_as_it_says(
    pbx, queue, database, tmp_path, http
) -> None:
    async with sitting(pbx, queue, database, tmp_path, http) as ann:
        await ann.must_be("available")
        await ann.pause()
        await ann.must_be("paused", why="Lunch")
        await pbx.killed()
        await ann.must_be("unknown")
        assert await ann.send("returns") == 422
        await pbx.up_again()
        await ann.must_be("available")  # it forgot the pause
        assert "paused" not in await member(pbx, queue)


async def test_a_member_that_a_reload_took_out_is_in_its_queue_no_more(
    pbx, queue, database, tmp_path, http
) -> None:
    async with sitting(pbx, queue, database, tmp_path, http) as ann:
        await ann.must_be("available")
        path = pbx.home / "etc/queues.conf"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(e for e in lines if f"PJSIP/{queue.agents[0]}" not in e))
        await pbx.cli("queue reload all")
        assert await member(pbx, queue) == ""
        assert await ann.pause() == 422  # the PBX refuses, and is looked at
        await ann.must_be("offline", why="no_queue")
