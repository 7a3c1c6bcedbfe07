"""What agents were, written down behind everything else: intervals that begin and end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from pbx_bridge.ids import uuid7
from pbx_bridge.presences import AgentState, Presence, Source
from storage.background_process import AnyBackground
from storage.groups import write_presences
from storage.presences import Interval

log = structlog.get_logger(__name__)

MOST_WAITING = 10_000  # intervals, while the base is away

Told = tuple[AgentState, str, Source | None]
Seat = tuple[UUID, str]  # PBX and extension


@dataclass(slots=True)
class _Open:
    """What a phone's agent is now: the open interval of each queue, and of all (None)."""

    user: UUID
    intervals: dict[str | None, tuple[UUID, Told]] = field(default_factory=dict)


class PresenceLog:
    """Follows what agents are; `flush` stores what came since."""

    def __init__(self, background: AnyBackground) -> None:
        self._background = background
        self._open: dict[Seat, _Open] = {}
        self._begun: list[Interval] = []
        self._ended: dict[UUID, datetime] = {}
        self._named: set[tuple[UUID, str]] = set()  # queues that are in the base, or will be
        self._new: set[tuple[UUID, str]] = set()
        self._fresh: set[UUID] = set()  # PBXs whose old intervals are still to be broken off

    def begin(self, pbx: UUID) -> None:
        """From now on this node writes for the PBX: what another left open has ended."""
        self._fresh.add(pbx)
        for seat in [seat for seat in self._open if seat[0] == pbx]:
            del self._open[seat]

    def note(
        self, pbx: UUID, extension: str, user: UUID | None, presence: Presence, at: datetime
    ) -> None:
        """Take what the agent at a phone is at `at`; said again it changes nothing."""
        seat = (pbx, extension)
        is_known = user is not None and presence.state is not AgentState.UNKNOWN
        known = self._open.get(seat)
        if known is not None and (not is_known or known.user != user):
            self._end(known.intervals.values(), at)
            del self._open[seat]
        if user is None or not is_known:
            return
        now = _told(presence)
        open_ = self._open.setdefault(seat, _Open(user))
        for queue in [q for q, (_, told) in open_.intervals.items() if now.get(q) != told]:
            self._end([open_.intervals.pop(queue)], at)
        for queue, told in now.items():
            if queue in open_.intervals:
                continue
            key = uuid7(at)
            open_.intervals[queue] = (key, told)
            state, reason, source = told
            self._begun.append(
                Interval(
                    id=key,
                    user_id=user,
                    pbx_id=pbx,
                    extension=extension,
                    queue=queue,
                    state=state,
                    reason=reason,
                    source=source,
                    began_at=at,
                )
            )
            if queue is not None and (pbx, queue) not in self._named:
                self._new.add((pbx, queue))

    def end_all(self, at: datetime) -> None:
        """We hear nothing from now on."""
        for open_ in self._open.values():
            self._end(open_.intervals.values(), at)
        self._open.clear()

    async def flush(self) -> None:
        """Store what came since; a base that refuses is asked again the next time."""
        if not (self._begun or self._ended or self._new or self._fresh):
            return
        begun, ended = self._begun, self._ended
        new, fresh = self._new, self._fresh
        self._begun, self._ended, self._new, self._fresh = [], {}, set(), set()
        try:
            await self._background.run(
                partial(write_presences, begun=begun, ended=ended, queues=new, fresh=fresh)
            )
        except BaseException as error:
            self._begun = (begun + self._begun)[-MOST_WAITING:]
            self._ended = ended | self._ended
            self._new |= new
            self._fresh |= fresh
            if not isinstance(error, Exception):
                raise
            log.warning("presences.not_stored", error=type(error).__name__, intervals=len(begun))
            return
        self._named |= new

    def _end(self, intervals: Iterable[tuple[UUID, Told]], at: datetime) -> None:
        for key, _ in intervals:
            self._ended[key] = at


def _told(presence: Presence) -> dict[str | None, Told]:
    now: dict[str | None, Told] = {None: (presence.state, presence.why, presence.by)}
    for each in presence.standings:
        state = AgentState.PAUSED if each.paused else AgentState.AVAILABLE
        now[each.queue] = (state, each.reason, each.by)
    return now
