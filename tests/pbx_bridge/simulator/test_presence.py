"""What the simulated PBX lists is what its events told."""

from pbx_bridge.simulator import Caller, Phone, stories
from pbx_bridge.simulator.presence import Presence
from pbx_bridge.simulator.stories import Exchange


def test_the_list_names_each_channel_with_its_bridge_until_it_is_gone() -> None:
    presence, at = Presence(), 100.0
    story = stories.to_extension(
        Exchange(100, "/monitor"), Caller("+4420", "Zoe"), Phone("101", "Ann"), ring=2.0, talk=60.0
    )
    lists = []
    for step in story:
        at += step.after
        for event in step.events:
            presence.follow(event, at)
        lists.append([dict(row) for row in presence.listed(at)])
    talking = next(rows for rows in lists if any(row["BridgeId"] for row in rows))
    assert [row["Channel"].rpartition("-")[0] for row in talking] == ["PJSIP/trunk", "PJSIP/101"]
    assert len({row["BridgeId"] for row in talking}) == 1
    assert [row["ChannelStateDesc"] for row in talking] == ["Up", "Up"]
    over = lists[lists.index(talking) + 1]
    assert [row["BridgeId"] for row in over] == ["", ""]
    assert over[0]["Duration"] == "00:01:02"
    assert lists[-1] == []
