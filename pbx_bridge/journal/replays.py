"""A period told again: a fold over journal entries with today's tracker, as if live; pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.ami.message import FALLBACK, Message
from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged, CallsJoined, Change
from pbx_bridge.clocks import PbxClock
from pbx_bridge.journal.entries import Entry, Kind
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

REVISED_FOR = timedelta(minutes=2)  # how long after its end the tracker may tell a call anew
LOOKED_EVERY = timedelta(seconds=5)

OnEvent = Callable[[Entry, events.Event, tuple[Change, ...]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A call as today's tracker tells it."""

    call: Call
    is_whole: bool  # the replay heard every leg of it begin


class Retelling:
    """Feed it entries in their order; `told` returns the calls that are settled by then.

    `phones` (interface → extension) count until an entry says otherwise, `encoding` is that of what
    is not UTF-8, `on_change` is given every change of the tracker, `on_event` every event with the
    entry that it was made of and its changes.
    """

    def __init__(
        self,
        pbx: UUID,
        *,
        phones: Mapping[str, str] | None = None,
        encoding: str = FALLBACK,
        on_change: Callable[[Change], None] | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        self.latest = datetime.min.replace(tzinfo=UTC)
        self._pbx = pbx
        self._phones = dict(phones or {})
        self._encoding = encoding
        self._on_change = on_change
        self._on_event = on_event
        self._tracker: Tracker | None = None
        self._held: list[Entry] | None = None  # heard before the link was up: told after it
        self._startup: str | None = None
        self._heard_at: float | None = None
        self._clock = PbxClock()
        self._legs: set[str] = set()  # that were heard to begin
        self._ended: dict[UUID, Call] = {}  # may still be told anew
        self._looked = self.latest

    @property
    def tracker(self) -> Tracker:
        """The tracker that tells."""
        if self._tracker is None:
            self._tracker = Tracker(self._pbx, self._phones)
        return self._tracker

    @property
    def clock(self) -> PbxClock:
        """The PBX's clock as it was told last."""
        return self._clock

    @property
    def startup(self) -> datetime | None:
        """When the PBX last said that it had started, by its own clock."""
        return datetime.fromisoformat(self._startup) if self._startup else None

    def is_whole(self, call: Call) -> bool:
        """Whether every leg of the call was heard to begin."""
        return all(leg.uniqueid in self._legs for leg in call.legs)

    def feed(self, entry: Entry) -> None:
        """Take the next entry."""
        match entry.kind:
            case Kind.MESSAGE:
                if self._held is None:
                    self._hear(entry)
                else:
                    self._held.append(entry)
            case Kind.PHONES:
                self._seat(entry)
            case Kind.BEGAN:  # whoever wrote before may have been killed
                at = entry.at if self._heard_at is None else self._heard_at
                self._lose(entry, self._clock.theirs(datetime.fromtimestamp(at, UTC)))
            case Kind.DOWN:
                self._lose(entry, self._clock.theirs(_moment(entry)))
            case Kind.UP:
                self._up(entry)
            case _:
                pass  # nothing was said
        self._heard_at = entry.at

    def told(self) -> list[Retold]:
        """Return, once each, the calls that nothing can change any more."""
        if self.latest - self._looked < LOOKED_EVERY:
            return []
        self._looked = self.latest
        settled = [
            call
            for call in self._ended.values()
            if call.ended_at and self.latest - call.ended_at > REVISED_FOR
        ]
        return [self._let_go(call) for call in settled]

    def rest(self) -> list[Retold]:
        """Return the calls that ended and were not told yet: nothing more is fed."""
        return [self._let_go(call) for call in list(self._ended.values())]

    def has_open_before(self, at: datetime) -> bool:
        """Whether a call that began before then is not settled."""
        unsettled = (*self.tracker.calls.values(), *self._ended.values())
        return any(call.started_at < at for call in unsettled)

    def _lose(self, entry: Entry, at: datetime) -> None:
        """We hear nothing from then on; what was heard before we were ready for it counts."""
        self._tell_held()
        self._track(entry, events.LinkLost(at=at))
        self._held = []

    def _tell_held(self) -> None:
        held, self._held = self._held or [], None
        for message in held:
            self._hear(message)

    def _hear(self, entry: Entry) -> None:
        message = Message(entry.raw.lstrip(b"\r\n"), entry.at, self._encoding)
        event = translate(message) if message.is_event else None
        if event is not None:
            self._clock.hear(entry.at, event.at)
            self._track(entry, event)

    def _seat(self, entry: Entry) -> None:
        phones = entry.facts["phones"]
        if self._tracker is None:
            self._phones = phones
        elif phones != self._phones:
            self._phones = phones
            self._track(entry, events.PhonesKnown(at=_moment(entry), phones=phones))

    def _up(self, entry: Entry) -> None:
        startup = entry.facts.get("startup")
        if self._startup and startup and startup != self._startup:
            at = self._clock.theirs(_moment(entry))
            self._track(entry, events.PbxRestarted(at=at))
        self._startup = startup or self._startup
        asterisk = entry.facts.get("asterisk") or ""
        at = self._clock.theirs(_moment(entry))
        self._track(entry, events.PbxKnown(at=at, asterisk=asterisk))
        self._tell_held()

    def _track(self, entry: Entry, event: events.Event) -> None:
        self.latest = max(self.latest, event.at)
        if isinstance(event, events.LegBegan):
            self._legs.add(event.leg.uniqueid)
        changes = self.tracker.feed(event)
        for change in changes:
            self._take(change)
            if self._on_change is not None:
                self._on_change(change)
        if self._on_event is not None:
            self._on_event(entry, event, changes)

    def _take(self, change: Change) -> None:
        match change:
            case CallsJoined(gone=gone):
                self._ended.pop(gone, None)
            case CallChanged(call=call) if call.ended_at is not None:
                self._ended[call.id] = call
            case CallChanged(call=call):
                self._ended.pop(call.id, None)

    def _let_go(self, call: Call) -> Retold:
        del self._ended[call.id]
        is_whole = self.is_whole(call)
        self._legs -= {leg.uniqueid for leg in call.legs}
        return Retold(call=call, is_whole=is_whole)


def retell(
    entries: Iterable[Entry],
    retelling: Retelling,
    *,
    until: datetime | None = None,
    most: timedelta = timedelta(hours=12),
) -> Iterator[Retold]:
    """Yield the calls of the entries as they settle.

    Behind `until` it reads on, at most so long, until the calls that began before have ended.
    """
    for entry in entries:
        retelling.feed(entry)
        yield from retelling.told()
        if until is not None and _is_done(entry, retelling, until, most):
            break
    yield from retelling.rest()


def _is_done(entry: Entry, retelling: Retelling, until: datetime, most: timedelta) -> bool:
    if entry.at < until.timestamp():
        return False
    is_late = entry.at >= (until + most).timestamp()
    return is_late or not retelling.has_open_before(until)


def _moment(entry: Entry) -> datetime:
    """When it happened, by our clock."""
    at = entry.facts.get("at")
    return datetime.fromisoformat(at) if at else datetime.fromtimestamp(entry.at, UTC)
