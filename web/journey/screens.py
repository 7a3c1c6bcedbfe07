"""One card of one agent, and how it is drawn on the agent's screens."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from pbx_bridge.call import Call, Direction, Offer, OfferEnd
from pbx_bridge.queues import Waiter
from pbx_bridge.waiting import Place, place_of
from storage.cards import StoredWrapUp
from web import i18n
from web.journey.callers import Callers
from web.journey.seats import Seats
from web.live.hand_over import HandOvers
from web.live.hub import Hub
from web.live.messages import Kind
from web.live.pop import Caller, PopState, Why, card_data, closed_data, iso
from web.live.supervisors import Supervisors

RecordingOf: TypeAlias = Callable[[Call], dict[str, Any] | None]
ConsentOf: TypeAlias = RecordingOf
WaitersOf: TypeAlias = Callable[[UUID, str], Sequence[Waiter]]  # of a PBX's queue

WHY = {
    OfferEnd.MISSED: Why.MISSED,
    OfferEnd.CANCELLED: Why.CANCELLED,
    OfferEnd.ELSEWHERE: Why.ELSEWHERE,
    OfferEnd.WITHDRAWN: Why.WITHDRAWN,
}


@dataclass(slots=True, eq=False)
class Pop:
    """One card of one agent. Two phones of the agent that ring for one call are one card."""

    user: UUID
    call: Call
    offers: dict[UUID, Offer]
    state: PopState = PopState.RINGING
    wrap_up: StoredWrapUp | None = None
    born: float | None = None  # epoch seconds when the PBX's bytes arrived that caused it
    sent_after: float = 0.0  # seconds from then to the frame
    is_shown: bool = False
    why: Why | None = None  # set once it is closed
    drawn: object = None  # what the card was drawn from
    caller: Caller | None = None  # kept, so that no other gets its id
    place: Place | None = None  # in the queue, when the card was shown
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.id = next(iter(self.offers))

    @property
    def offer(self) -> Offer:
        """The offer that was answered, else the first."""
        answered = (offer for offer in self.offers.values() if offer.answered_at)
        return next(answered, next(iter(self.offers.values())))


class Screens:
    """Draws cards through the hub: each once, again only when it looks different."""

    def __init__(self, hub: Hub, callers: Callers) -> None:
        self.on_phone: Callable[[UUID, str, datetime], None] = lambda *_: None  # what else is told
        self.seats = Seats()
        self.waiters_of: WaitersOf = _nobody
        self.hand_overs = HandOvers()
        self.supervisors = Supervisors()
        self.recording_of: RecordingOf = lambda _call: None
        self.consent_of: ConsentOf = lambda _call: None
        self._hub = hub
        self._callers = callers

    def draw(self, pop: Pop, *, anyway: bool = False) -> None:
        """Draw the card; a new one waits for its lookup unless it is to be shown `anyway`."""
        caller = self._callers.known(pop.call.id)
        if pop.why is not None or caller is None:
            return
        if not pop.is_shown and caller.card is None and not anyway:
            return
        call, offer = pop.call, pop.offer
        queue = offer.queue or call.queue
        label = self.seats.queue_label(call.pbx, queue)
        choices = self.seats.choices_of(call.pbx, queue)
        told = (call.id, call.direction, call.number, call.name, call.dialled, call.ended_at)
        inbound = call.direction is Direction.INBOUND
        dialled_as = self.seats.dialled(call.pbx, call.dialled) if inbound else None
        handed = self.hand_overs.told(call, offer, self.seats.users, self.seats.names)
        language = self.seats.languages.get(pop.user, "")
        supervised = self.supervisors.told(call, offer, self.seats.names)
        recording, consent = self._recorded(call, language)
        shown = (label, choices, dialled_as, handed, supervised, language, recording, consent)
        drawn = (pop.state, told, offer, id(caller), shown, pop.wrap_up)
        if pop.drawn == drawn:
            return  # most changes of a call do not show on its card
        pop.drawn, pop.caller = drawn, caller
        self._find_place(pop)
        with i18n.speaking(language):
            data = card_data(
                pop=pop.id,
                state=pop.state,
                call=call,
                offer=offer,
                caller=caller,
                queue_label=label,
                choices=choices,
                place=pop.place,
                dialled_as=dialled_as,
                handed_over=handed,
                supervised=supervised,
                recording=recording,
                consent=consent,
                wrap_up=pop.wrap_up,
            )
        self._tell(pop, data)

    def _tell(self, pop: Pop, data: dict[str, Any]) -> None:
        now = time.monotonic()
        if not pop.is_shown:
            pop.is_shown = True
            pop.sent_after = max(0.0, time.time() - pop.born) if pop.born else 0.0
            self._hub.tell(pop.user, Kind.POP_OPENED, data, now=now, born=pop.born)
        elif self._hub.view(pop.user).pops.get(data["id"]) != data:
            self._hub.tell(pop.user, Kind.POP_CHANGED, data, now=now)

    def _find_place(self, pop: Pop) -> None:
        """Note where in the line the caller stood when the card is shown."""
        if not pop.is_shown and pop.state is PopState.RINGING:
            call = pop.call
            waiters = self.waiters_of(call.pbx, call.queue) if call.queue else ()
            pop.place = place_of(call, waiters)

    def _recorded(
        self, call: Call, language: str
    ) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        with i18n.speaking(language):
            return self.recording_of(call), self.consent_of(call)

    def close(self, pop: Pop, why: Why) -> None:
        """Take the card away; one that was never drawn never will be."""
        pop.why = why
        card = self._hub.view(pop.user).pops.get(str(pop.id))
        if card is not None:
            data = closed_data(card, why, at=datetime.now(UTC))
            self._hub.tell(pop.user, Kind.POP_CLOSED, data, now=time.monotonic())

    def say_better_why(self, pop: Pop) -> None:
        """What ended an offer is sometimes known only after it."""
        better = WHY.get(pop.offer.end) if pop.offer.end else None
        closed = self._hub.view(pop.user).closed.get(str(pop.id))
        if better is None or closed is None or better is pop.why or pop.why not in WHY.values():
            return
        pop.why = better
        data = {**closed, "why": better.value}
        self._hub.tell(pop.user, Kind.POP_CLOSED, data, now=time.monotonic())

    def phone(self, pbx: UUID, extension: str, state: str, at: datetime) -> None:
        """Tell an agent what their phone does, where that is news."""
        self.on_phone(pbx, extension, at)
        user = self.seats.users.get((pbx, extension))
        if user is None:
            return
        known = self._hub.view(user).phones.get(f"{pbx}/{extension}")
        if known is None or known["state"] != state:
            data = {"pbx": str(pbx), "extension": extension, "state": state, "since": iso(at)}
            self._hub.tell(user, Kind.PHONE_CHANGED, data, now=time.monotonic())


def _nobody(_pbx: UUID, _queue: str) -> Sequence[Waiter]:
    return ()
