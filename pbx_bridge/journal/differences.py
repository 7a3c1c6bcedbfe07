"""Where two tellings of one call differ, field by field, in words; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pbx_bridge.call import Call, Segment

SHORTEST_CUT = 20  # what is stored may have been cut, but not shorter than this
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is told otherwise."""

    field: str
    stored: str
    told: str

    def __str__(self) -> str:
        return f"{self.field}: {self.stored} → {self.told}"


def differences(stored: Call, told: Call) -> list[Difference]:
    """Return what `told` says otherwise; ids of parts and revisions are no difference."""
    before, now = dict(_fields(stored)), dict(_fields(told))
    return [
        Difference(name, before.get(name, NOTHING), now.get(name, NOTHING))
        for name in dict.fromkeys((*before, *now))
        if not _same(before.get(name, NOTHING), now.get(name, NOTHING))
    ]


def _fields(call: Call) -> Iterator[tuple[str, str]]:
    yield "direction", call.direction.value
    yield "number", _text(call.number)
    yield "name", _text(call.name)
    yield "dialled", _text(call.dialled)
    yield "state", call.state.value
    yield "result", call.result.value if call.result else NOTHING
    yield "queue", _text(call.queue)
    yield from _times("", call.started_at, call.answered_at, call.ended_at)
    yield from _legs(call)
    for number, segment in enumerate(sorted(call.segments, key=_place), 1):
        yield from _segment(f"segment {number} ", call, segment)
    for offer in call.offers:
        name = f"offer {offer.extension}/{offer.attempt} "
        yield name + "end", offer.end.value if offer.end else NOTHING
        yield name + "queue", _text(offer.queue)
        yield name + "outgoing", str(offer.outgoing)
        yield from _times(name, offer.started_at, offer.answered_at, offer.ended_at)
    for recording in call.recordings:
        name = f"recording {_text(recording.path)} "
        yield name + "started", _time(recording.started_at)
        yield name + "ended", _time(recording.ended_at)
        for number, pause in enumerate(recording.pauses, 1):
            yield from _times(f"{name}pause {number} ", pause.started_at, None, pause.ended_at)


def _legs(call: Call) -> Iterator[tuple[str, str]]:
    for leg in call.legs:
        name = f"leg {_text(leg.uniqueid)} "
        yield name + "channel", _text(leg.channel)
        yield name + "number", _text(leg.number)
        yield name + "name", _text(leg.name)
        yield name + "extension", _text(leg.extension)
        yield name + "cause", str(leg.hangup_cause) if leg.hangup_cause is not None else NOTHING
        yield from _times(name, leg.started_at, leg.answered_at, leg.ended_at)


def _segment(name: str, call: Call, segment: Segment) -> Iterator[tuple[str, str]]:
    ids = {leg.id: leg.uniqueid for leg in call.legs}
    who = sorted(
        f"{ids.get(party.leg, party.leg)} {party.extension or party.number}".strip()
        for party in segment.parties
    )
    yield name + "kind", segment.kind.value
    yield name + "exit", _text(segment.exit_reason)
    yield name + "queue", _text(segment.queue)
    yield name + "parties", _text(", ".join(who))
    yield name + "started", _time(segment.started_at)
    yield name + "ended", _time(segment.ended_at)


def _times(
    name: str, started: datetime, answered: datetime | None, ended: datetime | None
) -> Iterator[tuple[str, str]]:
    yield name + "started", _time(started)
    yield name + "answered", _time(answered)
    yield name + "ended", _time(ended)


def _place(segment: Segment) -> tuple[datetime, str, str]:
    return segment.started_at, segment.kind.value, segment.exit_reason or ""


def _text(value: str | None) -> str:
    """What a caller wrote, on one line and without what a terminal would obey."""
    if not value:
        return NOTHING
    clean = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in clean)


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="milliseconds") if at else NOTHING


def _same(stored: str, told: str) -> bool:
    return stored == told or (SHORTEST_CUT <= len(stored) < len(told) and told.startswith(stored))
