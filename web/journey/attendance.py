"""Supervisors who listen in on agents' calls, whisper or barge in: one click is one originate.

What the supervisor's phone does goes through a context of our include, with the agent's exact
channel in a variable. A phone that is in a call is sent to the other mode, or to the other agent,
and rings no second time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import storage.supervisions
from pbx_bridge import commands, handling
from pbx_bridge.ami import AmiError, OutcomeUnknown
from pbx_bridge.asterisk import LISTEN
from pbx_bridge.call import Call, Leg, SegmentKind
from storage.agents import Phone
from storage.database import Database
from storage.errors import Refused
from storage.rules.supervisions import Mode
from storage.supervisions import Order
from web.i18n import gettext as _
from web.journey.dials import CLICK
from web.journey.handling import told
from web.journey.journey import Journey
from web.journey.supervisions import Supervisions, is_told, taken
from web.journey.ways import Ways
from web.live.supervisors import Supervising
from web.telephony import Attending, Audible

MADE_WITHIN = timedelta(seconds=5)  # the supervisor's leg, after it was asked for
TALKS = frozenset({SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.CONSULT})


class Attendance:
    """Implements the part of `web.keys.Controls` that is about listening in."""

    def __init__(self, ways: Ways, supervisions: Supervisions, database: Database) -> None:
        self._ways = ways
        self._all = supervisions
        self._database = database

    def audible(self, pbx: UUID) -> tuple[Audible, ...]:
        """Who of ours talks on this PBX now."""
        journey = self._ways.of(pbx)
        calls = list(journey.tracker.calls.values()) if journey else []
        seat = partial(self._all.seat, pbx)
        return tuple(one for call in calls for one in _audible(call, seat))

    def attended(self, user: UUID) -> Attending | None:
        """What the supervisor is in, or has asked to be in."""
        one = self._all.now.of_user(user)
        if one is None:
            return None
        return Attending(call=one.call, leg=one.leg, mode=one.mode, started_at=one.started_at)

    async def attend(self, user: UUID, phone: Phone, target: Audible, mode: Mode, key: str) -> None:
        """Ring the supervisor's phone and let it hear the agent's talk, or change what it does."""
        journey = self._ways.journey(phone.pbx_id)
        call, leg = await self._target(journey, target)
        own = self._own(journey, user)
        if own is not None:
            before, at = own
            if before.leg == leg.uniqueid and before.mode is mode:
                return
            if at is None or before.started_at is None:
                raise Refused(_("Your phone rings already. Lift it first, or stop it."))
        order = Order(
            key=f"{user.hex}:{key}",
            pbx_id=call.pbx,
            channel_id=own[0].channel_id if own else "",
            user_id=user,
            extension=phone.extension,
            call_id=call.id,
            leg=leg.uniqueid,
            agent_id=target.user,
            agent_extension=leg.extension or "",
            mode=mode,
            shown=True,
        )
        one = await self._claimed(order, call.queue)
        if one is None:
            return
        if own is not None and own[1] is not None:
            await self._sent_on(journey, one, own[1], leg)
        else:
            await self._rung(journey, one, phone, leg, key)

    async def leave(self, user: UUID) -> None:
        """End it, whether it rings or goes on; nothing where there is none."""
        one = self._all.now.of_user(user)
        if one is None:
            return
        journey = self._ways.journey(one.pbx)
        leg = _leg(journey, one.channel_id)
        if leg is None:
            self._all.over(one, datetime.now(UTC), heard=False)
            return
        async with told():
            await commands.hangup(journey.link, channel=leg.channel)

    async def _target(self, journey: Journey, target: Audible) -> tuple[Call, Leg]:
        """The agent's leg in the call, with who sits there now; raises Refused where it is over."""
        call = self._ways.latest(target.call)
        for leg in call.legs if call is not None and call.pbx == journey.line.id else ():
            if leg.uniqueid == target.leg and leg.ended_at is None and call is not None:
                return call, leg
        raise Refused(_("This talk is over."))

    def _own(self, journey: Journey, user: UUID) -> tuple[Supervising, Leg | None] | None:
        """What the supervisor is in or waits for, and the leg of it, as soon as there is one."""
        one = self._all.now.of_user(user)
        if one is None:
            return None
        leg = _leg(journey, one.channel_id)
        if leg is None and datetime.now(UTC) - one.asked_at > MADE_WITHIN:
            self._all.over(one, datetime.now(UTC), heard=False)  # the phone could not be rung
            return None
        return one, leg

    async def _claimed(self, order: Order, queue: str | None) -> Supervising | None:
        """Note who wants to be in which call; None where this click was taken before."""
        now = datetime.now(UTC)
        async with self._database.writing() as session:
            shown = await is_told(
                session, order.agent_id, order.mode, pbx=order.pbx_id, queue=queue
            )
            order = replace(order, shown=shown)
            row, is_first = await storage.supervisions.claim(session, order, now=now)
        if not is_first:
            return None
        one = taken(row)
        self._all.now.put(one)
        return one

    async def _rung(
        self, journey: Journey, one: Supervising, phone: Phone, leg: Leg, key: str
    ) -> None:
        assert one.mode is not None  # noqa: S101 - a click says how
        try:
            await commands.originate(
                journey.link,
                channel=phone.interface,
                exten=one.mode.value,
                context=LISTEN,
                caller_id=leg.extension or "0",
                channel_id=one.channel_id,
                variables={"RINGBOOK_LISTEN": leg.channel},
                headers={CLICK: key},
            )
        except OutcomeUnknown:
            return  # whether it rings shows by itself
        except AmiError as error:
            self._all.over(one, datetime.now(UTC), heard=False)
            raise Refused(
                _("The telephone system refuses that: {why}").format(why=error)
            ) from error

    async def _sent_on(self, journey: Journey, one: Supervising, own: Leg, leg: Leg) -> None:
        assert one.mode is not None  # noqa: S101 - a click says how
        try:
            async with told():
                await handling.set_on(
                    journey.link, channel=own.channel, name="RINGBOOK_LISTEN", value=leg.channel
                )
                await commands.redirect(
                    journey.link, channel=own.channel, exten=one.mode.value, context=LISTEN
                )
        except Refused:
            self._all.over(one, datetime.now(UTC), heard=False)
            raise


def _audible(call: Call, seat: Callable[[str], UUID | None]) -> list[Audible]:
    legs = {leg.id: leg for leg in call.legs if leg.ended_at is None and leg.answered_at}
    found: dict[str, Audible] = {}
    for segment in call.segments:
        if segment.kind not in TALKS or segment.ended_at is not None:
            continue
        for party in segment.parties:
            leg = legs.get(party.leg)
            if leg is not None and leg.extension and not leg.channel.startswith("Local/"):
                found[leg.uniqueid] = Audible(
                    call=call.id, leg=leg.uniqueid, extension=leg.extension,
                    user=seat(leg.extension),
                )  # fmt: skip
    return list(found.values())


def _leg(journey: Journey, uniqueid: str) -> Leg | None:
    """A leg that is up, by its uniqueid."""
    legs = (leg for call in journey.tracker.calls.values() for leg in call.legs)
    return next((leg for leg in legs if leg.uniqueid == uniqueid and leg.ended_at is None), None)
