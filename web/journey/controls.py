"""What people ask of the PBXs: calls to place, and what came of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

import storage.originates
from pbx_bridge.ami import Link
from pbx_bridge.call import Leg
from storage.database import Database
from storage.originates import Order, Originate, OriginateState
from storage.rules.dialling import Dialled
from web.journey.attendance import Attendance
from web.journey.bridge import Bridge
from web.journey.consents import Consents
from web.journey.dials import Dials, Way
from web.journey.handling import Handling
from web.journey.lines import Lines
from web.journey.recording_pauses import RecordingPauses
from web.journey.takings import Takings
from web.journey.ways import Ways
from web.live.hand_over import HandOvers
from web.telephony import Fate, Outcome

DOUBT = timedelta(seconds=8)  # after the link is back: what is not listed by then was not placed


class Controls:
    """Implements `web.keys.Controls`: it works through the links of this process."""

    def __init__(
        self,
        lines: Lines,
        database: Database,
        leads: Callable[[], bool],
        hand_overs: HandOvers | None = None,
        *,
        recording_pauses: RecordingPauses,
        consents: Consents,
    ) -> None:
        hand_overs = hand_overs or HandOvers()
        self._ways = Ways(lines, leads)
        self._database = database
        self.dials = Dials(database, leads)
        self.handling = Handling(self._ways, database, hand_overs)
        self.supervising = Attendance(self._ways, lines.supervisions, database)
        self.takings = Takings(self._ways, self.dials, database)
        self.recording_pauses = recording_pauses
        self.consents = consents

    @classmethod
    def of(cls, bridge: Bridge, database: Database) -> Self:
        """Return what people may ask through this process's live side."""
        return cls(
            bridge.lines, database, bridge.leads, bridge.screens.hand_overs,
            recording_pauses=bridge.recording_pauses, consents=bridge.consents,
        )  # fmt: skip

    async def place(self, order: Order, *, role: str, extension: str = "") -> Originate:
        """Ring the phone, then call the number; raises Refused and NotLeader with a sentence."""
        journey = self._ways.journey(order.pbx_id)
        way = Way(variables={"RINGBOOK_EXTENSION": extension} if extension else {})
        return await self.dials.place(journey.link, order, role=role, way=way)

    async def fate(self, originate: Originate) -> Outcome:
        """Say what came of a call that was placed, as far as it is known by now."""
        if originate.state is OriginateState.REFUSED:
            return Outcome(Fate.REFUSED, why=originate.why)
        journey = self._ways.of(originate.pbx_id)
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

    async def permit(self, user: UUID, role: str, dialled: Dialled | None) -> None:
        """Let a call of ours be sent on to a number, or raise Refused."""
        await self.dials.permit(user, role, dialled)


def _fate_of(leg: Leg) -> Fate:
    if leg.ended_at:
        return Fate.OVER
    return Fate.GOES_ON if leg.answered_at else Fate.PLACED


def _is_long_up(link: Link, originate: Originate) -> bool:
    """Whether we would have heard of its channel by now, were there one."""
    since = max(originate.claimed_at, link.state.since)
    return link.state.status == "connected" and datetime.now(UTC) - since > DOUBT
