"""Who listens in on which leg now, as far as the PBXs told it: for the agents' cards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pbx_bridge.call import Call, Offer
from storage.rules.supervisions import Mode


@dataclass(slots=True, kw_only=True)
class Supervising:
    """One supervisor in one mode: asked for, begun once `started_at` is set."""

    id: UUID
    pbx: UUID
    channel_id: str  # uniqueid of the supervisor's leg
    user: UUID | None
    extension: str  # of the supervisor
    call: UUID
    leg: str  # uniqueid of the agent's leg
    agent_extension: str
    mode: Mode | None
    shown: bool
    asked_at: datetime
    started_at: datetime | None = None


class Supervisors:
    """What is asked for and what goes on, by the supervisor's leg."""

    def __init__(self) -> None:
        self._by_channel: dict[tuple[UUID, str], list[Supervising]] = {}

    def put(self, one: Supervising) -> None:
        """It is asked for, or was found to go on."""
        self._by_channel.setdefault((one.pbx, one.channel_id), []).append(one)

    def drop(self, one: Supervising) -> None:
        """It is over, or never began."""
        place = one.pbx, one.channel_id
        left = [each for each in self._by_channel.get(place, ()) if each is not one]
        if left:
            self._by_channel[place] = left
        else:
            self._by_channel.pop(place, None)

    def begin(self, pbx: UUID, channel_id: str, leg: str, at: datetime) -> Supervising | None:
        """The PBX began one; None where nobody asked us for it."""
        for one in self._by_channel.get((pbx, channel_id), ()):
            if one.started_at is None and one.leg == leg:
                one.started_at = at
                return one
        return None

    def end(self, pbx: UUID, channel_id: str) -> Supervising | None:
        """The PBX ended the one that went on at this leg; the next may be asked for already."""
        for one in self._by_channel.get((pbx, channel_id), ()):
            if one.started_at is not None:
                self.drop(one)
                return one
        return None

    def gone(self, pbx: UUID, channel_id: str) -> list[Supervising]:
        """The supervisor's leg is gone, and all of it with it."""
        return self._by_channel.pop((pbx, channel_id), [])

    def of_pbx(self, pbx: UUID) -> Iterator[Supervising]:
        """What is asked for or goes on at this PBX."""
        return (
            one for (of, _), all_ in list(self._by_channel.items()) if of == pbx for one in all_
        )

    def of_user(self, user: UUID) -> Supervising | None:
        """What the supervisor asked for last and is not over."""
        mine = [one for all_ in self._by_channel.values() for one in all_ if one.user == user]
        return max(mine, key=lambda one: one.asked_at, default=None)

    def told(self, call: Call, offer: Offer, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
        """What the agent of this offer is told: who is in the call, and how; first come first."""
        if not self._by_channel:
            return []
        legs = {leg.uniqueid for leg in call.legs if leg.extension == offer.extension}
        found = [
            one
            for all_ in self._by_channel.values()
            for one in all_
            if one.pbx == call.pbx and one.leg in legs and one.shown and one.started_at
        ]
        found.sort(key=lambda one: (one.started_at, one.id))
        return [
            {
                "by": names.get(one.user, one.extension) if one.user else one.extension,
                "mode": one.mode.value if one.mode else None,
            }
            for one in found
        ]
