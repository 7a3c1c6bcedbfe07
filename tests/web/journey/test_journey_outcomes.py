"""The outcomes on a card are those of its queue."""

from datetime import UTC, datetime

import storage.outcomes
import storage.queues
from pbx_bridge.call import CallState

ABANDONED = "abandoned_in_queue_asterisk_22"


async def test_a_card_offers_the_outcomes_of_its_queue_also_when_they_change(stage):
    await stage.start()
    stage.pbx.say_act(ABANDONED)
    [first] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    now = datetime.now(UTC)
    async with stage.database.writing() as session:
        sold, _ = [
            await storage.outcomes.create(session, name, now=now, by=None)
            for name in ("Sold", "Later")
        ]
        queue = await storage.queues.named(session, first.pbx_id, first.queue)
        assert queue is not None
        await storage.outcomes.choose(session, queue.id, [sold.id], required=False, by=None)
    await stage.bridge.phones_changed()
    agent = await stage.screen("101")
    stage.pbx.say(stage.pbx.later(ABANDONED, seconds=60)[0])
    card = await agent.card()
    assert [o["name"] for o in card["outcomes"]] == ["Sold"]
    assert card["outcome_required"] is False
    async with stage.database.writing() as session:
        await storage.outcomes.choose(session, queue.id, (), required=True, by=None)
    await stage.bridge.phones_changed()
    changed = await agent.hear("pop.changed")
    assert [o["name"] for o in changed["outcomes"]] == ["Sold", "Later"]
    assert changed["outcome_required"] is True
