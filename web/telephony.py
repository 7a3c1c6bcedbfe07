"""What the pages may ask of the PBXs: calls to place, to lead and to take over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from storage.agents import Phone
from storage.hand_overs import Target
from storage.originates import Order, Originate
from storage.recording_pauses import Cause
from storage.rules.dialling import Dialled
from storage.rules.retention import Consent
from storage.rules.supervisions import Mode


class Fate(StrEnum):
    """What became of a call that was placed."""

    PLACED = "placed"  # its phone rings
    GOES_ON = "goes_on"  # its phone was lifted
    OVER = "over"
    REFUSED = "refused"
    NOT_PLACED = "not_placed"  # the PBX never knew of it
    UNKNOWN = "unknown"  # nobody can say yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a call that was placed."""

    fate: Fate
    call: UUID | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A call in a parking space."""

    call: UUID
    number: str
    name: str
    space: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """A call that rings at a phone of ours; `user` is who sits there."""

    call: UUID
    number: str
    name: str
    extension: str
    user: UUID | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A caller in a queue."""

    call: UUID
    number: str
    name: str
    queue: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeable:
    """Calls of others that an agent could take over."""

    parked: tuple[Parked, ...] = ()
    ringing: tuple[Ringing, ...] = ()
    waiting: tuple[Waiting, ...] = ()


class Handling(Protocol):
    """What an agent may do with a call that goes on; raises Refused with a sentence."""

    async def hang_up(self, user: UUID, call: UUID) -> None:
        """End the agent's own part; a call that rings there is turned away."""

    async def send_on(
        self, user: UUID, call: UUID, target: Target, *, note: str, ask_first: bool
    ) -> UUID:
        """Send the other side on, at once or after a question; returns the call's id now."""

    async def go_back(self, user: UUID, call: UUID) -> None:
        """End the question to a colleague: the agent talks with the other side again."""

    async def park(self, user: UUID, call: UUID) -> None:
        """Put the other side into a parking space, and end the agent's part."""

    async def press(self, user: UUID, call: UUID, digits: str) -> None:
        """Press keys for the other side to hear; they are written nowhere."""


class Takings(Protocol):
    """What an agent may take over; raises Refused with a sentence."""

    async def takeable(self, phone: Phone) -> Takeable:
        """What the agent at this phone could take now, were everything allowed."""

    async def retrieve(self, order: Order, phone: Phone, call: UUID, role: str) -> Originate:
        """Ring the agent's phone, then take the call out of its parking space."""

    async def pick_up(self, order: Order, phone: Phone, call: UUID, role: str) -> Originate:
        """Ring the agent's phone, then take the call that rings at a colleague's."""

    async def grab(self, phone: Phone, call: UUID) -> None:
        """Send a waiting caller to the agent's phone; back into the queue if nobody answers."""

    def phone_state(self, pbx: UUID, extension: str) -> str:
        """What a phone does now, in the words of the live protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audible:
    """A talk of an agent that could be listened to; `leg` is the agent's, by the PBX's uniqueid."""

    call: UUID
    leg: str
    extension: str
    user: UUID | None  # the agent; nobody sits at some phones


@dataclass(frozen=True, slots=True, kw_only=True)
class Attending:
    """What a supervisor is in, or has asked to be in: the phone rings until it is lifted."""

    call: UUID
    leg: str
    mode: Mode | None
    started_at: datetime | None


class Supervising(Protocol):
    """Listening in on calls of agents; raises Refused with a sentence."""

    def audible(self, pbx: UUID) -> tuple[Audible, ...]:
        """Who of ours talks on this PBX now."""

    def attended(self, user: UUID) -> Attending | None:
        """What the supervisor is in, or has asked to be in."""

    async def attend(self, user: UUID, phone: Phone, target: Audible, mode: Mode, key: str) -> None:
        """Ring the supervisor's phone and let it hear the agent's talk, or change what it does.

        A phone that is in a call already goes on without ringing; the same key is the same click.
        """

    async def leave(self, user: UUID) -> None:
        """End it, whether it rings or goes on; nothing where there is none."""


class RecordingPauses(Protocol):
    """Times in which nothing of a call is recorded; raises Refused with a sentence."""

    async def pause(self, call: UUID, *, cause: Cause, by: UUID | None, reason: str = "") -> None:
        """Have nothing of the call recorded; Refused where it is not confirmed in a second."""

    async def resume(self, call: UUID, *, cause: Cause, by: UUID | None) -> None:
        """Have the call recorded again; Refused inside a step that asks for card data."""

    def stands(self, call: UUID, *, asks: bool, by: UUID) -> None:
        """The call's script is at a step that asks for card data, or at none."""

    def now(self, call: UUID) -> dict[str, Any] | None:
        """What is recorded of a call that is up, as cards say it; None where nothing is."""

    def parties(self, call: UUID) -> frozenset[UUID]:
        """Who of ours talks in a call that is up; raises Refused where it is over."""


class Consents(Protocol):
    """What callers say to being recorded, while they talk; raises Refused with a sentence."""

    async def tell(self, call: UUID, state: Consent, *, by: UUID | None) -> None:
        """Note it; a refusal stops what records, Unconfirmed where it goes on for a second."""


class Controls(Protocol):
    """What the pages may ask of the PBXs; raises Refused with a sentence, and NotLeader."""

    @property
    def handling(self) -> Handling:
        """Calls of one's own that go on."""

    @property
    def takings(self) -> Takings:
        """Calls of others."""

    @property
    def supervising(self) -> Supervising:
        """Listening in on calls of agents."""

    @property
    def recording_pauses(self) -> RecordingPauses:
        """Pauses of recordings."""

    @property
    def consents(self) -> Consents:
        """Whether callers may be recorded."""

    async def permit(self, user: UUID, role: str, dialled: Dialled | None) -> None:
        """Let a call of ours be sent on to a number, or raise Refused."""

    async def place(self, order: Order, *, role: str, extension: str = "") -> Originate:
        """Ring the phone, then call the number; a repeated order gets what came of the first."""

    async def fate(self, originate: Originate) -> Outcome:
        """Say what came of a call that was placed, as far as it is known by now."""
