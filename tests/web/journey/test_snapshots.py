"""An Asterisk that starts lets us in before it knows every command: it is asked again."""

import pytest

from pbx_bridge.tracker import Tracker
from web.journey import snapshots

ALL = ("BridgeList", "CoreShowChannels", "QueueStatus", "ParkedCalls", "DeviceStateList")

LATE = (
    b"Event: Newexten\r\nPrivilege: dialplan,all\r\nTimestamp: 1764000060.5\r\n"
    b"Channel: PJSIP/trunk-00000001\r\nUniqueid: 1764000000.1\r\nLinkedid: 1764000000.1\r\n"
    b"ChannelState: 6\r\nChannelStateDesc: Up\r\nCallerIDNum: 442071234567\r\n"
    b"CallerIDName: Zoe\r\nContext: from-trunk\r\nExten: 4000\r\nPriority: 2\r\n"
    b"Extension: 4000\r\nApplication: Playback\r\nAppData: bye\r\n\r\n"
)


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
    monkeypatch.setattr(snapshots, "LOOK_AGAIN_SECONDS", 0.05)
    looks = []
    monkeypatch.setattr(Tracker, "unsure", property(lambda _: looks.append(1) or frozenset()))
    stage.pbx.refused = {"QueueStatus": 1000}
    await stage.start()
    await stage.eventually(lambda: len(looks) > 3)  # from then on it only looks for zombies
    assert stage.pbx.asked.count("QueueStatus") == 3
    assert stage.pbx.asked.count("CoreShowChannels") == 1


async def test_a_call_that_late_news_of_a_gone_channel_began_is_over_soon(
    stage, monkeypatch
) -> None:
    monkeypatch.setattr(snapshots, "LOOK_AGAIN_SECONDS", 0.1)
    await stage.start()
    await stage.eventually(lambda: "DeviceStateList" in stage.pbx.asked)
    stage.pbx.say(LATE)
    [call] = await stage.stored(lambda calls: len(calls) == 1 and calls[0].ended_at and calls)
    assert call.linkedid == "1764000000.1"
    assert stage.pbx.asked.count("CoreShowChannels") == 2
