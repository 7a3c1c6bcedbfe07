"""Killed at any message and begun again: calls are told as if nothing had happened."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call, SegmentKind
from pbx_bridge.changes import CallChanged, CallsJoined
from pbx_bridge.journal import Journal, Kind, Reader, Writer
from pbx_bridge.tracker import Tracker, segments
from pbx_bridge.translate import translate
from storage.positions import Position
from web.journey.progress import NOWHERE, Progress
from web.journey.tails import Tail

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.stem for path in STREAMS.glob("*_asterisk_*.ami"))
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)} | {"SIP/101-desk": "101"}
END = b"\r\n\r\n"
HOUR = 3600


def messages_of(name: str, *, later: int = 0) -> list[bytes]:
    """The events of a stream, as the same calls would be told some seconds later."""
    raw = (STREAMS / f"{name}.ami").read_bytes()
    moved = re.sub(rb"\b1[78]\d{8}(?=\.\d)", lambda m: b"%d" % (int(m[0]) + later), raw)
    return [one for one in moved.split(END) if one.startswith(b"Event: ")]


class Base:
    """What would be stored: the latest revision of each call."""

    def __init__(self) -> None:
        self.calls: dict[UUID, Call] = {}

    def store(self, call: Call) -> None:
        before = self.calls.get(call.id)
        if before is None or before.revision <= call.revision:
            self.calls[call.id] = call
        for gone in call.aliases:
            self.calls.pop(gone, None)

    def told(self) -> list[Call]:
        """Every call; how often it was told anew does not count."""
        return [replace(self.calls[key], revision=0) for key in sorted(self.calls)]

    def open(self) -> list[Call]:
        return [call for call in self.calls.values() if call.ended_at is None]


class Listener:
    """Does with what it hears as a journey does."""

    def __init__(self, tracker: Tracker, base: Base, journal: UUID) -> None:
        self.tracker = tracker
        self.base = base
        self.told = lambda change: change
        self.progress = Progress(PBX, journal, lambda key: self.tracker.call(key) is not None)
        self.progress.resume(NOWHERE, [], [])

    def hear(self, n: int, raw: bytes) -> None:
        self.progress.hear(n, float(n))
        event = translate(Message(raw, 0.0))
        if event is not None:
            self.feed(event)

    def feed(self, event: events.Event) -> None:
        self.at = event.at
        for change in self.tracker.feed(event):
            if isinstance(change, CallChanged):
                if change.call.revision == 1:
                    self.progress.began(change.call.id)
                self.base.store(self.told(change).call)
            elif isinstance(change, CallsJoined):
                self.base.calls.pop(change.gone, None)

    def list_legs(self) -> Iterator[events.Event]:
        """What the PBX lists when we are back: every leg that is up, and where it is."""
        for live in self.tracker._board.legs.values():
            if live.is_alive:
                leg = live.leg
                view = events.LegView(
                    uniqueid=leg.uniqueid, linkedid=leg.linkedid, channel=leg.channel,
                    number=leg.number, name=leg.name,
                )  # fmt: skip
                bridge = live.bridge.name if live.bridge else ""
                parks = segments.kind_alone(live) is SegmentKind.PARKED
                yield events.LegSeen(
                    at=self.at, leg=view, up=live.is_up, bridge=bridge, parks=parks
                )
        yield events.LegsListed(at=self.at)


class Machine:
    """A PBX's journal on a disk, written by processes that are killed."""

    def __init__(self, folder: Path, messages: list[bytes]) -> None:
        self.folder = folder
        self.key = Fernet.generate_key().decode()
        self.messages = messages
        journal = self.journal()
        self.id, self.first = journal.id, journal.first
        journal.phones(PHONES)
        journal.note(Kind.UP)
        self.numbers = [journal.hear(raw) for raw in messages]
        assert journal.close()

    def journal(self) -> Journal:
        writer = Writer(self.folder, PBX, [self.key], days=36500)
        return Journal(writer, group_seconds=0.001)

    @cached_property
    def expected(self) -> list[Call]:
        """What is stored where nothing is killed."""
        return self.run(len(self.messages))[1].told()

    def run(self, upto: int) -> tuple[Listener, Base]:
        base = Base()
        listener = Listener(Tracker(PBX, PHONES), base, self.id)
        for n, raw in zip(self.numbers[:upto], self.messages[:upto], strict=True):
            listener.hear(n, raw)
        return listener, base

    def tail(self, position: Position | None, killed: int, base: Base) -> Tail:
        """What a process finds that begins after one that was killed at this message."""
        return Tail(
            pbx=PBX, reader=Reader(self.folder, PBX, [self.key]), journal=self.id,
            before=self.numbers[killed - 1] + 1 if killed else self.first, position=position,
            phones=PHONES, encoding="cp1252", open_calls=base.open(),
        )  # fmt: skip

    def go_on(self, tail: Tail, killed: int, base: Base, seen: list[events.Event]) -> list[Call]:
        """Begin again with this tail, look what is up, and hear the rest."""
        for calls in tail.told():
            for call in calls:
                base.store(call)
        up = {*tail.tracker.calls, *(call.id for call in tail.open_calls)}
        tail.settle([base.calls[key] for key in up if key in base.calls])
        for call in (*tail.rest(), *tail.open()):
            base.store(call)
        again = Listener(tail.tracker, base, self.id)
        again.told = tail.continuity.told
        for event in seen:
            again.feed(event)
        for n, raw in zip(self.numbers[killed:], self.messages[killed:], strict=True):
            again.hear(n, raw)
        return base.told()


