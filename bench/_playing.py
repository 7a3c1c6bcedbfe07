"""Ringbook with one recording, and a log-in that may hear it; beside it the plain file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.recordings
import storage.sessions
from fixtures.calls import Teller, set_stage
from fixtures.cast import add_user
from lab.ports import free_ports
from recordings.naming import shelf_key
from recordings.shelf import Shelf, Stored
from storage import migrations
from storage.database import Database
from storage.recordings import Sound
from storage.rules.permissions import Permission, RoleName
from storage.secrets import new_key
from web import app as application
from web.auth import COOKIE, requires
from web.config import Settings
from web.keys import DATABASE, SHELF, VISITOR
from web.listening import sounds


@asynccontextmanager
async def playing(folder: Path, plain: Path) -> AsyncIterator[tuple[str, dict[str, str], str, str]]:
    """Give the address of a Ringbook, a log-in's cookie, and the paths of a sound and its like.

    Behind the first path a play of the sealed file is open; behind the second the plain file is
    given by FileResponse after the same questions to the base.
    """
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    async with Database(f"sqlite+aiosqlite:///{folder}/base.db") as base:
        await migrations.upgrade(base)
        settings = Settings(
            secret_key=new_key(), data_dir=folder, public_url=address, port=port,
            database_url=base.url.render_as_string(hide_password=False),
        )  # fmt: skip
        app = application.build(settings, base, None)  # nobody calls
        app.router.add_get("/plain/{id}", _plainly(plain))
        play, cookie = await _opened(base, app, plain)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield address, {COOKIE: cookie}, f"/plays/{play}/audio", f"/plain/{play}"
        finally:
            await runner.cleanup()


def _plainly(plain: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The bytes of a play as web/listening gives them, but plain and by aiohttp."""

    @requires(Permission.LISTEN_RECORDINGS)
    async def give(request: web.Request) -> web.StreamResponse:
        async with request.app[DATABASE].reading() as session:
            recording, silenced = await storage.recordings.played(
                session, UUID(request.match_info["id"]), user_id=request[VISITOR].user_id,
                now=datetime.now(UTC),
            )  # fmt: skip
            await sounds.played(session, recording, silenced)
        return web.FileResponse(plain)

    return give


async def _opened(base: Database, app: web.Application, plain: Path) -> tuple[UUID, str]:
    """A call with the file sealed on the shelf; gives an open play of it and a log-in's cookie."""
    stage = await set_stage(base)
    call = Teller(stage.pbx).ended()
    key, now = call.recordings[0].id, datetime.now(UTC)
    place = shelf_key(call.id, key)
    kept = await asyncio.to_thread(_shelve, app[SHELF], plain, place)
    user = await add_user(base, "sue", RoleName.SUPERVISOR)
    async with base.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
        sound = Sound(place, "audio/wav", kept.size, kept.size / 16_000, kept.sha256)
        await storage.recordings.shelved(session, key, sound)
        play, _ = await storage.recordings.open_play(session, key, user_id=user.id, now=now)
        opened = await storage.sessions.open_for(
            session, user.id, now=now, hours=1, address="127.0.0.1", browser=""
        )
    return play.id, opened.cookie


def _shelve(shelf: Shelf, plain: Path, place: str) -> Stored:
    with plain.open("rb") as file:
        return shelf.put(file, place)
