"""An Asterisk that starts lets us in before it knows every command: it is asked again."""

import pytest

from web.journey import snapshots

ALL = ("BridgeList", "CoreShowChannels", "QueueStatus", "ParkedCalls", "DeviceStateList")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "ASK_AGAIN_SECONDS", 0.05)


async def test_what_the_pbx_does_not_know_yet_is_asked_again_until_it_does(stage) -> None:
    stage.pbx.refused = {"QueueStatus": 3, "DeviceStateList": 1}
    await stage.start()
    await stage.eventually(lambda: stage.pbx.asked.count("QueueStatus") == 4)
    await stage.eventually(lambda: stage.pbx.asked.count("DeviceStateList") == 2)
    lists = [name for name in stage.pbx.asked if name in ALL]
    assert lists[:5] == list(ALL)  # the order is kept, whatever is refused
    assert lists.count("ParkedCalls") == 1


async def test_channels_are_asked_for_until_they_are_listed_before_anything_else(stage) -> None:
    stage.pbx.refused = {"CoreShowChannels": 2}
    await stage.start()
    await stage.eventually(lambda: "QueueStatus" in stage.pbx.asked)
    before = stage.pbx.asked[: stage.pbx.asked.index("QueueStatus")]
    assert before.count("CoreShowChannels") == 3


async def test_a_pbx_without_queues_is_not_asked_for_ever(stage, monkeypatch) -> None:
    monkeypatch.setattr(snapshots, "TRIES", 2)
    stage.pbx.refused = {"QueueStatus": 1000}
    await stage.start()
    journey = next(iter(stage.bridge.lines._open.values())).journey
    await stage.eventually(lambda: journey._asking is not None and journey._asking.done())
    assert stage.pbx.asked.count("QueueStatus") == 3
