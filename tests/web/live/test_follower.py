"""`ringbook live`: it shows what happens, comes back, and knows when it is of no use."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner
from websockets.asyncio.server import ServerConnection, serve

from web.cli import live as terminal
from web.cli.live import Ended, Follower, live

CARD = {
    "id": "1",
    "state": "ringing",
    "name": "a stranger\x1b[2J\u202e",
    "number": {"e164": "+442071234567", "written": ""},
    "match": {"level": "unknown"},
    "queue": "sales",
    "customer": None,
}
EMPTY = {"pops": [], "closed": [], "phones": [], "links": [], "storage": {}, "now": ""}


def message(n: int, kind: str, data: Any) -> str:
    return json.dumps({"v": 1, "epoch": "e", "n": n, "type": kind, "data": data})


async def followed(handler, until) -> list[str]:
    """Follow a server that behaves like `handler` until the printed lines are as `until` says."""
    said: list[str] = []
    async with serve(handler, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        done = asyncio.Event()

        def say(line: str) -> None:
            said.append(line)
            if until(said):
                done.set()

        following = asyncio.create_task(Follower(f"ws://127.0.0.1:{port}/", "t", say).follow())
        waiting = asyncio.create_task(done.wait())
        async with asyncio.timeout(10):
            await asyncio.wait({following, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not following.done():
            following.cancel()
        await asyncio.wait({following, waiting})
        if not following.cancelled():
            await following
    return said


async def test_a_pop_is_one_line_without_anything_a_terminal_obeys():
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(message(0, "snapshot", EMPTY))
        await socket.send(message(1, "pop.opened", CARD))
        await socket.wait_closed()

    said = await followed(server, lambda lines: len(lines) == 1)
    assert said == ["ringing     a stranger [2J  · +442071234567 · unknown · sales"]


async def test_after_a_cut_it_names_what_it_saw(monkeypatch):
    monkeypatch.setattr(terminal, "FIRST_PAUSE", 0.01)
    hellos: list[dict] = []

    async def server(socket: ServerConnection) -> None:
        hellos.append(json.loads(await socket.recv()))
        if len(hellos) == 1:
            await socket.send(message(0, "snapshot", EMPTY))
            await socket.send(message(1, "pop.opened", CARD))
            await socket.close(1012)
        else:
            await socket.send(message(1, "resumed", {"missed": 1, "now": ""}))
            await socket.send(message(2, "pop.closed", {"id": "1", "why": "missed", "name": "X"}))
            await socket.wait_closed()

    said = await followed(server, lambda lines: lines[-1].startswith("missed"))
    assert hellos == [
        {"v": 1, "type": "hello"},
        {"v": 1, "type": "hello", "epoch": "e", "n": 1},
    ]
    assert said[1:] == ["-- connection lost (1012)", "missed      X"]


async def test_a_missing_message_has_it_begin_from_a_snapshot(monkeypatch):
    monkeypatch.setattr(terminal, "FIRST_PAUSE", 0.01)
    hellos: list[dict] = []

    async def server(socket: ServerConnection) -> None:
        hellos.append(json.loads(await socket.recv()))
        pops = [CARD] if len(hellos) > 1 else []
        await socket.send(message(len(hellos), "snapshot", EMPTY | {"pops": pops}))
        await socket.send(message(9, "pop.opened", CARD))
        await socket.wait_closed()

    await followed(server, lambda lines: lines)
    assert hellos == [{"v": 1, "type": "hello"}] * 2


async def test_a_revoked_token_ends_it():
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(4401)

    with pytest.raises(Ended, match="revoked"):
        await followed(server, lambda _: False)


async def test_a_wrong_token_is_said_in_a_sentence():
    async def server(_: ServerConnection) -> None:
        raise AssertionError("never reached")

    async with serve(
        server,
        "127.0.0.1",
        0,
        process_request=lambda connection, _: connection.respond(401, ""),
    ) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(Ended, match="token create"):
            await Follower(f"ws://127.0.0.1:{port}/", "t", print).follow()


def test_without_a_token_it_says_how_to_give_one(monkeypatch):
    monkeypatch.delenv("RINGBOOK_TOKEN", raising=False)
    result = CliRunner().invoke(live, [])
    assert result.exit_code == 2
    assert "RINGBOOK_TOKEN" in result.output
