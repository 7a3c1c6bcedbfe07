"""The ways to the PBXs: the links of this process, while it leads."""

from collections.abc import Callable, Iterator
from uuid import UUID

from pbx_bridge.call import Call
from storage.errors import NotLeader, Refused
from web.i18n import gettext
from web.journey.journey import Journey
from web.journey.lines import Lines


class Ways:
    """Finds the PBX that is to do something, and the call that it is about."""

    def __init__(self, lines: Lines, leads: Callable[[], bool]) -> None:
        self._lines = lines
        self._leads = leads

    def latest(self, call: UUID) -> Call | None:
        """A call that is up or ended lately, as it is told now."""
        return self._lines.latest(call)

    def up(self, call: UUID) -> Call:
        """A call that something is to be done with; raises NotLeader, and Refused if it is over."""
        if not self._leads():
            raise NotLeader
        found = self._lines.latest(call)
        if found is None or found.ended_at is not None:
            raise Refused(gettext("This call is over."))
        return found

    def leads(self) -> bool:
        """Whether this process may ask for anything."""
        return self._leads()

    def calls(self) -> Iterator[Call]:
        """Give every call that is up, as it is told now."""
        journeys = (self._lines.of(link.pbx_id) for link in self._lines.links())
        for journey in journeys:
            yield from journey.tracker.calls.values() if journey else ()

    def of(self, pbx: UUID) -> Journey | None:
        """What is heard of a PBX, whether it can do something now or not."""
        return self._lines.of(pbx)

    def journey(self, pbx: UUID) -> Journey:
        """The PBX that is to do something; raises NotLeader, and Refused where there is no link."""
        if not self._leads():
            raise NotLeader
        journey = self._lines.of(pbx)
        if journey is None or journey.link.state.status != "connected":
            text = gettext("The telephone system does not answer: nothing was done.")
            raise Refused(text)
        return journey
