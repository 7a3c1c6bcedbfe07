"""How a journey goes on where another ended: the journal, another node, calls that are up."""

from datetime import datetime
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.call import Call
from pbx_bridge.clocks import PbxClock
from pbx_bridge.tracker import Tracker
from web.journey.callers import Callers
from web.journey.continuity import Continuity, offered_still
from web.journey.pops import Pops
from web.journey.progress import Progress
from web.journey.records import Records
from web.journey.seats import Line
from web.journey.tails import Tail
from web.journey.takeovers import Known


class Resuming:
    """What a journey knows of the time before it began, and shows of it."""

    line: Line
    tracker: Tracker
    continuity: Continuity
    progress: Progress
    acts: bool
    seated_as: events.PhonesKnown | None
    _callers: Callers
    _pops: Pops
    _records: Records
    _clock: PbxClock
    _startup: datetime | None
    _hidden: frozenset[UUID] = frozenset()  # offers whose cards their agents put away
    _is_listed = False  # since the start: what is up now is known

    def resume(self, tail: Tail) -> None:
        """Go on where the journal ended; who sees the calls that are up is settled later."""
        self.tracker, self.continuity = tail.tracker, tail.continuity
        self._startup = tail.startup
        self._clock.go_on(tail.clock)
        if self.seated_as is not None:
            self.tracker.feed(self.seated_as)
        for call in tail.open() if self.acts else ():
            self._callers.meet(call, self.line)
            self._records.note(call)
        self.progress.resume(tail.here, tail.begun, (call.id for call in tail.seeded))

    def act(self, known: Known) -> None:
        """Pop and store from now on, beginning with what is up: no other node does."""
        self.acts, self.continuity, self._hidden = True, known.continuity, known.hidden
        self._records.follow(self.progress)
        for call in known.unstored:
            self._callers.meet(call, self.line)
            self._records.note(call)
        if self._is_listed:
            self._show_what_goes_on()

    def _show_what_goes_on(self) -> None:
        """Calls that were up before the server stopped have their cards and records again."""
        for call in map(self.continuity.call, list(self.tracker.calls.values())):
            self._callers.meet(call, self.line)
            self._show_cards(call, {leg.id for leg in call.legs if leg.ended_at is None})
            self._records.note(call)

    def _show_cards(self, call: Call, legs: set[UUID]) -> None:
        for change in offered_still(call, legs, hidden=self._hidden):
            self._pops.take(change, self.line, None)
