"""Why a call is told as it is: its messages folded again, and what each of them made; pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.ami.message import FALLBACK, Message
from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged, CallsJoined, Change, ImpossibleEvent
from pbx_bridge.journal import causes
from pbx_bridge.journal.effects import About, Effect, effects
from pbx_bridge.journal.entries import Entry, Kind, is_turn
from pbx_bridge.journal.masking import hide_paths
from pbx_bridge.journal.replays import Retelling
from pbx_bridge.matching import Reason, msgid
from pbx_bridge.translate import translate

ODD = msgid("It fits nothing that went before, and changed nothing: {why}.")
_WITHOUT_MEMORY = (  # what they do not change at once they never will
    events.AgentCompleted,
    events.DeviceChanged,
    events.DialplanReached,
    events.ExtensionChanged,
    events.LegChanged,
    events.MemberChanged,
    events.MemberRemoved,
    events.Unheld,
)
_NOT_SHOWN = frozenset({"Timestamp"})
_OF_WHOM = ("CallerIDNum", "CallerIDName", "Linkedid")  # of a channel: mostly said before


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A message that made the call what it is, or one of our own notes that did.

    One without effects changed nothing by itself: what others made depends on it.
    """

    entry: Entry
    at: datetime  # by the PBX's clock
    name: str  # of the event, as AMI has it; "" for a note of ours
    cause: Reason
    effects: tuple[Effect, ...]
    headers: tuple[tuple[str, str], ...]  # those that the tracker read


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The steps of a call in their order, what changed nothing, and the call they make."""

    call: Call | None = None  # None: no message is about it
    steps: tuple[Step, ...] = ()
    idle: tuple[Entry, ...] = ()  # messages about its channels that changed nothing
    _of: dict[tuple[About, UUID | None], list[Step]] = field(default_factory=dict, compare=False)

    def steps_of(self, about: About, key: UUID | None = None) -> Sequence[Step]:
        """The steps that made this part what it is, in their order."""
        return self._of.get((about, key), ())

    def step_of(self, about: About, key: UUID | None = None) -> Step | None:
        """The last step that made this part what it is."""
        return next(reversed(self.steps_of(about, key)), None)


def explain(
    pbx: UUID,
    entries: Iterable[Entry],
    ids: Iterable[str],
    *,
    phones: Mapping[str, str] | None = None,
    encoding: str = FALLBACK,
) -> Explanation:
    """Tell why the call of the channels `ids` is what it is.

    `entries` are the messages about it and our own notes of that time, in their order; `phones`
    those that were ours when it began.
    """
    fold = _Fold(pbx, dict(phones or {}), encoding)
    for entry in entries:
        fold.feed(entry)
    return fold.explanation(frozenset(ids))


@dataclass(slots=True)
class _Made:
    """What one event made of one call; without an event it only counts for what follows."""

    entry: Entry
    event: events.Event | None
    call: UUID | None  # None: whichever it is about
    effects: list[Effect]


class _Reading:
    """A message that remembers which of its headers were read."""

    def __init__(self, message: Message) -> None:
        self.read: dict[str, str] = {}
        self.name = message.name
        self.at = message.at
        self._message = message

    def get(self, header: str, /) -> str:
        value = self._message.get(header)
        if value:
            self.read[header] = value
        return value

    def cut(self, _pattern: re.Pattern[bytes], /) -> None:
        """Nothing: whoever wants many headers at one go reads them one by one."""


class _Fold:
    def __init__(self, pbx: UUID, phones: dict[str, str], encoding: str) -> None:
        self._encoding = encoding
        self._phones = phones
        self._retelling = Retelling(pbx, phones=phones, encoding=encoding, on_event=self._hear)
        self._last: dict[UUID, Call] = {}
        self._joined: dict[UUID, list[Call]] = {}
        self._aliases: dict[UUID, UUID] = {}
        self._made: list[_Made] = []
        self._messages: list[Entry] = []

    def feed(self, entry: Entry) -> None:
        if entry.kind is Kind.PHONES:
            self._phones = self._phones | entry.facts["phones"]
        if entry.kind is Kind.MESSAGE and not is_turn(entry):
            self._messages.append(entry)
        if entry.kind is Kind.UP:
            self._made.append(_Made(entry, None, None, []))
        self._retelling.feed(entry)

    def explanation(self, ids: frozenset[str]) -> Explanation:
        call = max(
            self._last.values(),
            key=lambda call: sum(leg.uniqueid in ids for leg in call.legs),
            default=None,
        )
        if call is None or ids.isdisjoint(leg.uniqueid for leg in call.legs):
            return Explanation(idle=tuple(self._messages))
        steps: dict[int, list[_Made]] = {}
        for made in self._about(call):
            steps.setdefault(made.entry.n, []).append(made)
        told = tuple(self._step(made) for made in steps.values())
        of: dict[tuple[About, UUID | None], list[Step]] = {}
        for step in told:
            for part in dict.fromkeys((effect.about, effect.key) for effect in step.effects):
                of.setdefault(part, []).append(step)
        idle = tuple(entry for entry in self._messages if entry.n not in steps)
        return Explanation(call=call, steps=told, idle=idle, _of=of)

    def _about(self, call: Call) -> list[_Made]:
        """What was made of the call, and what of the same time counts for it later."""
        own = {made.entry.n for made in self._made if self._now(made.call) == call.id}
        first, last = min(own, default=0), max(own, default=0)
        return [
            made
            for made in self._made
            if self._now(made.call) == call.id
            or (made.call is None and (first < made.entry.n < last or not is_turn(made.entry)))
        ]

    def _hear(self, entry: Entry, event: events.Event, changes: tuple[Change, ...]) -> None:
        if not isinstance(event, _WITHOUT_MEMORY):
            self._made.append(_Made(entry, event, None, []))
        for change in changes:
            call, found = self._effects(event, change)
            if call is not None:
                self._made.append(_Made(entry, event, call, found))

    def _effects(self, event: events.Event, change: Change) -> tuple[UUID | None, list[Effect]]:
        """The call that changed, and what of it."""
        match change:
            case CallsJoined(call=call, gone=gone):
                self._aliases[gone] = call.id
                lost = self._last.pop(gone, None)
                if lost is not None:
                    self._joined.setdefault(call.id, []).append(lost)
                return call.id, [Effect(about=About.JOIN, what=causes.joined_by(event), key=gone)]
            case CallChanged(call=call):
                before, joined = self._last.get(call.id), self._joined.pop(call.id, [])
                self._last[call.id] = call
                return call.id, effects(before, call, joined)
            case ImpossibleEvent(call=key, why=why):
                odd = Reason(text=ODD, params={"why": why})
                return key, [Effect(about=About.ODDITY, what=odd)]
            case _:
                return None, []

    def _now(self, call: UUID | None) -> UUID | None:
        while call in self._aliases:
            call = self._aliases[call]
        return call

    def _step(self, made: list[_Made]) -> Step:
        entry = made[0].entry
        event = next((one.event for one in reversed(made) if one.event), None)
        found = tuple(effect for one in made for effect in one.effects)
        name = ""
        headers: tuple[tuple[str, str], ...] = ()
        if entry.kind is Kind.MESSAGE:
            raw = hide_paths(entry.raw.lstrip(b"\r\n"))
            reading = _Reading(Message(raw, entry.at, self._encoding))
            translate(reading)
            name, headers = reading.name, _mattering(reading.read, found)
        return Step(
            entry=entry,
            at=event.at if event else datetime.fromtimestamp(entry.at, UTC),
            name=name,
            cause=causes.said(event, self._name),
            effects=found,
            headers=headers,
        )

    def _name(self, view: events.LegView | None) -> str:
        if view is None:
            return causes.NOBODY
        interface = view.channel.rpartition("-")[0] or view.channel
        return self._phones.get(interface) or view.number or view.channel or view.uniqueid


def _mattering(read: Mapping[str, str], found: tuple[Effect, ...]) -> tuple[tuple[str, str], ...]:
    """Leave out what every message says of its channels, unless it is news here."""
    is_news = any(effect.about in {About.CALL, About.LEG, About.JOIN} for effect in found)
    return tuple(
        (name, value)
        for name, value in read.items()
        if name not in _NOT_SHOWN and (is_news or not name.endswith(_OF_WHOM))
    )
