"""What the agents of one PBX are, followed over what it says and never over what we wish.

A pause, a log-in and their ends are true when the PBX tells them. What we asked for is remembered
as a wish until then; it gives the change its author, and is told apart from the state.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pbx_bridge import events
from pbx_bridge.changes import PhoneState
from pbx_bridge.presences.standings import author, author_of, heard_late, since_when, standing
from pbx_bridge.presences.words import (
    AgentState,
    Holder,
    Presence,
    Standing,
    Wish,
    WrapUp,
    state_of,
)
from pbx_bridge.queues import WAITERS, Member, Queue, Queues


@dataclass(slots=True)
class _Seat:
    """One phone while things happen to it."""

    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)
    wrap_up: WrapUp | None = None
    wish: Wish | None = None
    told: Presence | None = None


class Presences:
    """The agents at one PBX's phones; `phones` maps interfaces to extensions."""

    def __init__(self, phones: Mapping[str, str] | None = None) -> None:
        self._queues = Queues(phones)
        self._seats = {key: _Seat() for key in (phones or {}).values()}
        self._phones = dict(phones or {})
        self._holders: dict[tuple[str, str], str] = {}  # (queue, interface) → the phone in it
        self._touched: set[str] = set(self._seats)
        self._is_heard = False  # the PBX has listed its queues since we hear it

    @property
    def queues(self) -> Mapping[str, Queue]:
        """The PBX's queues by name."""
        return self._queues.queues

    def pending(self) -> list[str]:
        """Return the phones of which something is awaited: a wish, or the end of a wrap-up."""
        return [
            key
            for key, seat in self._seats.items()
            if seat.wish or seat.wrap_up or (seat.told and seat.told.state is AgentState.WRAP_UP)
        ]

    @property
    def extensions(self) -> tuple[str, ...]:
        """The phones of ours."""
        return tuple(self._seats)

    def standings(self, extension: str) -> tuple[Standing, ...]:
        """Return how the phone stands in each queue it is in, by the queue's name."""
        seat = self._seats.get(extension)
        found = seat.standings.values() if seat else ()
        return tuple(sorted(found, key=lambda each: (each.queue, each.interface)))

    def wish_of(self, extension: str) -> Wish | None:
        """Return what was asked for and is not told yet."""
        return self._seats[extension].wish if extension in self._seats else None

    def wrap_up_of(self, extension: str) -> WrapUp | None:
        """Return the phone's wrap-up."""
        return self._seats[extension].wrap_up if extension in self._seats else None

    def feed(self, event: events.Event) -> None:
        """Take what the PBX told."""
        match event:
            case events.LinkLost() | events.PbxRestarted():
                self._is_heard = False
                self._touched |= self._seats.keys()
            case events.QueuesListed():
                self._is_heard = True
                self._touched |= self._seats.keys()
            case events.PhonesKnown(phones=phones):
                self._know(phones)
        changed = self._queues.feed(event)
        if isinstance(event, WAITERS):
            return  # no member stands otherwise for that
        if isinstance(event, events.MemberChanged):
            self._stand_one(event.queue, event.interface)
        else:
            for queue in changed:
                self._stand(queue)
        if isinstance(event, events.PhonesKnown):
            for queue in tuple(self._queues.queues.values()):
                self._stand(queue)

    def _know(self, phones: Mapping[str, str]) -> None:
        self._phones = dict(phones)
        known = set(phones.values())
        self._seats = {key: seat for key, seat in self._seats.items() if key in known}
        for new in known - self._seats.keys():
            self._seats[new] = _Seat()
            self._touched.add(new)

    def interface_of(self, extension: str) -> str:
        """Return the device of a phone of ours, "" where it is none."""
        found = (device for device, known in self._phones.items() if known == extension)
        return next(found, "")

    def touch(self, extension: str) -> None:
        """Something that is not told here changed for the phone."""
        if extension in self._seats:
            self._touched.add(extension)

    def finished(self, event: events.AgentCompleted) -> str | None:
        """Return the phone whose part of a queue's call is over."""
        queue = self._queues.queues.get(event.queue)
        members = queue.members if queue else ()
        return next((m.extension for m in members if m.interface == event.interface), None)

    def wrap_up(self, extension: str, wrap_up: WrapUp | None) -> None:
        """Begin a wrap-up of the phone, or end it."""
        if extension in self._seats:
            self._seats[extension].wrap_up = wrap_up
            self._touched.add(extension)

    def wish(self, extension: str, wish: Wish | None) -> None:
        """Remember what was asked of the PBX."""
        if extension in self._seats:
            self._seats[extension].wish = wish
            self._touched.add(extension)

    def changes(
        self, phone_of: Callable[[str], PhoneState], at: datetime
    ) -> Iterator[tuple[str, Presence]]:
        """Yield the phones that are not as they were told last, as they are now."""
        touched, self._touched = self._touched & self._seats.keys(), set()
        for extension in sorted(touched):
            seat = self._seats[extension]
            now = self._now(extension, seat, phone_of(extension), at)
            if now != seat.told:
                seat.told = now
                yield extension, now

    def told(self, extension: str) -> Presence | None:
        """Return what was told last."""
        seat = self._seats.get(extension)
        return seat.told if seat else None

    def _now(self, extension: str, seat: _Seat, phone: PhoneState, at: datetime) -> Presence:
        if not self._is_heard:
            state, why = AgentState.UNKNOWN, ""
        else:
            state, why = state_of(tuple(seat.standings.values()), phone, seat.wrap_up)
            if seat.wish and seat.wish.is_true(tuple(seat.standings.values())):
                seat.wish = None
        standings = self.standings(extension)
        since = since_when(state, standings, seat.wrap_up)
        by = author_of(state, standings)
        if seat.told and (seat.told.state, seat.told.why) == (state, why) and seat.told.since:
            since = seat.told.since
        wrap_up = seat.wrap_up
        if wrap_up and wrap_up.holder is Holder.RINGBOOK and state is not AgentState.WRAP_UP:
            wrap_up = None  # the PBX does not say so
        return Presence(
            state=state,
            why=why,
            since=since or at,
            by=by,
            standings=standings,
            wrap_up=wrap_up,
            wish=seat.wish,
        )

    def _stand(self, queue: Queue) -> None:
        """Take over how our phones stand in the queue."""
        members = {member.interface: member for member in queue.members}
        held = [key for key in self._holders if key[0] == queue.name and key[1] not in members]
        for _name, interface in held:
            self._take(queue.name, interface, None)
        for interface, member in members.items():
            self._take(queue.name, interface, member)

    def _stand_one(self, queue: str, interface: str) -> None:
        """The same of one member alone: it is told at every ring, of queues with hundreds."""
        self._take(queue, interface, self._queues.member(queue, interface))

    def _take(self, queue: str, interface: str, member: Member | None) -> None:
        key = (queue, interface)
        extension = member.extension if member else None
        held = self._holders.get(key)
        if held is not None and held != extension:
            del self._holders[key]
            if (left := self._seats.get(held)) and left.standings.pop(key, None):
                self._touched.add(held)
        seat = self._seats.get(extension or "")
        if member is None or extension is None or seat is None:
            return
        self._holders[key] = extension
        before = seat.standings.get(key)
        now = standing(queue, member)
        if before is None:
            by = author(now, seat.wish, seat.wrap_up) if self._is_heard else heard_late(member)
        elif (before.paused, before.reason) == (now.paused, now.reason):
            by = before.by
        else:
            by = author(now, seat.wish, seat.wrap_up, before)
        now = replace(now, by=by)
        if now != before:
            seat.standings[key] = now
            self._touched.add(extension)
