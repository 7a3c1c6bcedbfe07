"""A card says whether its queue has a script, also when that changes."""

from datetime import UTC, datetime

import storage.queues
import storage.scripts
from fixtures.scripts import OUTLINE
from pbx_bridge.call import CallState

ABANDONED = "abandoned_in_queue_asterisk_22"


async def test_a_card_knows_whether_there_is_a_script(stage):
    await stage.start()
    stage.pbx.say_act(ABANDONED)
    [first] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    now = datetime.now(UTC)
    async with stage.database.writing() as session:
        queue = await storage.queues.named(session, first.pbx_id, first.queue)
        script = await storage.scripts.create(session, "Survey", by=None, now=now)
        await storage.scripts.save(
            session, script.id, "Survey", OUTLINE, version=1, by=None, now=now
        )
        await storage.scripts.assign(session, script.id, [queue.id], by=None)
        await storage.scripts.publish(session, script.id, version=2, by=None, now=now)
    await stage.bridge.phones_changed()
    agent = await stage.screen("101")
    stage.pbx.say(stage.pbx.later(ABANDONED, seconds=60)[0])
    assert (await agent.card())["scripted"] is True
    async with stage.database.writing() as session:
        await storage.scripts.withdraw(session, script.id, by=None)
    await stage.bridge.phones_changed()
    assert (await agent.hear("pop.changed"))["scripted"] is False


async def test_who_is_in_a_call_is_told_to_look_at_its_script(stage):
    await stage.start()
    agent = await stage.screen("101")
    call, users = stage.bridge.hub.epoch, set(stage.bridge.screens.seats.users.values())
    stage.bridge.script_changed(users, call)
    assert await agent.hear("script.changed") == {"call": call}
