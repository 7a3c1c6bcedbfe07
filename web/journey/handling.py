"""What an agent does with a call that goes on: ends it, sends it on, parks it, takes another's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import storage.agents
from pbx_bridge import commands, handling
from pbx_bridge.ami import ActionRefused, AmiError, Link, OutcomeUnknown
from pbx_bridge.call import Call, Leg, SegmentKind
from storage.database import Database
from storage.errors import Refused
from storage.hand_overs import Target, TargetKind
from web.i18n import gettext as _
from web.journey.dials import PHONES, QUEUES
from web.journey.journey import Journey
from web.journey.ways import Ways
from web.live.hand_over import HandOvers

PARKED_WITHIN = 5.0  # seconds that the PBX is given to say so
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An agent's own leg in a call that goes on."""

    journey: Journey
    call: Call
    leg: Leg

    @property
    def link(self) -> Link:
        """Of the call's PBX."""
        return self.journey.link

    def other(self) -> Leg:
        """The leg of who talks with the agent; raises Refused where nobody does."""
        legs = {leg.id: leg for leg in self.call.legs if _lives(leg)}
        for segment in reversed(self.call.segments):
            parties = {party.leg for party in segment.parties}
            if segment.kind is SegmentKind.TALK and not segment.ended_at and self.leg.id in parties:
                for key in parties - {self.leg.id}:
                    if key in legs:
                        return legs[key]
        raise Refused(_("Nobody talks with you in this call."))

    def consulted(self) -> Leg:
        """The leg of the colleague whom the agent asks, or rings for that; raises Refused."""
        legs = {leg.id: leg for leg in self.call.legs if _lives(leg)}
        asked = [
            party.leg
            for segment in self.call.segments
            if segment.kind is SegmentKind.CONSULT and segment.ended_at is None
            for party in segment.parties
        ]
        rung = [leg for offer in self.call.offers if offer.end is None for leg in offer.legs]
        for key in (*asked, *rung):
            if key in legs and key != self.leg.id and legs[key].extension != self.leg.extension:
                return legs[key]
        raise Refused(_("You ask nobody in this call."))


class Handling:
    """Implements the part of `web.keys.Controls` that is about calls that go on."""

    def __init__(self, ways: Ways, database: Database, hand_overs: HandOvers) -> None:
        self._ways = ways
        self._database = database
        self._hand_overs = hand_overs

    async def hang_up(self, user: UUID, call: UUID) -> None:
        """End the agent's own part; a call that rings there is turned away."""
        seat = await self.seat(user, call, ringing=True)
        async with told():
            await commands.hangup(seat.link, channel=seat.leg.channel)

    async def send_on(
        self, user: UUID, call: UUID, target: Target, *, note: str, ask_first: bool
    ) -> UUID:
        """Send the other side on, at once or after a question; returns the call's id now.

        The note is at hand before the next phone rings; it is stored by whoever asks for this.
        """
        seat = await self.seat(user, call)
        seat.other()
        exten, context = _place(target)
        send = handling.attended_transfer if ask_first else handling.blind_transfer
        self._hand_overs.say(seat.call, user, note)
        try:
            async with told():
                await send(seat.link, channel=seat.leg.channel, exten=exten, context=context)
        except Refused:
            self._hand_overs.take_back(seat.call.id)
            raise
        return seat.call.id

    async def go_back(self, user: UUID, call: UUID) -> None:
        """End the question to a colleague: the agent talks with the other side again."""
        seat = await self.seat(user, call)
        async with told():
            await commands.hangup(seat.link, channel=seat.consulted().channel)

    async def park(self, user: UUID, call: UUID) -> None:
        """Put the other side into a parking space, and end the agent's part.

        Not before the PBX says that it stands there: who is left alone in a talk is hung up.
        """
        seat = await self.seat(user, call)
        other = seat.other()
        async with told():
            await handling.park(seat.link, channel=other.channel, back_to=seat.leg.channel)
        if not await self._stands_parked(call, other):
            raise Refused(_("The telephone system did not park the call."))
        try:
            await commands.hangup(seat.link, channel=seat.leg.channel)
        except AmiError:
            return  # it has ended by itself

    async def _stands_parked(self, call: UUID, leg: Leg) -> bool:
        """Wait until the PBX tells that a leg waits in a parking space."""
        for _attempt in range(round(PARKED_WITHIN / LOOK_SECONDS)):
            latest = self._ways.latest(call)
            if latest is None or latest.ended_at is not None:
                return False
            if any(
                segment.kind is SegmentKind.PARKED
                and segment.ended_at is None
                and any(party.leg == leg.id for party in segment.parties)
                for segment in latest.segments
            ):
                return True
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def press(self, user: UUID, call: UUID, digits: str) -> None:
        """Press keys for the other side to hear; they are written nowhere."""
        seat = await self.seat(user, call)
        other = seat.other()
        async with told():
            for digit in digits:
                await handling.press(seat.link, channel=other.channel, digit=digit)

    async def seat(self, user: UUID, call: UUID, *, ringing: bool = False) -> Seat:
        """The agent's own leg; raises Refused for a call that is over or is not the agent's."""
        async with self._database.reading() as session:
            phones = await storage.agents.phones(session)
        mine = {(phone.pbx_id, phone.extension) for phone in phones if phone.user_id == user}
        found = self._ways.up(call)
        journey = self._ways.journey(found.pbx)
        legs = [
            leg
            for leg in found.legs
            if _lives(leg) and leg.extension and (found.pbx, leg.extension) in mine
        ]
        up = [leg for leg in legs if leg.answered_at is not None]
        if not (legs if ringing else up):
            over = any((found.pbx, leg.extension) in mine for leg in found.legs)
            text = _("This call is over for you.") if over else _("You are not in this call.")
            raise Refused(text)
        return Seat(journey=journey, call=found, leg=(up or legs)[0])


def _lives(leg: Leg) -> bool:
    return leg.ended_at is None and not leg.channel.startswith("Local/")


def _place(target: Target) -> tuple[str, str]:
    """Where in the dialplan a target is."""
    if target.kind is TargetKind.QUEUE:
        return f"queue{target.value}", QUEUES
    return target.value, PHONES


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Say in a sentence what the PBX refuses."""
    try:
        yield
    except ActionRefused as error:
        said = str(error.message.get("Message"))
        if "such channel" in said or "does not exist" in said:
            raise Refused(_("This call is over.")) from error
        text = _("The telephone system refuses that: {why}").format(why=said)
        raise Refused(text) from error
    except OutcomeUnknown as error:
        text = _("The telephone system did not answer. Look at your phone before you try again.")
        raise Refused(text) from error
    except AmiError as error:
        text = _("The telephone system cannot do that now: {why}").format(why=error)
        raise Refused(text) from error
