"""A node takes over what another one stored and showed; both listen all the time."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from stage.offices import Stage
from stage.pbxs import FakePbx

import storage.calls
from fixtures import bases
from storage.audit import AuditEntry
from storage.database import Database
from storage.secrets import new_key
from web.config import Settings
from web.journey.leader import Leader

pytestmark = pytest.mark.postgres
STREAM_BEGAN = 1795342885
RINGALL = "ringall_queue_answered_asterisk_22"  # 101 answers what 102 loses


class Two:
    """Two nodes on one base; the first leads."""

    def __init__(self, first: Stage, second: Stage, leaders: tuple[Leader, Leader]) -> None:
        self.first, self.second = first, second
        self.leaders = leaders
        self.age = int(time.time()) - STREAM_BEGAN
        self.acts = first.pbx.later(RINGALL, seconds=self.age)  # as if they happened now

    async def run(self, statement: str) -> None:
        async with self.first.database.engine.begin() as connection:
            await connection.execute(text(statement))

    async def nobody_leads(self) -> None:
        """The first cannot write any more, and the second cannot take over yet."""
        await self.run("UPDATE leases SET fence = fence + 1, expires_at = 'infinity'")

    async def take_over(self) -> None:
        """The first leads no more; wait until the second does."""
        await self.run("UPDATE leases SET fence = fence + 1, expires_at = 'epoch'")
        assert self.second.bridge is not None
        await self.second.eventually(self.second.bridge.leads)

    async def offer(self, extension: str) -> UUID:
        """Wait until the offer is stored; gives its id."""
        [call] = await self.first.stored(lambda calls: calls)
        async with self.first.database.reading() as session:
            story = await storage.calls.get(session, call.id)
        return next(offer.id for offer in story.offers if offer.extension == extension)


@pytest.fixture
async def two(
    postgres_url: str, postgres_template: str, tmp_path: Path, pbx: FakePbx
) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(bases.fresh_postgres(postgres_url, postgres_template))
        url = one.url.render_as_string(hide_password=False)
        other = await stack.enter_async_context(Database(url))
        key, stages, leaders = new_key(), [], []
        for name, base in (("one", one), ("two", other)):
            settings = Settings(
                secret_key=key, data_dir=tmp_path / name, database_url=url, live_port=0
            )
            stages.append(Stage(base, settings, pbx))
            if len(stages) == 1:
                await stages[0].set_up()
            leaders.append(await stack.enter_async_context(Leader(base, name=name)))
        first, second = stages
        second.pbx_id, second.users, second._cookies = first.pbx_id, first.users, first._cookies
        for node, leader in zip(stages, leaders, strict=True):
            stack.push_async_callback(node.close)
            await node.start(leader)
        await first.eventually(lambda: pbx.listed == 2)
        yield Two(first, second, (leaders[0], leaders[1]))


async def test_what_rings_pops_at_the_new_leader_but_not_what_was_put_away(two: Two) -> None:
    two.first.pbx.say(two.acts[0])
    offer = await two.offer("101")
    async with two.first.database.writing() as session:
        user = two.first.users["101"].id
        await storage.calls.dismiss(session, offer, user_id=user, at=datetime.now(UTC))
    await two.take_over()
    winner, loser = await two.second.screen("101"), await two.second.screen("102")
    card = await loser.card()
    assert card["state"] == "ringing"
    for act in two.acts[1:]:
        two.second.pbx.say(act)
    await loser.until(lambda s: s.of("pop.closed"))
    await two.second.stored(lambda calls: calls[0].ended_at)
    assert winner.view.pops == {}
    assert winner.of("pop.opened") == []


async def test_a_new_leader_that_counted_less_is_believed(two: Two) -> None:
    two.first.pbx.say(two.acts[0])
    await two.offer("101")
    await two.run("UPDATE calls SET revision = 1000")
    await two.take_over()
    for act in two.acts[1:]:
        two.second.pbx.say(act)
    [call] = await two.second.stored(lambda calls: calls[0].ended_at)
    assert call.result == "answered"
    assert call.revision > 1000


async def test_what_ended_while_nobody_led_is_stored_and_waits_for_its_wrap_up(two: Two) -> None:
    two.first.pbx.say(two.acts[0])
    await two.offer("101")
    await two.nobody_leads()
    for act in two.acts[1:]:
        two.first.pbx.say(act)
    tracker = two.second.bridge.lines._open[two.second.pbx_id].journey.tracker
    await two.second.eventually(lambda: [call for call in tracker.told() if call.ended_at])
    assert [call.ended_at for call in await two.first.calls()] == [None]
    await two.take_over()
    [call] = await two.second.stored(lambda calls: calls[0].ended_at)
    assert call.result == "answered"
    card = await (await two.second.screen("101")).card()
    assert (card["call"], card["state"]) == (str(call.id), "wrap_up")


async def test_what_the_last_leader_stored_as_over_is_left_as_it_is(two: Two) -> None:
    for act in two.acts:
        two.first.pbx.say(act)
    [call] = await two.first.stored(lambda calls: calls and calls[0].ended_at)
    await two.take_over()
    two.second.pbx.say(two.second.pbx.later(RINGALL, seconds=two.age + 60)[0])  # behind it
    same, _ = await two.second.stored(lambda calls: len(calls) == 2)
    async with two.first.database.reading() as session:
        revised = select(AuditEntry).where(AuditEntry.action == "call.revised")
        assert (await session.scalars(revised)).all() == []
    assert same.revision == call.revision
