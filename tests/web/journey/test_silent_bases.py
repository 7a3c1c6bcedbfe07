"""A network that swallows what goes to the base, without an end: it is all stored afterwards."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from stage.offices import Stage

from chaos.proxy import Proxy
from chaos.pumps import Flow
from fixtures import bases
from storage.database import Database
from web.journey import records

pytestmark = [pytest.mark.postgres, pytest.mark.bar(33), pytest.mark.timeout(120)]

RINGALL = "ringall_queue_answered_asterisk_22"
CALLS = 10


@pytest.fixture
async def silent(settings, pbx, postgres_url, postgres_template) -> AsyncIterator[tuple]:
    """A stage whose base is behind a proxy, the proxy, and the base itself."""
    async with (
        bases.fresh_postgres(postgres_url, postgres_template) as base,
        Proxy(base.url.port, framed=False) as proxy,
    ):
        url = base.url.set(host="127.0.0.1", port=proxy.port)
        written = url.render_as_string(hide_password=False)
        async with Database(written) as database:
            changes = {"live_port": 0, "database_url": written}
            stage = Stage(database, settings.model_copy(update=changes), pbx)
            await stage.set_up()
            await stage.start()
            flows = proxy.down, proxy.up  # a test may leave them stalled
            yield stage, proxy, base
            proxy.cut()
            for flow in flows:
                flow.resume()
            await stage.close()


@pytest.mark.parametrize("is_forgotten", [False, True], ids=["it comes back", "it is forgotten"])
async def test_calls_pop_in_a_silence_and_are_stored_after_it(
    silent, monkeypatch, proof, is_forgotten
):
    """Some networks remember the old connections after it, others have forgotten them."""
    stage, proxy, base = silent
    monkeypatch.setattr(records, "ANSWER_SECONDS", 2.0)
    agent = await stage.screen("101")
    loads = [stage.pbx.later(RINGALL, seconds=100 * n) for n in range(CALLS)]
    for acts in loads[: CALLS // 2]:
        stage.pbx.say(b"".join(acts))
    await stage.stored(lambda cs: len(cs) == CALLS // 2 and all(c.ended_at for c in cs))
    proxy.stall()
    for acts in loads[CALLS // 2 :]:
        stage.pbx.say(b"".join(acts))
    await agent.hear("pop.opened", CALLS)
    await asyncio.sleep(3)
    if is_forgotten:
        proxy.down, proxy.up = Flow("down"), Flow("up")
    else:
        proxy.resume()
    stage.database = base
    async with asyncio.timeout(60):
        calls = await stage.stored(lambda cs: len(cs) == CALLS and all(c.ended_at for c in cs))
    assert len({call.linkedid for call in calls}) == CALLS
    proof.tried(CALLS, of="calls around a base that was silent")
