"""A phone is looked at again and again, so that what no event told is found out."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.ami import LinkState, Message
from pbx_bridge.presences import Presence
from pbx_bridge.tracker import Tracker
from web.journey.rosters import LOOK_AGAIN, Roster
from web.journey.seats import Arrangement, Line
from web.journey.wishes import fit

PHONES = {"PJSIP/101": "101"}


class Asked:
    """A PBX that lists nobody."""

    state = LinkState("connected", datetime.now(UTC))

    async def ask_list(self, action: dict[str, str]) -> list[Message]:
        assert action == {"Action": "QueueStatus", "Member": "PJSIP/101"}
        return []


async def test_a_member_that_the_pbx_names_no_more_is_in_no_queue() -> None:
    shown: list[Presence] = []
    now = datetime.now(UTC)
    line = Line(id=UUID(int=7), name="lab", region="GB", internal_digits=3, config=None)
    roster = Roster(
        line, Asked(), tell=lambda _e, presence, _at: shown.append(presence), leads=lambda: True,
        arrangement=lambda _: Arrangement(),
    )  # fmt: skip
    member = {"name": "Ann", "device": "PJSIP/101", "state": "NOT_INUSE"}
    for told in (
        events.PhonesKnown(at=now, phones=PHONES),
        events.MemberChanged(at=now, queue="sales", interface="PJSIP/101", **member),
        events.QueuesListed(at=now),
    ):
        roster.feed(told)
    roster.settle(Tracker(line.id, PHONES))
    assert shown[-1].state == "available"
    roster.tick(now + LOOK_AGAIN / 2)
    assert not roster._tasks
    roster.tick(now + LOOK_AGAIN + timedelta(seconds=9))
    for task in tuple(roster._tasks):
        await task
    assert (shown[-1].state, shown[-1].why) == ("offline", "no_queue")


def test_a_name_is_sent_without_what_would_be_read_as_more() -> None:
    assert fit("Zoë O'Brien,1\r\nAction: x") == "Zoë O'Brien1Action x"
