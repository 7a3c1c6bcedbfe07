"""A file on the shelf and the same file bare, served by ranges beside each other."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from aiohttp import ClientSession, web

from recordings.shelf import Shelf

LENGTH = 200_000  # bytes of a range


@asynccontextmanager
async def serving(shelf: Shelf, key: str, plain: Path) -> AsyncIterator[str]:
    """An address with `/sealed`, opened range by range, and `/bare`, aiohttp's FileResponse."""

    async def sealed(request: web.Request) -> web.StreamResponse:
        first = int(request.headers["Range"].removeprefix("bytes=").partition("-")[0])
        async with shelf.open(key) as file:
            response = web.StreamResponse(status=206)
            response.content_length = LENGTH
            await response.prepare(request)
            async for piece in file.pieces(first, LENGTH):
                await response.write(piece)
        return response

    async def bare(request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(plain)

    app = web.Application()
    app.router.add_get("/sealed", sealed)
    app.router.add_get("/bare", bare)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def somewhere(chance: Random, size: int) -> dict[str, str]:
    """The header that asks for a range anywhere in a file of so many bytes."""
    first = chance.randrange(size - LENGTH)
    return {"Range": f"bytes={first}-{first + LENGTH - 1}"}


async def first_byte(client: ClientSession, address: str, headers: dict[str, str]) -> float:
    """Milliseconds until the first byte of a range is there; the rest of it is read, too."""
    began = time.perf_counter()
    async with client.get(address, headers=headers) as response:
        await response.content.read(1)
        took = (time.perf_counter() - began) * 1000
        await response.content.read()
    return took
