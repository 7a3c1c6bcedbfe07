"""Who waits in which queue, and what its members do: a fold over the same events as the tracker."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from pbx_bridge import events
from pbx_bridge.changes import PhoneState
from pbx_bridge.tracker.phones import OF_DEVICE

_EXTENSION_IN = re.compile(r"(?:hint:|Local/)([^@/]+)@", re.IGNORECASE)

WAITERS = (events.QueueJoined, events.QueueListed, events.QueueLeft, events.LegEnded)  # come and go


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """A caller in a queue; the first of the queue's waiters is the next to be served."""

    uniqueid: str
    number: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone whom a queue may call."""

    interface: str
    name: str
    device: str  # what its state is read from
    extension: str | None  # where it is one of our phones
    state: PhoneState
    paused: bool
    reason: str  # why it is paused
    calls_taken: int
    membership: str = ""  # static, dynamic or realtime
    paused_at: datetime | None = None
    last_call_at: datetime | None = None  # when its last call of this queue was over
    wrap_up_seconds: int = 0  # how long the PBX spares it after a call

    @property
    def is_free(self) -> bool:
        """Whether the queue could call it now."""
        return not self.paused and self.state is PhoneState.IDLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue as it is now."""

    name: str
    waiters: tuple[Waiter, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def free(self) -> int:
        """How many members could be called now."""
        return sum(member.is_free for member in self.members)


@dataclass(slots=True)
class _Line:
    """A queue while it moves."""

    waiters: list[Waiter] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)


class Queues:
    """The queues of one PBX; `phones` maps the interfaces of our phones to their extensions."""

    def __init__(self, phones: Mapping[str, str] | None = None) -> None:
        self._phones = dict(phones or {})
        self._lines: dict[str, _Line] = {}
        self._waits_in: dict[str, str] = {}  # uniqueid → queue
        self._queues: dict[str, Queue] = {}
        self._unheard: set[tuple[str, str]] = set()  # members not told of since the gap
        self._rules: dict[type[events.Event], Callable[[Any], list[str]]] = {
            events.QueueJoined: self._join,
            events.QueueListed: self._join,
            events.QueueLeft: self._leave,
            events.LegEnded: self._leave,
            events.MemberChanged: self._member,
            events.MemberRemoved: self._remove,
            events.QueuesListed: self._listed,
            events.PhonesKnown: self._know,
            events.LinkLost: self._empty,
            events.PbxRestarted: self._empty,
        }

    @property
    def queues(self) -> Mapping[str, Queue]:
        """The queues by name; a view that follows what is fed."""
        return MappingProxyType(self._queues)

    def feed(self, event: events.Event) -> tuple[Queue, ...]:
        """Take the next event; return the queues that are not as they were."""
        rule = self._rules.get(type(event))
        changed = []
        for name in rule(event) if rule else ():
            line = self._lines[name]
            queue = Queue(
                name=name, waiters=tuple(line.waiters), members=tuple(line.members.values())
            )
            if queue != self._queues.get(name):
                self._queues[name] = queue
                changed.append(queue)
        return tuple(changed)

    def member(self, queue: str, interface: str) -> Member | None:
        """Return a queue's member by its interface."""
        line = self._lines.get(queue)
        return line.members.get(interface) if line else None

    def _line(self, queue: str) -> _Line:
        return self._lines.setdefault(queue, _Line())

    def _join(self, event: events.QueueJoined | events.QueueListed) -> list[str]:
        view = event.leg
        if not (view.uniqueid and event.queue):
            return []
        touched = self._drop(view.uniqueid)
        seconds = event.seconds if isinstance(event, events.QueueListed) else 0
        since = event.at - timedelta(seconds=seconds)
        waiter = Waiter(uniqueid=view.uniqueid, number=view.number, name=view.name, since=since)
        waiters = self._line(event.queue).waiters
        waiters.insert(event.position - 1 if event.position > 0 else len(waiters), waiter)
        self._waits_in[view.uniqueid] = event.queue
        return list(dict.fromkeys((*touched, event.queue)))

    def _leave(self, event: events.LegEvent) -> list[str]:
        return self._drop(event.leg.uniqueid)

    def _drop(self, uniqueid: str) -> list[str]:
        queue = self._waits_in.pop(uniqueid, None)
        if queue is None:
            return []
        line = self._lines[queue]
        line.waiters = [waiter for waiter in line.waiters if waiter.uniqueid != uniqueid]
        return [queue]

    def _member(self, event: events.MemberChanged) -> list[str]:
        if not (event.queue and event.interface):
            return []
        self._unheard.discard((event.queue, event.interface))
        self._line(event.queue).members[event.interface] = Member(
            interface=event.interface,
            name=event.name,
            device=event.device,
            extension=self._extension_of(event.device) or self._extension_of(event.interface),
            state=OF_DEVICE.get(event.state, PhoneState.IDLE),
            paused=event.paused,
            reason=event.reason,
            calls_taken=event.calls_taken,
            membership=event.membership,
            paused_at=event.paused_at if event.paused else None,
            last_call_at=event.last_call_at,
            wrap_up_seconds=event.wrap_up_seconds,
        )
        return [event.queue]

    def _remove(self, event: events.MemberRemoved) -> list[str]:
        line = self._lines.get(event.queue)
        if line is None or line.members.pop(event.interface, None) is None:
            return []
        return [event.queue]

    def _extension_of(self, device: str) -> str | None:
        if device in self._phones:
            return self._phones[device]
        found = _EXTENSION_IN.match(device)
        return found[1] if found and found[1] in self._phones.values() else None

    def _know(self, event: events.PhonesKnown) -> list[str]:
        self._phones = dict(event.phones)
        touched = []
        for name, line in self._lines.items():
            for interface, member in line.members.items():
                extension = self._extension_of(member.device) or self._extension_of(interface)
                if extension != member.extension:
                    line.members[interface] = replace(member, extension=extension)
                    touched.append(name)
        return list(dict.fromkeys(touched))

    def _listed(self, _event: events.QueuesListed) -> list[str]:
        """Members that the first list after a gap does not name left meanwhile."""
        gone, self._unheard = self._unheard, set()
        for queue, interface in gone:
            self._lines[queue].members.pop(interface, None)
        return sorted({queue for queue, _ in gone})

    def _empty(self, _event: events.Event) -> list[str]:
        """Callers may come and go unheard; whoever waits still is listed again."""
        self._waits_in.clear()
        for name, line in self._lines.items():
            line.waiters.clear()
            self._unheard |= {(name, interface) for interface in line.members}
        return list(self._lines)
