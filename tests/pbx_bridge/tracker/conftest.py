"""A stage for calls that are written by hand, and the streams that a real Asterisk played."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call, Offer
from pbx_bridge.changes import (
    CallChanged,
    CallEnded,
    CallsJoined,
    Change,
    ImpossibleEvent,
    OfferAnswered,
    OfferBegan,
    OfferEnded,
    PhoneChanged,
)
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

STREAMS = Path(__file__).parents[2] / "streams"
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)} | {"SIP/101-desk": "101"}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRUNK = "PJSIP/trunk"


@dataclass
class Stage:
    """A tracker with a clock; legs are named a, b, c …, and every cue is an event."""

    tracker: Tracker = field(default_factory=lambda: Tracker(PBX, PHONES))
    now: datetime = NOON
    changes: list[Change] = field(default_factory=list)
    fed: list[events.Event] = field(default_factory=list)
    views: dict[str, events.LegView] = field(default_factory=dict)

    def feed(self, event: events.Event) -> tuple[Change, ...]:
        self.fed.append(event)
        told = self.tracker.feed(event)
        self.changes += told
        return told

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def cue(self, kind: type[events.Event], leg: str, **more: Any) -> tuple[Change, ...]:
        """Feed an event about a leg that has begun."""
        return self.feed(kind(at=self.now, leg=self.views[leg], **more))  # type: ignore[call-arg]

    def begin(
        self, leg: str, interface: str = TRUNK, *, call: str = "", number: str = "", **more: Any
    ) -> tuple[Change, ...]:
        """Begin a leg, in the call of another leg or in its own."""
        self.views[leg] = events.LegView(
            uniqueid=leg,
            linkedid=call or leg,
            channel=f"{interface}-{leg}",
            number=number,
            name="",
        )
        return self.cue(events.LegBegan, leg, **more)

    def local(self, one: str, two: str, *, call: str) -> None:
        """Begin both halves of a Local channel."""
        self.begin(one, "Local/x@y", call=call)
        self.begin(two, "Local/x@y", call=call)
        view = self.views
        self.feed(events.LocalBridged(at=self.now, one=view[one], two=view[two]))

    def dial(self, leg: str, by: str | None = None, dialled: str = "") -> tuple[Change, ...]:
        return self.cue(
            events.DialBegan, leg, dialler=self.views[by] if by else None, dialled=dialled
        )

    def dial_ends(self, leg: str, status: str) -> tuple[Change, ...]:
        return self.cue(events.DialEnded, leg, status=status)

    def answer(self, leg: str) -> tuple[Change, ...]:
        self.cue(events.LegChanged, leg, up=True)
        return self.dial_ends(leg, "ANSWER")

    def enter(self, bridge: str, *legs: str, **more: Any) -> tuple[Change, ...]:
        told: tuple[Change, ...] = ()
        for leg in legs:
            told += self.cue(events.BridgeEntered, leg, bridge=bridge, **more)
        return told

    def leave(self, bridge: str, *legs: str) -> None:
        for leg in legs:
            self.cue(events.BridgeLeft, leg, bridge=bridge)

    def hang_up(self, *legs: str, cause: int | None = 16) -> None:
        for leg in legs:
            self.cue(events.LegEnded, leg, cause=cause)

    def inbound(self, exten: str = "4000", number: str = "+442071234567") -> None:
        """A caller from outside: leg a."""
        self.begin("a", number=number, exten=exten, calls=True)

    def offer(self, queue: str, leg: str, caller: str = "a", interface: str = "") -> None:
        """A queue calls a member."""
        self.cue(
            events.AgentOffered,
            leg,
            caller=self.views[caller],
            queue=queue,
            interface=interface or self.views[leg].channel,
            member="",
        )
        self.dial(leg, caller)

    @property
    def call(self) -> Call:
        """The only call that is or was."""
        told = {change.call.id for change in self.of(CallChanged)}
        ids = {call.id for i in told if (call := self.tracker.call(i)) is not None}
        assert len(ids) == 1, f"{len(ids)} calls"
        only = self.tracker.call(ids.pop())
        assert only is not None
        return only

    def of(self, *kinds: type) -> list[Any]:
        return [change for change in self.changes if isinstance(change, kinds)]

    @property
    def pops(self) -> list[str]:
        """What the agents' screens were told, in order."""
        kinds = {OfferBegan: "rings", OfferAnswered: "answers", OfferEnded: "ends"}
        return [
            f"{change.offer.extension} {kinds[type(change)]}"
            for change in self.of(OfferBegan, OfferAnswered, OfferEnded)
        ]

    @property
    def phones(self) -> list[str]:
        return [f"{c.extension} {c.state}" for c in self.of(PhoneChanged)]

    @property
    def ends(self) -> list[CallEnded]:
        return self.of(CallEnded)

    @property
    def joins(self) -> list[CallsJoined]:
        return self.of(CallsJoined)

    @property
    def impossible(self) -> list[str]:
        return [change.why for change in self.of(ImpossibleEvent)]

    def offers(self) -> list[tuple[str, int, str]]:
        return [told(offer) for offer in self.call.offers]

    def kinds(self) -> list[tuple[str, str | None]]:
        return [(segment.kind.value, segment.exit_reason) for segment in self.call.segments]


def told(offer: Offer) -> tuple[str, int, str]:
    return (offer.extension, offer.attempt, offer.end.value if offer.end else "open")


def events_of(name: str) -> list[events.Event]:
    raws = (STREAMS / f"{name}.ami").read_bytes().split(b"\r\n\r\n")
    messages = [Message(raw, 0.0) for raw in raws if raw.startswith(b"Event: ")]
    return [event for message in messages if (event := translate(message)) is not None]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="session")
def new_stage() -> Callable[[], Stage]:
    return Stage


@pytest.fixture
def played() -> Callable[[str], Stage]:
    """Play a captured stream on a new stage."""

    def play(name: str) -> Stage:
        stage = Stage()
        for event in events_of(name):
            stage.feed(event)
        return stage

    return play


@pytest.fixture
def stream_events() -> Callable[[str], list[events.Event]]:
    return events_of


@pytest.fixture
def streams() -> Path:
    return STREAMS