class Machines(dict[str, Machine]):
    """Machines by the stream that they heard twice, an hour between; made when they are needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __missing__(self, name: str) -> Machine:
        messages = [*messages_of(name), *messages_of(name, later=HOUR)]
        self[name] = machine = Machine(self.folder / name, messages)
        return machine

    def __repr__(self) -> str:
        return "Machines"


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Machines:
    return Machines(tmp_path_factory.mktemp("journals"))


def cut(machine: Machine, stored: int, killed: int, **other: object) -> list[Call]:
    """Store up to one message, kill at another, and begin again."""
    listener, base = machine.run(stored)
    position = listener.progress.position()
    before, _ = machine.run(max(stored, killed))
    seen = list(before.list_legs()) if before.tracker._board.legs else []
    tail = machine.tail(replace(position, **other), killed, base)
    return machine.go_on(tail, max(stored, killed), base, seen)


def facts(calls: list[Call]) -> list[tuple[object, ...]]:
    """What is known of a call also where not all of it was heard."""
    return [(call.id, call.started_at, call.ended_at) for call in calls]


CUTS = {
    "name": st.sampled_from(NAMES),
    "at": st.floats(0.01, 1),
    "behind": st.one_of(st.just(0.0), st.floats(0, 1)),
}
PACE = {"deadline": None, "max_examples": 60}


@settings(**PACE)
@given(**CUTS)
def test_killed_at_any_message_nothing_is_told_otherwise(machines, name, at, behind):
    machine = machines[name]
    killed = max(1, round(at * len(machine.messages)))
    stored = max(1, round(killed * (1 - behind)))
    assert cut(machine, stored, killed) == machine.expected


@settings(**PACE)
@given(**CUTS)
def test_where_the_journal_tells_no_beginning_the_records_do(machines, name, at, behind):
    machine = machines[name]
    killed = max(1, round(at * len(machine.messages)))
    stored = max(1, round(killed * (1 - behind)))
    assume("conference" not in name)  # records know no rooms: who comes later is not with the rest
    assert facts(cut(machine, stored, killed, first=0)) == facts(machine.expected)


@settings(**PACE)
@given(name=CUTS["name"], at=CUTS["at"], lost=st.integers(1, 40))
def test_what_was_stored_stays_where_the_journal_lost_its_end(machines, name, at, lost):
    machine = machines[name]
    stored = max(1, round(at * len(machine.messages)))
    assume(not any(call.aliases for call in machine.expected))  # a lost join is found by the books
    told = cut(machine, stored, max(1, stored - lost))
    assert facts(told) == facts(machine.expected)


@settings(**PACE)
@given(name=CUTS["name"], at=CUTS["at"], lost=st.integers(1, 40))
def test_what_ended_meanwhile_ends_whole_where_the_journal_lost_its_end(machines, name, at, lost):
    """Legs that only the records know end with their call, which the PBX does not list any more."""
    machine = machines[name]
    stored = max(1, round(at * len(machine.messages)))
    listener, base = machine.run(stored)
    tail = machine.tail(listener.progress.position(), max(1, stored - lost), base)
    gone = events.LegsListed(at=listener.at)
    told = machine.go_on(tail, len(machine.messages), base, [gone])
    open_parts = [
        part
        for call in told
        for part in (*call.legs, *call.segments, *call.offers)
        if part.ended_at is None
    ]
    assert open_parts == []
    assert [call.id for call in told if call.ended_at is None] == []
