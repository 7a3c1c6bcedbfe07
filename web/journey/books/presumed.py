"""Ends that nobody heard: what was gone when a lost link was back, and nobody knows since when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from pbx_bridge.call import Call, OfferEnd

When = TypeVar("When", datetime, datetime | None)

NEAR = timedelta(seconds=1)  # queue_log counts in whole seconds
UNHEARD = frozenset({"gap", "restart"})


@dataclass(frozen=True, slots=True)
class Presumed:
    """The moments at which something of a call was only presumed to have ended.

    A PBX that tells of an end names its cause; no list of what is up does. Whatever else ended at
    such a moment ended with it, and so did what ended as the link was lost.
    """

    moments: frozenset[datetime]
    lost_at: datetime | None

    @classmethod
    def of(cls, stored: Iterable[Call], *, deaf_since: datetime | None) -> "Presumed":
        """Return those of what is stored of one call."""
        moments = (at for call in stored for at in _unheard(call))
        return cls(frozenset(at for at in moments if at is not None), deaf_since)

    def end(self, heard: datetime | None, told: datetime | None) -> datetime | None:
        """Return the end as we heard it where that is the moment the books tell, else theirs."""
        return told if self.is_so(heard) else near(heard, told)

    def is_so(self, at: datetime | None) -> bool:
        """Whether an end at this moment is only presumed."""
        is_loss = at is not None and self.lost_at is not None and abs(at - self.lost_at) <= NEAR
        return is_loss or at in self.moments


def near(heard: datetime | None, told: When) -> When:
    """Return the time as we heard it where that is the moment the books tell, else theirs."""
    if heard is not None and told is not None and abs(heard - told) <= NEAR:
        return heard
    return told


def _unheard(call: Call) -> Iterator[datetime | None]:
    yield from (leg.ended_at for leg in call.legs if leg.hangup_cause is None)
    yield from (s.ended_at for s in call.segments if s.exit_reason in UNHEARD)
    yield from (offer.ended_at for offer in call.offers if offer.end is OfferEnd.WITHDRAWN)
