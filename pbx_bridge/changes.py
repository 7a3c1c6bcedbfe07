"""What the tracker answers to an event: the calls that changed, and what people must be told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pbx_bridge.call import Call, Offer


class PhoneState(StrEnum):
    """What a phone of ours does now, as the desk shows it."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"  # off the hook, also while it dials
    ON_HOLD = "on_hold"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class OfferBegan:
    """A phone of ours rings, or dials out: open a pop."""

    call: Call
    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The phone of this offer now talks: the pop shows its answered state."""

    call: Call
    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """The offer stopped unanswered at this phone: take the pop away (`offer.end` says why)."""

    call: Call
    offer: Offer


@dataclass(frozen=True, slots=True)
class CallChanged:
    """The call is not as it was: store it. At most one per call and event, after the offers."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallEnded:
    """No leg is alive: settle the record, wrap up, fetch the recording."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallsJoined:
    """Two provisional calls turned out to be one: `gone` is from now on an alias of `call.id`."""

    call: Call
    gone: UUID


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """A phone of ours is in another state."""

    extension: str
    state: PhoneState
    at: datetime


@dataclass(frozen=True, slots=True)
class ImpossibleEvent:
    """An event that fits no transition: counted and shown, and nothing else changed."""

    event: object
    why: str
    call: UUID | None = None


Change = (
    OfferBegan
    | OfferAnswered
    | OfferEnded
    | CallChanged
    | CallEnded
    | CallsJoined
    | PhoneChanged
    | ImpossibleEvent
)
