"""What people decide on the pages shows on the cards."""

from uuid import UUID

import pytest

import storage.calls

RINGALL = "ringall_queue_answered_asterisk_22"
ABANDONED = "abandoned_in_queue_asterisk_22"


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "by a number"])
async def test_a_card_follows_what_people_decide_about_its_customer(stage, by_hand):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(ABANDONED, 0)
    card = await agent.hear("pop.opened")
    assert card["match"]["level"] == "unknown"
    [call] = await stage.stored(lambda calls: calls)
    if by_hand:
        zoe = await stage.add_customer("Zoë")
        async with stage.database.writing() as session:
            await storage.calls.match_by_hand(session, call.id, zoe, by=None)
        await stage.bridge.call_matched(call.id)
    else:
        zoe = await stage.add_customer("Zoë", "+442071230006")
        await stage.bridge.customer_changed(zoe)
    changed = await agent.until(lambda s: [c for c in s.of("pop.changed") if c["customer"]])
    assert changed[0]["customer"]["id"] == str(zoe)
    await stage.stored(lambda calls: calls[0].customer_id == zoe)


async def test_a_dismissed_card_is_gone_on_every_screen_of_its_agent_only(stage):
    await stage.start()
    tabs = [await stage.screen("101") for _ in range(2)]
    other = await stage.screen("102")
    stage.pbx.say_act(RINGALL, 0)
    card = await tabs[0].hear("pop.opened")
    await other.hear("pop.opened")
    await stage.bridge.dismissed(stage.users["102"].id, UUID(card["id"]))
    await stage.bridge.dismissed(stage.users["101"].id, UUID(card["id"]))
    for tab in tabs:
        assert (await tab.hear("pop.closed"))["why"] == "dismissed"
    assert not other.of("pop.closed")
    assert not tabs[0].view.pops
