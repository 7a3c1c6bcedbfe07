"""The proxy before PostgreSQL: a base that is slow, silent or cut off, as a network makes it."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from chaos.faults import NONE, Faults
from chaos.proxy import Proxy

pytestmark = pytest.mark.postgres


async def test_a_base_behind_the_proxy_is_used_stalled_and_cut(postgres_url: str):
    address = make_url(postgres_url)
    loop = asyncio.get_running_loop()
    async with Proxy(address.port, framed=False) as proxy:
        near = address.set(drivername="postgresql", port=proxy.port)
        base = await asyncpg.connect(near.render_as_string(hide_password=False), ssl=False)
        assert await base.fetchval("SELECT repeat('x', 1000000)") == "x" * 1_000_000
        proxy.down.faults = Faults(pieces=(1, 3, 7))
        assert await base.fetchval("SELECT array_agg(n) FROM generate_series(1, 100) n") == [
            *range(1, 101)
        ]
        proxy.down.faults = Faults(delay=(0.2, 0.2))
        begun = loop.time()
        assert await base.fetchval("SELECT 1") == 1
        assert loop.time() - begun >= 0.2
        proxy.down.faults = NONE
        proxy.stall()
        asking = asyncio.create_task(base.fetchval("SELECT 2"))
        await asyncio.sleep(0.3)
        assert not asking.done()
        proxy.resume()
        assert await asking == 2
        proxy.cut()
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
            await base.fetchval("SELECT 3")
        base.terminate()
