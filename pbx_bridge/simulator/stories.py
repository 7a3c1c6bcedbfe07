"""What happens in the demo: calls told as steps, each with a pause before it and its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from pbx_bridge.simulator import channels as ami
from pbx_bridge.simulator.channels import Bridge, Channel, Headers


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone outside who calls; the number is as the trunk writes it, "" where withheld."""

    number: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of ours: extension, and the name that the PBX knows for it."""

    extension: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """Wait `after` seconds, then say `events`; `audio` names a recording that is now complete."""

    after: float
    events: tuple[Headers, ...]
    audio: tuple[str, float] | None = None  # file name, seconds


Story = Iterator[Step]


@dataclass(slots=True)
class Exchange:
    """Hands out names and ids as one Asterisk would, from the second it was started."""

    started: int
    monitor: str  # the folder of recordings as the PBX names it
    numbers: Iterator[int] = field(default_factory=count)
    lines: dict[str, list[Channel]] = field(default_factory=dict)  # who waits in each queue

    def channel(self, interface: str, number: str, name: str, **more: str) -> Channel:
        """Make a channel with the next uniqueid; `linkedid` in `more` ties it to another."""
        n = next(self.numbers)
        uniqueid = more.pop("uniqueid", f"{self.started}.{n}")
        linkedid = more.pop("linkedid", uniqueid)
        return Channel(
            name=f"{interface}-{n:08x}", uniqueid=uniqueid, linkedid=linkedid, number=number,
            caller_name=name, **more,
        )  # fmt: skip

    def phone(self, phone: Phone, caller: Channel) -> Channel:
        """Make the channel that rings at a phone for `caller`."""
        return self.channel(
            f"PJSIP/{phone.extension}", phone.extension, phone.name, linkedid=caller.linkedid
        )

    def bridge(self) -> Bridge:
        """Make a bridge with an id of its own."""
        return Bridge(str(UUID(int=next(self.numbers) + (self.started << 64))))

    def file(self, channel: Channel) -> str:
        """The name MixMonitor is given for the call of `channel`."""
        return f"{channel.exten}-{channel.uniqueid}.wav"


def _arrive(exchange: Exchange, caller: Caller, dialled: str) -> tuple[Channel, Step]:
    trunk = exchange.channel("PJSIP/trunk", caller.number, caller.name, exten=dialled)
    trunk.state = ami.RING
    path = f"{exchange.monitor}/{exchange.file(trunk)}"
    events = (
        ami.new_channel(trunk),
        ami.new_exten(trunk, "MixMonitor", path),
        ami.var_set(trunk, "MIXMONITOR_FILENAME", path),
        ami.recording("MixMonitorStart", trunk),
    )
    return trunk, Step(0.0, events)


def _talk(exchange: Exchange, trunk: Channel, phone: Channel, seconds: float) -> Iterator[Step]:
    bridge = exchange.bridge()
    yield Step(0.0, (bridge.create(), bridge.enter(phone), bridge.enter(trunk)))
    end = (bridge.leave(trunk), bridge.leave(phone), bridge.destroy())
    yield Step(seconds, end)


def _finish(
    exchange: Exchange, trunk: Channel, *rest: Channel, seconds: float, cause: int = 16
) -> Step:
    events = [ami.recording("MixMonitorStop", trunk), ami.hangup(trunk, cause)]
    events += [ami.hangup(channel) for channel in rest]
    return Step(0.0, tuple(events), audio=(exchange.file(trunk), seconds))


def _ring_members(
    exchange: Exchange, queue: str, trunk: Channel, phones: Sequence[Phone]
) -> tuple[list[Channel], Step]:
    events: list[Headers] = []
    ringing = [exchange.phone(phone, trunk) for phone in phones]
    for channel in ringing:
        interface = channel.name.rpartition("-")[0]
        events += (
            ami.new_channel(channel),
            ami.agent_event("AgentCalled", queue, trunk, channel),
            ami.dial("DialBegin", trunk, channel, ("DialString", interface)),
            ami.new_state(channel, ami.RINGING),
            ami.dial("DialState", trunk, channel, ("DialStatus", "RINGING")),
        )
    return ringing, Step(0.2, tuple(events))


def _join(exchange: Exchange, queue: str, trunk: Channel) -> Step:
    line = exchange.lines.setdefault(queue, [])
    line.append(trunk)
    place = (("Position", str(len(line))), ("Count", str(len(line))))
    joined = ami.queue_event("QueueCallerJoin", queue, trunk, *place)
    return Step(0.1, (ami.new_state(trunk, ami.UP), ami.new_exten(trunk, "Queue", queue), joined))


def _leave(exchange: Exchange, queue: str, trunk: Channel) -> Headers:
    line = exchange.lines[queue]
    place = str(line.index(trunk) + 1)
    line.remove(trunk)
    left = (("Position", place), ("Count", str(len(line))))
    return ami.queue_event("QueueCallerLeave", queue, trunk, *left)


def answered_in_queue(
    exchange: Exchange, caller: Caller, queue: str, phones: Sequence[Phone], *,
    dialled: str, winner: int, ring: float, talk: float,
) -> Story:  # fmt: skip
    """Every phone rings; the winner answers after `ring` seconds, the others stop."""
    trunk, step = _arrive(exchange, caller, dialled)
    yield step
    yield _join(exchange, queue, trunk)
    ringing, step = _ring_members(exchange, queue, trunk, phones)
    yield step
    phone = ringing[winner]
    events = [
        ami.new_state(phone, ami.UP),
        ami.dial("DialEnd", trunk, phone, ("DialStatus", "ANSWER")),
    ]
    for loser in (channel for channel in ringing if channel is not phone):
        events.append(ami.dial("DialEnd", trunk, loser, ("DialStatus", "CANCEL")))
        events.append(ami.hangup(loser, 26, "Answered elsewhere"))
    times = (("HoldTime", str(int(ring))), ("RingTime", str(int(ring))))
    events += (
        _leave(exchange, queue, trunk), ami.agent_event("AgentConnect", queue, trunk, phone, *times)
    )  # fmt: skip
    yield Step(ring, tuple(events))
    yield from _talk(exchange, trunk, phone, talk)
    reason = (("HoldTime", times[0][1]), ("TalkTime", str(int(talk))), ("Reason", "caller"))
    yield Step(0.0, (ami.agent_event("AgentComplete", queue, trunk, phone, *reason),))
    yield _finish(exchange, trunk, phone, seconds=ring + talk)


def abandoned_in_queue(
    exchange: Exchange, caller: Caller, queue: str, phones: Sequence[Phone], *,
    dialled: str, patience: float,
) -> Story:  # fmt: skip
    """Every phone rings, and the caller gives up after `patience` seconds."""
    trunk, step = _arrive(exchange, caller, dialled)
    yield step
    yield _join(exchange, queue, trunk)
    ringing, step = _ring_members(exchange, queue, trunk, phones)
    yield step
    events: list[Headers] = []
    for channel in ringing:
        events.append(ami.dial("DialEnd", trunk, channel, ("DialStatus", "CANCEL")))
        events.append(ami.hangup(channel))
    place = str(exchange.lines[queue].index(trunk) + 1)
    waited = (("Position", place), ("OriginalPosition", place), ("HoldTime", str(int(patience))))
    events += (
        ami.queue_event("QueueCallerAbandon", queue, trunk, *waited),
        _leave(exchange, queue, trunk),
    )
    yield Step(patience, tuple(events))
    yield _finish(exchange, trunk, seconds=patience)


def to_extension(
    exchange: Exchange, caller: Caller, phone: Phone, *, ring: float, talk: float
) -> Story:
    """A call straight to one phone; `talk` 0 means that nobody answers."""
    trunk, step = _arrive(exchange, caller, phone.extension)
    yield step
    target = exchange.phone(phone, trunk)
    begin = (
        ami.new_exten(trunk, "Dial", f"PJSIP/{phone.extension},20"),
        ami.new_channel(target),
        ami.dial("DialBegin", trunk, target, ("DialString", phone.extension)),
        ami.new_state(target, ami.RINGING),
    )
    yield Step(0.1, begin)
    if not talk:
        missed = ami.dial("DialEnd", trunk, target, ("DialStatus", "NOANSWER"))
        yield Step(ring, (missed, ami.hangup(target)))
        yield _finish(exchange, trunk, seconds=ring, cause=19)
        return
    answer = ami.dial("DialEnd", trunk, target, ("DialStatus", "ANSWER"))
    yield Step(ring, (ami.new_state(target, ami.UP), answer, ami.new_state(trunk, ami.UP)))
    yield from _talk(exchange, trunk, target, talk)
    yield _finish(exchange, trunk, target, seconds=ring + talk)


def outgoing(
    exchange: Exchange, phone: Phone, number: str, *, ring: float, talk: float, uniqueid: str = ""
) -> Story:
    """An agent dials a number on the phone, and it is answered; `uniqueid` is that of a click."""
    chosen = {"uniqueid": uniqueid} if uniqueid else {}
    own = exchange.channel(
        f"PJSIP/{phone.extension}", phone.extension, phone.name, exten=number, context="internal",
        **chosen,
    )  # fmt: skip
    own.state = ami.RING
    path = f"{exchange.monitor}/{exchange.file(own)}"
    trunk = exchange.channel("PJSIP/trunk", number, "", linkedid=own.linkedid)
    yield Step(0.0, (
        ami.new_channel(own),
        ami.new_exten(own, "MixMonitor", path),
        ami.var_set(own, "MIXMONITOR_FILENAME", path),
        ami.recording("MixMonitorStart", own),
        ami.new_exten(own, "Dial", f"PJSIP/{number}@trunk"),
        ami.new_channel(trunk),
        ami.dial("DialBegin", own, trunk, ("DialString", f"{number}@trunk")),
        ami.new_state(trunk, ami.RINGING),
    ))  # fmt: skip
    answer = ami.dial("DialEnd", own, trunk, ("DialStatus", "ANSWER"))
    yield Step(ring, (ami.new_state(trunk, ami.UP), answer, ami.new_state(own, ami.UP)))
    yield from _talk(exchange, own, trunk, talk)
    yield _finish(exchange, own, trunk, seconds=ring + talk)
