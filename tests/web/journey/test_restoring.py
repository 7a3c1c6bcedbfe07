"""Cards that wait are looked for at a start; what is finished meanwhile stays finished."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from stage.offices import Stage

import storage.calls
from pbx_bridge.call import CallState
from web.journey import stored

RINGALL = "ringall_queue_answered_asterisk_22"


async def wrap_up(stage: Stage, user: UUID, card: dict[str, str]) -> None:
    call = UUID(card["call"])
    async with stage.database.writing() as session:
        await storage.calls.wrap_up(
            session, call, user_id=user, outcome_id=None, note="said", by=user
        )
    await stage.bridge.wrapped_up(user, call)


async def put_away(stage: Stage, user: UUID, card: dict[str, str]) -> None:
    offer = UUID(card["id"])
    async with stage.database.writing() as session:
        await storage.calls.dismiss(session, offer, user_id=user, at=datetime.now(UTC))
    await stage.bridge.dismissed(user, offer)


@pytest.mark.parametrize("finish", [wrap_up, put_away])
async def test_a_card_that_is_finished_while_it_is_looked_for_is_not_shown_again(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    finish: Callable[[Stage, UUID, dict[str, str]], Awaitable[None]],
) -> None:
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.move_to_now(RINGALL)
    [card] = await agent.until(
        lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up"]
    )
    await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    was_read, may_go_on, calls = asyncio.Event(), asyncio.Event(), stored.calls

    async def slowly(*given: object) -> object:
        found = await calls(*given)  # as they were before it was finished
        was_read.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(stored, "calls", slowly)
    restoring = asyncio.create_task(stage.bridge._restore())
    await was_read.wait()
    await finish(stage, stage.users["101"].id, card)
    await agent.hear("pop.closed")
    may_go_on.set()
    await restoring
    assert not stage.bridge._pops.has(UUID(card["call"]))
    assert not (await stage.screen("101")).view.pops


async def test_a_card_that_nobody_finished_meanwhile_is_shown_once(stage: Stage) -> None:
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.move_to_now(RINGALL)
    [card] = await agent.until(
        lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up"]
    )
    await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    await stage.bridge._restore()
    again = await stage.screen("101")
    assert list(again.view.pops) == [card["id"]]
    assert len(agent.of("pop.opened")) == 1
