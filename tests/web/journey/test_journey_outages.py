"""The base is away, or chokes on a call: pops come all the same, and nothing is lost."""

from sqlalchemy.exc import OperationalError

import storage.calls
from pbx_bridge.call import CallResult, CallState
from storage.cards import CardsUnreadable
from web.journey import pops, records

RINGALL = "ringall_queue_answered_asterisk_22"
ABANDONED = "abandoned_in_queue_asterisk_22"


async def test_pops_do_not_wait_for_a_base_that_is_away_and_nothing_is_lost(stage, monkeypatch):
    await stage.start()
    monkeypatch.setattr(pops, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(records, "BEHIND_SECONDS", 0.2)
    save, away = storage.calls.save_many, [True]

    async def no_base(*args: object, **options: object) -> None:
        if away:
            raise OperationalError("insert", {}, Exception("gone"))
        await save(*args, **options)

    async def no_card(*args: object, **options: object) -> None:
        raise CardsUnreadable("gone")

    monkeypatch.setattr(storage.calls, "save_many", no_base)
    find = stage.bridge._cards.find
    monkeypatch.setattr(stage.bridge._cards, "find", no_card)
    agent = await stage.screen("101")
    stage.pbx.say_act(ABANDONED, 0)
    card = await agent.hear("pop.opened")
    assert card["number"]["e164"] == "+442071230006"
    assert not card["is_complete"]
    behind = await agent.hear("storage.changed")
    assert behind["behind"]
    assert not await stage.calls()

    monkeypatch.setattr(stage.bridge._cards, "find", find)
    away.clear()
    await agent.until(lambda s: [c for c in s.of("pop.changed") if c["is_complete"]])
    await stage.stored(lambda calls: len(calls) == 1)
    caught_up = await agent.hear("storage.changed", 2)
    assert not caught_up["behind"]


async def test_a_revision_that_was_not_stored_is_stored_when_the_base_is_back(stage, monkeypatch):
    await stage.start()
    save, tries = storage.calls.save_many, []

    async def no_base(*args: object, **options: object) -> None:
        tries.append(1)
        if len(tries) < 4:
            raise OperationalError("insert", {}, Exception("gone"))
        await save(*args, **options)

    monkeypatch.setattr(storage.calls, "save_many", no_base)
    stage.pbx.say_act(ABANDONED)
    [call] = await stage.stored(lambda calls: calls)
    assert (call.state, call.result) == (CallState.ENDED, CallResult.ABANDONED)
    assert len(tries) >= 4


async def test_one_call_that_cannot_be_stored_keeps_no_other_away(stage, monkeypatch):
    await stage.start()
    save, poisoned = storage.calls.save_many, []

    async def choke(session: object, told: list) -> None:
        poisoned.extend(call.id for call, _ in told if not poisoned)
        if any(call.id in poisoned for call, _ in told):
            raise ValueError("poison")
        await save(session, told)

    monkeypatch.setattr(storage.calls, "save_many", choke)
    stage.pbx.say_act(RINGALL)
    await stage.eventually(lambda: poisoned)
    for act in stage.pbx.later(ABANDONED, seconds=3600):
        stage.pbx.say(act)
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    assert call.id not in poisoned
    monkeypatch.setattr(storage.calls, "save_many", save)
