"""An account that lacks rights works on, and every screen is told what is missing."""

import pytest

from web.journey import rights

JOIN = "ringall_queue_answered_asterisk_22"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(rights, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr("pbx_bridge.checkup.provoking.PATIENCE", 0.2)


def lacks(screen) -> list[str] | None:
    links = list(screen.view.links.values())
    return links[0]["lacks"] if links and links[0]["status"] == "connected" else None


async def test_a_class_whose_provoked_event_does_not_come_is_told(stage):
    stage.pbx.is_deaf = True
    await stage.start()
    screen = await stage.screen("101")
    assert await screen.until(lambda s: lacks(s) == ["read:dialplan"])
    [link] = stage.bridge.links()
    assert (link.status, link.lacks) == ("connected", ("read:dialplan",))
    assert stage.bridge.metrics.link_lacks.labels("lab")._value.get() == 1


async def test_it_is_told_no_longer_after_a_login_of_a_mended_account(stage):
    stage.pbx.is_deaf = True
    await stage.start()
    screen = await stage.screen("101")
    assert await screen.until(lambda s: lacks(s) == ["read:dialplan"])
    stage.pbx.is_deaf = False
    stage.pbx.cut()
    assert await screen.until(lambda s: lacks(s) == [])
    assert stage.bridge.links()[0].lacks == ()


async def test_a_caller_who_waits_without_having_joined_shows_that_agent_is_not_read(stage):
    await stage.start()
    screen = await stage.screen("101")
    await stage.eventually(lambda: "QueueSummary" in stage.pbx.asked)
    stage.pbx.waiting = {"sales": 1}
    stage.pbx.up = [("PJSIP/trunk-1", "7.1")]
    assert await screen.until(lambda s: lacks(s) == ["read:agent", "read:call"])
    stage.pbx.say_act(JOIN, 0, 1)  # it was a matter of patience: the news come after all
    assert await screen.until(lambda s: lacks(s) == [])


async def test_actions_that_the_account_may_not_send_are_told(stage):
    stage.pbx.commands = ("Ping", "QueueStatus", "Redirect", "QueuePause", "CoreShowChannels")
    await stage.start()
    screen = await stage.screen("101")
    assert await screen.until(lambda s: lacks(s) == ["write:originate"])


async def test_an_account_that_was_mended_is_noticed_without_anybody_saying_so(stage, monkeypatch):
    monkeypatch.setattr(rights, "SCOUT_SECONDS", 0.2)
    stage.pbx.is_deaf = True
    await stage.start()
    screen = await stage.screen("101")
    assert await screen.until(lambda s: lacks(s) == ["read:dialplan"])
    stage.pbx.is_deaf = False
    assert await screen.until(lambda s: lacks(s) == [])


async def test_a_whole_account_is_asked_nothing_more_once_all_has_shown_itself(stage):
    await stage.start()
    stage.pbx.say_act(JOIN)
    await stage.stored(lambda calls: [c for c in calls if c.ended_at])
    [one] = stage.bridge.lines._open.values()
    watch = one.journey._rights
    await stage.eventually(watch._tasks["watch"].done)
    assert watch.lacks == frozenset()
    assert not watch.witness.unheard


async def test_a_pbx_whose_queues_nobody_calls_is_not_asked_for_its_channels_for_ever(stage):
    await stage.start()
    stage.pbx.say_act("extension_answered_asterisk_22", 0)
    [one] = stage.bridge.lines._open.values()
    watch = one.journey._rights
    await stage.eventually(lambda: not (watch.witness.lacks("call") or one.journey.link.backlog))
    await stage.eventually(lambda: not watch.witness.lacks("dialplan"))
    stage.pbx.asked.clear()
    await stage.eventually(lambda: stage.pbx.asked.count("QueueSummary") > 2)
    assert stage.pbx.asked.count("Status") <= 1  # one may have been under way
