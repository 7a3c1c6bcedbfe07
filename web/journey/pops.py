"""From offers to cards: which agent has which card, in what state, until when."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from pbx_bridge.call import Call, Direction, Offer, OfferEnd
from pbx_bridge.changes import (
    CallChanged,
    CallEnded,
    CallsJoined,
    Change,
    OfferAnswered,
    OfferBegan,
    OfferEnded,
    PhoneChanged,
)
from storage.cards import StoredWrapUp
from web.journey.callers import Callers
from web.journey.screens import WHY, Pop, Screens
from web.journey.seats import Line
from web.live.messages import Shown
from web.live.metrics import Metrics
from web.live.pop import PopState, Why

PATIENCE_SECONDS = 0.3  # a card that is not read by then is shown with what there is


class Pops:
    """Follows the tracker's changes of all PBXs."""

    def __init__(self, screens: Screens, callers: Callers, metrics: Metrics) -> None:
        self._screens = screens
        self._callers = callers
        self._metrics = metrics
        self._by_offer: dict[UUID, Pop] = {}
        self._by_call: dict[UUID, list[Pop]] = {}  # also those closed, until the call is over
        self._over: set[UUID] = set()  # calls that ended and still have cards
        self._watching: list[set[tuple[UUID, UUID]]] = []
        self._rules: dict[type, Callable[..., None]] = {
            OfferBegan: self._began,
            OfferAnswered: self._answered,
            OfferEnded: self._ended,
            CallChanged: self._changed,
            CallEnded: self._call_ended,
            CallsJoined: self._joined,
        }

    def take(self, change: Change, line: Line, born: float | None) -> None:
        """Follow one change; `born` is when the bytes that caused it arrived (epoch seconds)."""
        if isinstance(change, PhoneChanged):
            self._screens.phone(line.id, change.extension, change.state.value, change.at)
        elif rule := self._rules.get(type(change)):
            rule(change, line, born)

    def phones_are(self, line: Line, state_of: Callable[[str], str], at: datetime) -> None:
        """Tell every agent of the PBX what their phone does, also where it did not change."""
        for extension in self._screens.seats.phones.get(line.id, {}).values():
            self._screens.phone(line.id, extension, state_of(extension), at)

    def restore(self, user: UUID, call: Call, offer: Offer) -> None:
        """Show again a card that waited for its wrap-up when the server stopped."""
        if offer.id in self._by_offer:
            return
        pop = Pop(user=user, call=call, offers={offer.id: offer}, state=PopState.WRAP_UP)
        self._add(pop)
        self._over.add(call.id)
        self._screens.draw(pop)

    @contextmanager
    def watched(self) -> Iterator[set[tuple[UUID, UUID]]]:
        """Collect who finishes what meanwhile: a user with a call (wrapped up) or offer (put away).

        Whoever reads which cards to restore must not restore those.
        """
        finished: set[tuple[UUID, UUID]] = set()
        self._watching.append(finished)
        try:
            yield finished
        finally:
            self._watching = [each for each in self._watching if each is not finished]

    def redraw(self, call: UUID) -> None:
        """What is known of the call's other side came or changed."""
        for pop in self._by_call.get(call, ()):
            self._screens.draw(pop)

    def redraw_all(self) -> None:
        """Names that cards show changed."""
        for call in self._by_call:
            self.redraw(call)

    def has(self, call: UUID) -> bool:
        """Whether a card shows the call."""
        return call in self._by_call

    def dismissed(self, user: UUID, pop_id: UUID) -> None:
        """The agent put the card away."""
        self._note_finished(user, pop_id)
        pop = self._by_offer.get(pop_id)
        if pop is not None and pop.user == user and pop.why is None:
            self._close(pop, Why.DISMISSED)

    def wrapped_up(self, user: UUID, call: UUID, stored: StoredWrapUp | None) -> None:
        """The agent stored outcome and note; while they still talk the card stays."""
        self._note_finished(user, call)
        for pop in tuple(self._by_call.get(call, ())):
            if pop.user != user or pop.why is not None:
                continue
            pop.wrap_up = stored
            if pop.state is PopState.WRAP_UP:
                self._close(pop, Why.WRAPPED_UP)
            else:
                self._screens.draw(pop)

    def _note_finished(self, user: UUID, key: UUID) -> None:
        for finished in self._watching:
            finished.add((user, key))

    def shown(self, user: UUID, report: Shown) -> None:
        """The user's browser has painted a card: measure from the PBX's bytes to there."""
        try:
            pop = self._by_offer.get(UUID(report.pop))
        except ValueError:
            return
        if pop is not None and pop.user == user and pop.is_shown and pop.born:
            self._metrics.pop_shown.observe(pop.sent_after + report.seconds)

    def _began(self, change: OfferBegan, line: Line, born: float | None) -> None:
        call, offer = change.call, change.offer
        user = self._screens.seats.users.get((line.id, offer.extension))
        if user is None or offer.id in self._by_offer:
            return
        for twin in self._by_call.get(call.id, ()):
            if twin.user == user and twin.why is None and twin.state is PopState.RINGING:
                twin.offers[offer.id] = offer
                self._by_offer[offer.id] = twin
                return
        pop = Pop(user=user, call=call, offers={offer.id: offer}, born=born)
        self._add(pop)
        self._callers.meet(call, line, fresh=True)
        self._screens.draw(pop)
        if not pop.is_shown:
            asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._draw_late, pop)

    def _answered(self, change: OfferAnswered, _line: Line, _born: float | None) -> None:
        pop = self._open_of(change.offer, change.call)
        if pop is None:
            return
        pop.state = PopState.ANSWERED
        for older in tuple(self._by_call[change.call.id]):
            if older is not pop and older.user == pop.user and older.why is None:
                self._close(older, Why.CONTINUED)
        self._screens.draw(pop)

    def _ended(self, change: OfferEnded, _line: Line, _born: float | None) -> None:
        pop = self._open_of(change.offer, change.call)
        if pop is None or pop.state is not PopState.RINGING:
            return
        if any(offer.end is None for offer in pop.offers.values()):
            return  # the agent's other phone still rings
        if change.offer.outgoing:
            self._finish(pop)
        else:
            self._close(pop, WHY.get(change.offer.end or OfferEnd.WITHDRAWN, Why.WITHDRAWN))

    def _changed(self, change: CallChanged, line: Line, _born: float | None) -> None:
        call = change.call
        pops = self._by_call.get(call.id)
        if not pops:
            return
        self._callers.meet(call, line)  # its number may be another by now
        told = {offer.id: offer for offer in call.offers}
        gone = {leg.id for leg in call.legs if leg.ended_at}
        for pop in tuple(pops):
            pop.call = call
            pop.offers = {key: told.get(key, offer) for key, offer in pop.offers.items()}
            if pop.why is not None:
                self._screens.say_better_why(pop)
            elif pop.state is PopState.ANSWERED and gone.issuperset(pop.offer.legs):
                self._finish(pop)  # the agent is out of it; the call may go on
            else:
                self._screens.draw(pop)

    def _call_ended(self, change: CallEnded, _line: Line, _born: float | None) -> None:
        call = change.call
        self._over.add(call.id)
        for pop in tuple(self._by_call.get(call.id, ())):
            pop.call = call
            if pop.why is not None:
                continue
            if pop.state is PopState.RINGING and not pop.offer.outgoing:
                self._close(pop, Why.WITHDRAWN)
            else:
                self._finish(pop)
        self._let_go(call.id)

    def _joined(self, change: CallsJoined, _line: Line, _born: float | None) -> None:
        self._callers.join(change.call.id, change.gone)
        moved = self._by_call.pop(change.gone, [])
        for pop in moved:
            pop.call = change.call
            self._by_call.setdefault(change.call.id, []).append(pop)

    def _finish(self, pop: Pop) -> None:
        """The agent's part is over: what is left is to write it down."""
        if pop.call.direction is Direction.INTERNAL:
            self._close(pop, Why.ENDED)
        else:
            pop.state = PopState.WRAP_UP
            self._screens.draw(pop)

    def _draw_late(self, pop: Pop) -> None:
        if not pop.is_shown and pop.why is None:
            self._metrics.lookups_late.inc()
            self._screens.draw(pop, anyway=True)

    def _close(self, pop: Pop, why: Why) -> None:
        self._screens.close(pop, why)
        self._let_go(pop.call.id)

    def _open_of(self, offer: Offer, call: Call) -> Pop | None:
        """Return the open card of the offer, brought up to date."""
        pop = self._by_offer.get(offer.id)
        if pop is None or pop.why is not None:
            return None
        pop.call = call
        pop.offers[offer.id] = offer
        return pop

    def _add(self, pop: Pop) -> None:
        for offer in pop.offers:
            self._by_offer[offer] = pop
        self._by_call.setdefault(pop.call.id, []).append(pop)

    def _let_go(self, call: UUID) -> None:
        """Forget a call that is over and has no card left."""
        pops = self._by_call.get(call, [])
        if call not in self._over or any(pop.why is None for pop in pops):
            return
        self._over.discard(call)
        self._by_call.pop(call, None)
        for pop in pops:
            for offer in pop.offers:
                self._by_offer.pop(offer, None)
