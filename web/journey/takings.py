"""What an agent takes over: a parked call, what rings at a colleague's, who waits in a queue."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import storage.agents
from pbx_bridge import commands, handling
from pbx_bridge.call import Call, Leg, Offer, Segment, SegmentKind
from storage.agents import Phone
from storage.database import Database
from storage.errors import Refused
from storage.originates import Order, Originate
from storage.rules.dialling import NumberKind
from web.i18n import gettext as _
from web.journey.dials import Dials, Way
from web.journey.handling import told
from web.journey.journey import Journey
from web.journey.ways import Ways
from web.telephony import Parked, Ringing, Takeable, Waiting

PICKUP, RETRIEVE, GRAB = "ringbook-pickup", "ringbook-retrieve", "ringbook-grab"


class Takings:
    """Implements the part of `web.keys.Controls` that is about calls of others."""

    def __init__(self, ways: Ways, dials: Dials, database: Database) -> None:
        self._ways = ways
        self._dials = dials
        self._database = database

    async def takeable(self, phone: Phone) -> Takeable:
        """What the agent at this phone could take now, were everything allowed."""
        journey = self._ways.journey(phone.pbx_id)
        calls = list(journey.tracker.calls.values())
        async with self._database.reading() as session:
            phones = await storage.agents.phones(session)
        users = {one.extension: one.user_id for one in phones if one.pbx_id == phone.pbx_id}
        return Takeable(
            parked=tuple(
                [Parked(call=call.id, number=call.number, name=call.name, space=space)
                 for call, _leg, space, _lot in await _parked(journey)]
            ),
            ringing=tuple(
                Ringing(call=call.id, number=call.number, name=call.name,
                        extension=offer.extension, user=users.get(offer.extension),
                        since=offer.started_at)
                for call in calls for offer in _ringing(call)
                if offer.extension != phone.extension
            ),
            waiting=tuple(
                Waiting(call=call.id, number=call.number, name=call.name,
                        queue=segment.queue or "", since=segment.started_at)
                for call in calls for segment in _waiting(call)
            ),
        )  # fmt: skip

    async def retrieve(self, order: Order, phone: Phone, call: UUID, role: str) -> Originate:
        """Ring the agent's phone, then take the call out of its parking space."""
        journey = self._ways.journey(phone.pbx_id)
        async with told():
            found = await _parked(journey)
        for parked, _leg, space, lot in found:
            if parked.id == call:
                order = replace(order, exten=f"parked{space}", kind=NumberKind.INTERNAL)
                way = _way(RETRIEVE, parked, {"RINGBOOK_LOT": lot})
                return await self._dials.place(journey.link, order, role=role, way=way)
        raise Refused(_("This call is parked no longer."))

    async def pick_up(self, order: Order, phone: Phone, call: UUID, role: str) -> Originate:
        """Ring the agent's phone, then take the call that rings at a colleague's."""
        journey, found = self._found(call)
        for offer in _ringing(found):
            leg = _leg(found, offer.legs)
            if leg is not None and offer.extension != phone.extension:
                order = replace(order, exten=f"pickup{offer.extension}", kind=NumberKind.INTERNAL)
                way = _way(PICKUP, found, {"RINGBOOK_PICKUP": leg.channel})
                return await self._dials.place(journey.link, order, role=role, way=way)
        raise Refused(_("This call rings no longer: a colleague has taken it, or it is over."))

    async def grab(self, phone: Phone, call: UUID) -> None:
        """Send a waiting caller to the agent's phone; back into the queue if nobody answers."""
        journey, found = self._found(call)
        for segment in _waiting(found):
            leg = _leg(found, tuple(party.leg for party in segment.parties))
            if leg is None:
                continue
            async with told():
                for name, value in (
                    ("RINGBOOK_DEVICE", phone.interface),
                    ("RINGBOOK_QUEUE", segment.queue or ""),
                ):
                    await handling.set_on(journey.link, channel=leg.channel, name=name, value=value)
                await commands.redirect(journey.link, channel=leg.channel, exten="s", context=GRAB)
            return
        raise Refused(_("This caller waits no longer."))

    def phone_state(self, pbx: UUID, extension: str) -> str:
        """What a phone does now, in the words of the live protocol."""
        return self._ways.journey(pbx).tracker.phone_state(extension)

    def _found(self, call: UUID) -> tuple[Journey, Call]:
        found = self._ways.up(call)
        return self._ways.journey(found.pbx), found


async def _parked(journey: Journey) -> list[tuple[Call, Leg, str, str]]:
    """Who waits in a parking space, with the space and its lot."""
    legs = {
        leg.uniqueid: (call, leg)
        for call in journey.tracker.calls.values()
        for leg in call.legs
        if leg.ended_at is None
    }
    rows = await commands.parked_calls(journey.link)
    return [
        (*legs[row.get("ParkeeUniqueid")], row.get("ParkingSpace"), row.get("Parkinglot"))
        for row in rows
        if row.get("ParkeeUniqueid") in legs
    ]


def _ringing(call: Call) -> Iterator[Offer]:
    return (offer for offer in call.offers if offer.end is None and not offer.outgoing)


def _waiting(call: Call) -> Iterator[Segment]:
    return (s for s in call.segments if s.kind is SegmentKind.QUEUE and s.ended_at is None)


def _leg(call: Call, keys: tuple[UUID, ...]) -> Leg | None:
    lives = (leg for leg in call.legs if leg.id in keys and leg.ended_at is None)
    return next((leg for leg in lives if not leg.channel.startswith("Local/")), None)


def _way(context: str, call: Call, variables: dict[str, str]) -> Way:
    digits = "".join(sign for sign in call.number if sign in "+0123456789*#")
    return Way(context=context, caller_id=digits, caller_name=call.name, variables=variables)
