"""The agents of one PBX: what is asked of it after calls, and what is not."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from pbx_bridge import events
from pbx_bridge.ami import LinkState, Message, NotConnected, OutcomeUnknown
from pbx_bridge.presences import WRAP_UP, Kind, Presence
from pbx_bridge.tracker import Tracker
from storage.errors import Refused
from web.journey.rosters import Roster
from web.journey.seats import Arrangement, Line

NOW = datetime.now(UTC)
PBX = UUID(int=7)
PHONES = {"PJSIP/101": "101"}
TOLD = ("Action", "Queue", "Paused", "Reason")


class FakeLink:
    """A PBX that takes what it is asked and says nothing by itself."""

    def __init__(self) -> None:
        self.state = LinkState("connected", NOW)
        self.asked: list[dict[str, Any]] = []
        self.fails: Exception | None = None
        self.listed = ["sales"]

    async def ask(self, action: dict[str, Any]) -> Message:
        self.asked.append(dict(action))
        if self.fails is not None:
            raise self.fails
        return Message(b"Response: Success\r\n\r\n", 0.0)

    async def ask_list(self, action: dict[str, Any]) -> list[Message]:
        self.asked.append(dict(action))
        raws = (f"Event: QueueMember\r\nQueue: {queue}\r\n\r\n" for queue in self.listed)
        return [Message(raw.encode(), 0.0) for raw in raws]

    def told(self) -> list[tuple[str, ...]]:
        asked, self.asked = self.asked, []
        return [tuple(each.get(n, "") for n in TOLD) for each in asked]


class Stage:
    """One agent at one phone."""

    def __init__(self) -> None:
        self.link, self.tracker = FakeLink(), Tracker(PBX, PHONES)
        self.arranged: dict[str, Arrangement] = {}
        self.leads = True
        self.shown: list[Presence] = []
        line = Line(id=PBX, name="lab", region="GB", internal_digits=3, config=None)
        self.roster = Roster(
            line, self.link, tell=lambda _e, presence, _at: self.shown.append(presence),
            leads=lambda: self.leads, arrangement=lambda q: self.arranged.get(q, Arrangement()),
        )  # fmt: skip
        self.feed(events.PhonesKnown(at=NOW, phones=PHONES))

    def feed(self, *told: events.Event) -> None:
        for event in told:
            self.roster.feed(event)
        self.roster.settle(self.tracker)

    def member(self, queue: str = "sales", **more: Any) -> None:
        told = {"name": "Ann", "device": "PJSIP/101", "state": "NOT_INUSE", **more}
        self.feed(events.MemberChanged(at=NOW, queue=queue, interface="PJSIP/101", **told))

    def done(self, queue: str = "sales") -> None:
        view = events.LegView(uniqueid="1.1")
        self.feed(
            events.AgentCompleted(
                at=NOW, leg=view, caller=view, queue=queue, interface="PJSIP/101", member="Ann",
                reason="caller",
            )
        )  # fmt: skip

    async def later(self, seconds: float) -> list[tuple[str, ...]]:
        """So much later: what was asked of the PBX meanwhile."""
        self.roster.tick(datetime.now(UTC) + timedelta(seconds=seconds))
        await self.settled()
        return self.link.told()

    async def settled(self) -> None:
        while self.roster._tasks:
            await asyncio.gather(*self.roster._tasks)

    @property
    def now(self) -> Presence:
        return self.shown[-1]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.arranged["sales"] = Arrangement(wrap_up_seconds=30, wrap_up_pauses=True)
    made.member()
    made.feed(events.QueuesListed(at=NOW))
    return made


async def test_a_wrap_up_pauses_and_resumes_once(stage: Stage) -> None:
    stage.done()
    assert await stage.later(0) == [("QueuePause", "sales", "true", WRAP_UP)]
    assert stage.now.state == "available"  # the PBX has not said so yet
    stage.member(paused=True, reason=WRAP_UP)
    assert (stage.now.state, stage.now.wrap_up.holder) == ("wrap_up", "ringbook")
    assert await stage.later(29) == []
    assert await stage.later(31) == [("QueuePause", "sales", "false", "")]
    assert await stage.later(32) == []
    stage.member()
    assert (stage.now.state, stage.now.by, stage.now.wrap_up) == ("available", "desk", None)


async def test_a_resumption_that_the_pbx_did_not_hear_is_asked_for_again(stage: Stage) -> None:
    stage.done()
    stage.member(paused=True, reason=WRAP_UP, paused_at=NOW)
    await stage.later(0)
    stage.link.fails = NotConnected("away")
    assert len(await stage.later(31)) == 1
    stage.link.fails = None
    assert await stage.later(33) == []
    await stage.later(37)
    assert await stage.later(38) == [("QueuePause", "sales", "false", "")]


async def test_an_agent_who_had_paused_stays_paused_for_that_reason(stage: Stage) -> None:
    stage.member(paused=True, reason="Lunch")
    stage.done()
    assert await stage.later(0) == []
    assert await stage.later(31) == []
    assert (stage.now.state, stage.now.why) == ("paused", "Lunch")


async def test_another_pause_during_the_wrap_up_outlives_it(stage: Stage) -> None:
    stage.done()
    stage.member(paused=True, reason=WRAP_UP)
    await stage.later(0)
    stage.member(paused=True, reason="Lunch")
    assert await stage.later(31) == []
    assert stage.now.why == "Lunch"


async def test_only_queues_that_were_free_are_paused_for_a_wrap_up(stage: Stage) -> None:
    stage.member("support", paused=True, reason="Training")
    stage.member("service")
    stage.done()
    asked = await stage.later(0)
    assert [each[1] for each in asked] == ["sales", "service"]


async def test_a_queue_without_seconds_has_no_wrap_up(stage: Stage) -> None:
    stage.member("support")
    stage.done("support")
    assert await stage.later(0) == []
    assert stage.now.wrap_up is None


async def test_a_wrap_up_that_is_only_shown_asks_nothing(stage: Stage) -> None:
    stage.arranged["sales"] = Arrangement(wrap_up_seconds=30)
    stage.done()
    assert await stage.later(0) == []
    assert (stage.now.state, stage.now.wrap_up.holder) == ("available", "nobody")
    assert await stage.later(31) == []
    assert stage.now.wrap_up is None


async def test_where_the_pbx_spares_its_member_it_is_not_done_twice(stage: Stage) -> None:
    stage.member(wrap_up_seconds=12)
    stage.done()
    assert await stage.later(0) == []
    assert (stage.now.state, stage.now.wrap_up.holder) == ("wrap_up", "pbx")
    assert await stage.later(13) == []
    assert stage.now.state == "available"


async def test_a_wrap_up_from_before_our_start_ends_in_its_time() -> None:
    stage = Stage()
    stage.arranged["sales"] = Arrangement(wrap_up_seconds=30, wrap_up_pauses=True)
    since = datetime.now(UTC) - timedelta(seconds=20)
    stage.member(paused=True, reason=WRAP_UP, paused_at=since)
    stage.feed(events.QueuesListed(at=NOW))
    assert await stage.later(0) == []
    assert (stage.now.state, stage.now.wrap_up.since) == ("wrap_up", since)
    assert await stage.later(11) == [("QueuePause", "sales", "false", "")]


async def test_a_node_that_does_not_lead_asks_nothing(stage: Stage) -> None:
    stage.leads = False
    stage.done()
    stage.member(paused=True, reason=WRAP_UP)
    assert await stage.later(0) == []
    assert await stage.later(31) == []


async def test_a_wish_that_is_not_confirmed_is_said_and_the_pbx_is_looked_at(stage: Stage) -> None:
    await stage.roster.ask("101", Kind.PAUSE, reason="Lunch")
    assert stage.link.told() == [("QueuePause", "", "true", "Lunch")]
    assert (stage.now.state, stage.now.wish.trouble) == ("available", None)
    assert [each[0] for each in await stage.later(4)] == ["QueueStatus"]
    assert stage.now.wish.trouble
    await stage.later(30)
    assert (stage.now.state, stage.now.wish) == ("available", None)
    await stage.roster.ask("101", Kind.RESUME)  # it is so already
    assert stage.link.told() == []


async def test_a_late_confirmation_counts(stage: Stage) -> None:
    await stage.roster.ask("101", Kind.PAUSE, reason="Lunch")
    await stage.later(4)
    stage.member(paused=True, reason="Lunch")
    assert (stage.now.state, stage.now.by, stage.now.wish) == ("paused", "desk", None)


async def test_an_unknown_outcome_waits_for_the_pbx_to_say(stage: Stage) -> None:
    stage.link.fails = OutcomeUnknown("cut")
    await stage.roster.ask("101", Kind.PAUSE, reason="Lunch")
    assert stage.now.wish.trouble is None
    stage.link.fails = NotConnected("away")
    with pytest.raises(Refused, match="away"):
        await stage.roster.ask("101", Kind.PAUSE, reason="Tea")
    assert stage.now.wish is None


async def test_what_cannot_be_asked_is_refused_with_a_sentence(stage: Stage) -> None:
    for kind, queue, words in (
        (Kind.LEAVE, "sales", "own settings"),
        (Kind.PAUSE, "support", "not in this queue"),
        (Kind.JOIN, "support", "do not log in"),
    ):
        with pytest.raises(Refused, match=words):
            await stage.roster.ask("101", kind, queue=queue)
    stage.feed(events.LinkLost(at=NOW))
    with pytest.raises(Refused, match="does not answer"):
        await stage.roster.ask("101", Kind.PAUSE)
    assert stage.link.told() == []


async def test_a_log_in_is_asked_for_as_the_other_queues_call_the_phone(stage: Stage) -> None:
    stage.arranged["support"] = Arrangement(agents_log_in=True)
    await stage.roster.ask("101", Kind.JOIN, queue="support", name="Ann (day)")
    [asked] = stage.link.asked
    assert asked == {
        "Action": "QueueAdd", "Queue": "support", "Interface": "PJSIP/101", "Paused": "false",
        "MemberName": "Ann day",
    }  # fmt: skip
