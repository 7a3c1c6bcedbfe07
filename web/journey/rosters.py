"""The agents of one PBX: what they are is told to their screens, what they wish is asked of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from pbx_bridge import events, memberships
from pbx_bridge.ami import AmiError, Link, OutcomeUnknown
from pbx_bridge.presences import (
    WRAP_UP,
    AgentState,
    Holder,
    Kind,
    Presence,
    Presences,
    Wish,
    WrapUp,
)
from pbx_bridge.queues import WAITERS
from pbx_bridge.tracker import Tracker
from storage.errors import Refused
from web.i18n import gettext
from web.journey import wishes
from web.journey.seats import Arrangement, Line

log = structlog.get_logger(__name__)

CONFIRMED_WITHIN = timedelta(seconds=3)
ENDED_WITHIN = timedelta(seconds=5)  # else the PBX is asked again to end a wrap-up
LOOK_AGAIN = timedelta(minutes=5)  # at every member, one after the other
TROUBLE_SHOWN_FOR = timedelta(seconds=15)
CONCERNED: frozenset[type[events.Event]] = frozenset(
    {
        events.MemberChanged,
        events.MemberRemoved,
        events.QueuesListed,
        events.LinkLost,
        events.PbxRestarted,
        events.PhonesKnown,
        *WAITERS,
    }
)
Tell = Callable[[str, Presence, datetime], None]  # extension, presence, when


class Roster:
    """The agents at one PBX's phones; the journey feeds it in the order of the wire."""

    def __init__(
        self, line: Line, link: Link, *, tell: Tell, leads: Callable[[], bool],
        arrangement: Callable[[str], Arrangement],
    ) -> None:  # fmt: skip
        self.line = line
        self.presences = Presences()
        self._link = link
        self._tell = tell
        self._leads = leads
        self._arrangement = arrangement
        self._finished: list[tuple[str, events.AgentCompleted]] = []
        self._tracker: Tracker | None = None
        self._at = datetime.now(UTC)
        self._ended: dict[str, datetime] = {}  # when the PBX was asked to end a phone's wrap-up
        self._looked = self._at
        self._tasks: set[asyncio.Task[None]] = set()

    def feed(self, event: events.Event) -> None:
        """Take what the PBX told; nothing is shown before `settle`."""
        kind = type(event)
        if kind in CONCERNED:
            self._at = event.at
            self.presences.feed(event)
        elif isinstance(event, events.AgentCompleted):
            self._at = event.at
            if extension := self.presences.finished(event):
                self._finished.append((extension, event))

    def phone_changed(self, extension: str, at: datetime) -> None:
        """The phone does something else."""
        self._at = max(self._at, at)
        self.presences.touch(extension)

    def settle(self, tracker: Tracker) -> None:
        """Everything that came is fed: begin wrap-ups, and tell who is not as before."""
        self._tracker = tracker
        for extension, event in self._finished:
            self._begin(extension, event, tracker)
        self._finished.clear()
        self._show()

    def tick(self, now: datetime) -> None:
        """Look at what takes too long, and at wrap-ups that are over."""
        for extension in self.presences.pending():
            wish, wrap_up = self.presences.wish_of(extension), self.presences.wrap_up_of(extension)
            if wish is not None:
                self._await(extension, wish, now)
            if wrap_up is not None and wrap_up.until <= now:
                self.end_wrap_up(extension, now)
            elif wrap_up is None and self._leads():
                self._find_wrap_up(extension, now)
        if now - self._looked > LOOK_AGAIN and self._leads():
            self._looked = now
            self._spawn(self._look_at_all())
        self._show()

    async def ask(self, extension: str, kind: Kind, *, queue: str | None = None, reason: str = "",
                  name: str = "") -> None:  # fmt: skip
        """Ask the PBX; what is shown changes when it says so. Raises Refused with a sentence."""
        standings = self.presences.standings(extension)
        wish = Wish(kind=kind, queue=queue, reason=reason, at=datetime.now(UTC))
        if not self._is_known(extension):
            raise Refused(gettext("The telephone system does not answer: nothing was changed."))
        wishes.refuse(wish, standings, self._arrangement)
        if wish.is_true(standings):
            return
        own = self.presences.interface_of(extension)
        self.presences.wish(extension, wish)
        self._show()
        try:
            await wishes.send(self._link, wish, standings, own=own, name=name)
        except OutcomeUnknown:
            return  # the PBX may have done it: its events say so, or the clock runs out
        except AmiError as error:
            self.presences.wish(extension, None)
            self._show()
            self._spawn(self._look(extension))
            text = gettext("The telephone system refused: {why}")
            raise Refused(text.format(why=str(error))) from error

    def end_wrap_up(self, extension: str, now: datetime) -> None:
        """The wrap-up is over: queues may call again, unless the agent paused otherwise."""
        wrap_up = self.presences.wrap_up_of(extension)
        self.presences.wrap_up(extension, None)
        held = [s for s in self.presences.standings(extension) if s.paused and s.reason == WRAP_UP]
        if held and self._leads() and (wrap_up is None or wrap_up.holder is Holder.RINGBOOK):
            self._ended[extension] = now
            self._spawn(wishes.hold(self._link, held, reason=""))
        self._show()

    async def close(self) -> None:
        """Ask nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def retell(self) -> None:
        """Tell everyone anew: names or rights changed."""
        for extension in self.presences.extensions:
            if (told := self.presences.told(extension)) is not None:
                self._tell(extension, told, self._at)

    def _show(self) -> None:
        if self._tracker is None:
            return
        for extension, presence in self.presences.changes(self._tracker.phone_state, self._at):
            self._tell(extension, presence, self._at)

    def _begin(self, extension: str, event: events.AgentCompleted, tracker: Tracker) -> None:
        """A queue's call is over for this phone: a wrap-up begins, where there is one."""
        arranged = self._arrangement(event.queue)
        standings = self.presences.standings(extension)
        spared = max((s.wrap_up_seconds for s in standings if s.queue == event.queue), default=0)
        seconds = spared or arranged.wrap_up_seconds
        if not seconds:
            return
        holder = Holder.PBX if spared else Holder.NOBODY
        if arranged.wrap_up_pauses and not spared:
            holder = Holder.RINGBOOK
        now = datetime.now(UTC)
        call = next(
            (c.id for c in tracker.calls.values() for g in c.legs
             if g.uniqueid == event.leg.uniqueid), None
        )  # fmt: skip
        self.presences.wrap_up(
            extension,
            WrapUp(
                queue=event.queue, since=now, until=now + timedelta(seconds=seconds),
                holder=holder, call=call,
            ),
        )  # fmt: skip
        free = [each for each in standings if not each.paused]
        if holder is Holder.RINGBOOK and free and self._leads():
            self._spawn(wishes.hold(self._link, free, reason=WRAP_UP))

    def _find_wrap_up(self, extension: str, now: datetime) -> None:
        """A pause for a wrap-up that we know nothing of is from before our start: end it in time.

        Which queue's call it was is forgotten: the longest time of the phone's queues counts.
        """
        told = self.presences.told(extension)
        if told is None or told.state is not AgentState.WRAP_UP or not self._is_known(extension):
            return
        held = [s for s in told.standings if s.paused and s.reason == WRAP_UP]
        ended = self._ended.get(extension)
        if not held or (ended is not None and now - ended < ENDED_WITHIN):
            return
        seconds = max(self._arrangement(each.queue).wrap_up_seconds for each in held)
        since = min((each.since for each in held if each.since), default=now)
        until = since + timedelta(seconds=seconds)
        queue = held[0].queue
        self.presences.wrap_up(
            extension, WrapUp(queue=queue, since=since, until=until, holder=Holder.RINGBOOK)
        )

    def _await(self, extension: str, wish: Wish, now: datetime) -> None:
        if wish.trouble is None and now - wish.at > CONFIRMED_WITHIN:
            self.presences.wish(extension, replace(wish, trouble="not confirmed"))
            self._spawn(self._look(extension))
        elif wish.trouble and now - wish.at > CONFIRMED_WITHIN + TROUBLE_SHOWN_FOR:
            self.presences.wish(extension, None)

    async def _look(self, extension: str) -> None:
        """Have the PBX say again how the phone stands, and believe what it does not say any more.

        A member that is taken out of its files leaves at a reload, of which AMI tells nothing.
        """
        known = self.presences.standings(extension)
        for interface in {each.interface for each in known}:
            queues = await memberships.queue_member(self._link, interface=interface)
            for each in known:
                if each.interface == interface and each.queue not in queues:
                    gone = events.MemberRemoved(at=self._at, queue=each.queue, interface=interface)
                    self.presences.feed(gone)
        self._show()

    async def _look_at_all(self) -> None:
        for extension in self.presences.extensions:
            if self._is_known(extension):
                await self._look(extension)

    def _is_known(self, extension: str) -> bool:
        told = self.presences.told(extension)
        is_up = self._link.state.status == "connected"
        return is_up and told is not None and told.state is not AgentState.UNKNOWN

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def safely() -> None:
            try:
                await work
            except AmiError as error:
                log.warning("rosters.refused", pbx=self.line.name, error=str(error))

        task = asyncio.get_running_loop().create_task(safely())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
