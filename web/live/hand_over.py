"""Who of us had a call before it rings at a colleague: for the card, with what was said of it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pbx_bridge.call import Call, Offer, Segment, SegmentKind

MOST = 2000  # notes that are kept at hand
HOW = {"transferred": "sent_on", "parked": "parked"}  # reason of the talk's end → how it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an agent wrote when sending a call on; `before` are the offers it is not for."""

    user: UUID
    note: str
    before: frozenset[UUID]


class HandOvers:
    """The notes of calls that were sent on lately."""

    def __init__(self) -> None:
        self._said: OrderedDict[UUID, Said] = OrderedDict()

    def say(self, call: Call, user: UUID, note: str) -> None:
        """The call is being sent on: whoever it rings at from now on is to see the note."""
        self.say_of(
            call.id, Said(user=user, note=note, before=frozenset(o.id for o in call.offers))
        )

    def say_of(self, call: UUID, said: Said) -> None:
        """The same, of a call that is known by its id only."""
        self._said[call] = said
        self._said.move_to_end(call)
        while len(self._said) > MOST:
            self._said.popitem(last=False)

    def take_back(self, call: UUID) -> None:
        """The call was not sent on after all."""
        self._said.pop(call, None)

    def told(
        self,
        call: Call,
        offer: Offer,
        users: Mapping[tuple[UUID, str], UUID],
        names: Mapping[UUID, str],
    ) -> dict[str, Any] | None:
        """Return who had the call before this offer: by, note, how, talked_seconds; None: nobody.

        `how` is sent_on, asks (the other side waits while the colleague is asked) or parked.
        """
        if offer.outgoing or len(call.offers) < 2:  # noqa: PLR2004 - it rang at one phone only
            return None
        last = _last_talk(call, offer)
        if last is None:
            return None
        extension = next(p.extension for p in last.parties if p.extension)
        said = self._of(call)
        if said is not None and offer.id in said.before:
            said = None
        how = HOW.get(last.exit_reason or "") or ("asks" if _waits_for(call, extension) else "")
        if not how:
            if said is None:
                return None
            how = "sent_on"
        user = said.user if said else users.get((call.pbx, extension))
        return {
            "by": names.get(user, extension) if user else extension,
            "note": said.note if said and said.note else None,
            "how": how,
            "talked_seconds": round(_talked(call, extension)),
        }

    def _of(self, call: Call) -> Said | None:
        if not self._said:
            return None
        found = (self._said.get(key) for key in (call.id, *call.aliases))
        return next(filter(None, found), None)


def _last_talk(call: Call, offer: Offer) -> Segment | None:
    """The talk of another of us that was before the offer."""
    for segment in reversed(call.segments):
        if segment.kind is not SegmentKind.TALK or segment.started_at >= offer.started_at:
            continue
        ours = {party.extension for party in segment.parties if party.extension}
        if ours and offer.extension not in ours:
            return segment
    return None


def _waits_for(call: Call, extension: str) -> bool:
    """Whether the other side waits while this phone of ours asks somebody."""
    return any(
        segment.kind in {SegmentKind.HOLD, SegmentKind.CONSULT}
        and segment.ended_at is None
        and any(party.extension == extension for party in segment.parties)
        for segment in call.segments
    )


def _talked(call: Call, extension: str) -> float:
    return sum(
        (segment.ended_at - segment.started_at).total_seconds()
        for segment in call.segments
        if segment.kind is SegmentKind.TALK
        and segment.ended_at
        and any(party.extension == extension for party in segment.parties)
    )
