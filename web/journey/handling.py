"""What an agent does with a call that goes on: ends it, sends it on, parks it, takes another's."""

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
from web.i18n import gettext as _
from web.journey.controls import Controls
from web.journey.dials import PHONES, QUEUES
from web.journey.journey import Journey
from web.keys import Target, TargetKind

TALKS = {SegmentKind.TALK, SegmentKind.CONSULT}


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

    def __init__(self, controls: Controls, database: Database) -> None:
        self._controls = controls
        self._database = database

    async def hang_up(self, user: UUID, call: UUID) -> None:
        """End the agent's own part; a call that rings there is turned away."""
        seat = await self.seat(user, call, ringing=True)
        async with told():
            await commands.hangup(seat.link, channel=seat.leg.channel)

    async def send_on(self, user: UUID, call: UUID, target: Target) -> Call:
        """Send the other side on to a phone, queue or number; returns the call as it was."""
        seat = await self.seat(user, call)
        seat.other()
        exten, context = _place(target)
        async with told():
            await handling.blind_transfer(
                seat.link, channel=seat.leg.channel, exten=exten, context=context
            )
        return seat.call

    async def ask_first(self, user: UUID, call: UUID, target: Target) -> Call:
        """Let the other side wait while the agent asks a colleague; hanging up joins the two."""
        seat = await self.seat(user, call)
        seat.other()
        exten, context = _place(target)
        async with told():
            await handling.attended_transfer(
                seat.link, channel=seat.leg.channel, exten=exten, context=context
            )
        return seat.call

    async def go_back(self, user: UUID, call: UUID) -> None:
        """End the question to a colleague: the agent talks with the other side again."""
        seat = await self.seat(user, call)
        async with told():
            await commands.hangup(seat.link, channel=seat.consulted().channel)

    async def park(self, user: UUID, call: UUID) -> None:
        """Put the other side into a parking space, and end the agent's part."""
        seat = await self.seat(user, call)
        other = seat.other()
        async with told():
            await handling.park(seat.link, channel=other.channel, back_to=seat.leg.channel)
        try:
            await commands.hangup(seat.link, channel=seat.leg.channel)
        except AmiError:
            return  # it has ended by itself

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
        found = self._controls.latest(call)
        if found is None or found.ended_at is not None:
            raise Refused(_("This call is over."))
        journey = self._controls.journey(found.pbx)
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
        said = str(error.message.get("Message")) if hasattr(error, "message") else str(error)
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
