"""What one PBX tells of listening in: who begins, who ends, and whose phone is gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.call import Call, Leg
from pbx_bridge.tracker import Tracker
from web.live.supervisors import Supervising, Supervisors

MADE_WITHIN = timedelta(seconds=30)  # the leg of one that was asked for


class Followed(Protocol):
    """Who is told of it."""

    @property
    def now(self) -> Supervisors:
        """What is asked for and what goes on."""

    def begun(self, one: Supervising) -> None:
        """It goes on now."""

    def over(self, one: Supervising, at: datetime, *, heard: bool = True) -> None:
        """It goes on no longer, or never began."""

    def found(self, pbx: UUID, view: events.LegView, call: Call, leg: Leg, at: datetime) -> None:
        """Somebody listens who did not ask us."""

    def leads(self) -> bool:
        """Whether this node tells and stores."""


class Ear:
    """Follows one PBX; what is listed is noted also while another node leads."""

    def __init__(self, all_: Followed, pbx: UUID, tracker: Callable[[], Tracker]) -> None:
        self._all = all_
        self._pbx = pbx
        self._tracker = tracker
        self._listed: set[str] = set()
        self._is_listed = False  # since the link is up: what is not known is not there
        self._rules: dict[type, Callable[..., None]] = {
            events.Listened: self._listened,
            events.Unlistened: self._unlistened,
            events.LegEnded: self._left,
        }
        self._lists: dict[type, Callable[..., None]] = {
            events.LegSeen: self._seen,
            events.LegsListed: self._all_seen,
            events.LinkLost: self._lost,
        }

    def hear(self, event: events.Event) -> None:
        """Follow one event, where it is about that."""
        rule = self._lists.get(type(event))
        if rule is None and self._all.leads():
            rule = self._rules.get(type(event))
        if rule is not None:
            rule(event)

    def settle(self, now: datetime) -> None:
        """End what the base says goes on and whose leg is gone, as far as the PBX has told.

        To be called once this node leads: the end came while nobody who acts was listening.
        """
        legs = {leg.uniqueid: leg for call in self._tracker().told() for leg in call.legs}
        for one in list(self._all.now.of_pbx(self._pbx)):
            leg = legs.get(one.channel_id)
            if leg is not None and leg.ended_at is not None:
                self._all.over(one, leg.ended_at)
            elif leg is None and self._is_listed and _is_due(one, now):
                self._all.over(one, now, heard=False)

    def _listened(self, event: events.Listened) -> None:
        if event.to is None:
            return
        one = self._all.now.begin(self._pbx, event.leg.uniqueid, event.to.uniqueid, event.at)
        found = self._of(event.to.uniqueid)
        if one is not None:
            one.call = found[0].id if found else one.call
            self._all.begun(one)
        elif found is not None and found[1].extension:
            self._all.found(self._pbx, event.leg, *found, event.at)

    def _unlistened(self, event: events.Unlistened) -> None:
        one = self._all.now.end(self._pbx, event.leg.uniqueid)
        if one is not None:
            self._all.over(one, event.at)

    def _left(self, event: events.LegEnded) -> None:
        for one in self._all.now.gone(self._pbx, event.leg.uniqueid):
            self._all.over(one, event.at)

    def _seen(self, event: events.LegSeen) -> None:
        self._listed.add(event.leg.uniqueid)

    def _all_seen(self, event: events.LegsListed) -> None:
        listed, self._listed, self._is_listed = self._listed, set(), True
        for one in list(self._all.now.of_pbx(self._pbx)) if self._all.leads() else ():
            if _is_due(one, event.at) and one.channel_id not in listed:
                self._all.over(one, event.at, heard=False)

    def _lost(self, _event: events.LinkLost) -> None:
        self._listed, self._is_listed = set(), False

    def _of(self, uniqueid: str) -> tuple[Call, Leg] | None:
        """The call of a leg, as it is told now."""
        for call in self._tracker().calls.values():
            for leg in call.legs:
                if leg.uniqueid == uniqueid and leg.ended_at is None:
                    return call, leg
        return None


def _is_due(one: Supervising, at: datetime) -> bool:
    """Whether its leg must be there by now."""
    return one.started_at is not None or at - one.asked_at > MADE_WITHIN
