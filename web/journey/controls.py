"""What people ask of the PBXs: calls to place, and what came of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import storage.originates
from pbx_bridge.ami import Link
from pbx_bridge.call import Call, Leg
from storage.database import Database
from storage.errors import NotLeader, Refused
from storage.originates import Order, Originate, OriginateState
from web.i18n import gettext
from web.journey.dials import Dials, Way
from web.journey.journey import Journey
from web.journey.lines import Lines
from web.keys import Fate, Outcome

DOUBT = timedelta(seconds=8)  # after the link is back: what is not listed by then was not placed


class Controls:
    """Implements `web.keys.Controls`: it works through the links of this process."""

    def __init__(self, lines: Lines, database: Database, leads: Callable[[], bool]) -> None:
        self._lines = lines
        self._database = database
        self._leads = leads
        self.dials = Dials(database, leads)

    async def place(self, order: Order, *, role: str, extension: str = "") -> Originate:
        """Ring the phone, then call the number; raises Refused and NotLeader with a sentence."""
        journey = self.journey(order.pbx_id)
        way = Way(variables={"RINGBOOK_EXTENSION": extension} if extension else {})
        return await self.dials.place(journey.link, order, role=role, way=way)

    async def fate(self, originate: Originate) -> Outcome:
        """Say what came of a call that was placed, as far as it is known by now."""
        if originate.state is OriginateState.REFUSED:
            return Outcome(Fate.REFUSED, why=originate.why)
        journey = self._lines.of(originate.pbx_id)
        for call in journey.tracker.calls.values() if journey else ():
            for leg in call.legs:
                if leg.uniqueid == originate.channel_id:
                    return Outcome(_fate_of(leg), call=call.id)
        async with self._database.reading() as session:
            stored = await storage.originates.call_of(session, originate)
        if stored is not None:
            return Outcome(Fate.OVER, call=stored)
        is_settled = journey is not None and _is_long_up(journey.link, originate)
        return Outcome(Fate.NOT_PLACED if is_settled else Fate.UNKNOWN)

    def latest(self, call: UUID) -> Call | None:
        """A call that is up or ended lately, as it is told now."""
        return self._lines.latest(call)

    def journey(self, pbx: UUID) -> Journey:
        """The PBX that is to do something; raises NotLeader, and Refused where there is no link."""
        if not self._leads():
            raise NotLeader
        journey = self._lines.of(pbx)
        if journey is None or journey.link.state.status != "connected":
            text = gettext("The telephone system does not answer: nothing was done.")
            raise Refused(text)
        return journey


def _fate_of(leg: Leg) -> Fate:
    if leg.ended_at:
        return Fate.OVER
    return Fate.GOES_ON if leg.answered_at else Fate.PLACED


def _is_long_up(link: Link, originate: Originate) -> bool:
    """Whether we would have heard of its channel by now, were there one."""
    since = max(originate.claimed_at, link.state.since)
    return link.state.status == "connected" and datetime.now(UTC) - since > DOUBT
