"""All calls in progress: a fold over what happens on a PBX.

The law: everything that changes a call is in the table below, and nothing else changes one. The
same events give the same calls, ids and all; each event costs what its own call costs, however many
are up.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.call import Call
from pbx_bridge.changes import (
    CallChanged,
    CallEnded,
    CallsJoined,
    Change,
    ImpossibleEvent,
    PhoneState,
)
from pbx_bridge.tracker import (
    agents,
    dials,
    legs,
    links,
    lists,
    recordings,
    talks,
    transfers,
    visits,
)
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import Story

# An event type's rule changes what the event is about, or says why the event is impossible.
Rule = Callable[[Switchboard, Any], str | None]

RULES: dict[type[events.Event], Rule] = {
    events.LegBegan: legs.on_leg_began,
    events.LegChanged: legs.on_leg_changed,
    events.LegEnded: legs.on_leg_ended,
    events.RoomSeen: lists.on_room_seen,
    events.LegSeen: lists.on_leg_seen,
    events.LegsListed: lists.on_legs_listed,
    events.QueuesListed: lists.on_queues_listed,
    events.DialplanReached: legs.on_dialplan_reached,
    events.VariableSet: legs.on_variable_set,
    events.DialBegan: dials.on_dial_began,
    events.DialEnded: dials.on_dial_ended,
    events.QueueJoined: visits.on_queue_joined,
    events.QueueListed: visits.on_queue_listed,
    events.QueueLeft: visits.on_queue_left,
    events.QueueAbandoned: visits.on_queue_abandoned,
    events.AgentOffered: agents.on_agent_offered,
    events.AgentConnected: agents.on_agent_connected,
    events.AgentRefused: agents.on_agent_refused,
    events.AgentCompleted: agents.on_agent_completed,
    events.BridgeEntered: talks.on_bridge_entered,
    events.BridgeLeft: talks.on_bridge_left,
    events.BridgeMerged: talks.on_bridge_merged,
    events.LocalBridged: talks.on_local_bridged,
    events.LocalOptimising: talks.on_local_optimising,
    events.LocalOptimised: talks.on_local_optimised,
    events.Held: talks.on_held,
    events.Unheld: talks.on_unheld,
    events.LegsTied: transfers.on_legs_tied,
    events.HandedOver: transfers.on_handed_over,
    events.Listened: transfers.on_listened,
    events.Unlistened: transfers.on_unlistened,
    events.PickedUp: transfers.on_picked_up,
    events.Parked: transfers.on_parked,
    events.Unparked: transfers.on_unparked,
    events.ConsentTold: recordings.on_consent_told,
    events.RecordingNamed: recordings.on_recording_named,
    events.RecordingStarted: recordings.on_recording_started,
    events.RecordingStopped: recordings.on_recording_stopped,
    events.RecordingMuted: recordings.on_recording_muted,
    events.DeviceChanged: links.on_device_changed,
    events.ExtensionChanged: links.on_extension_changed,
    events.MemberChanged: links.on_member_changed,
    events.MemberRemoved: links.on_member_removed,
    events.PhonesKnown: links.on_phones_known,
    events.LinkLost: links.on_link_lost,
    events.PbxRestarted: legs.on_pbx_restarted,
    events.PbxKnown: recordings.on_pbx_known,
}


class Tracker:
    """The calls of one PBX; `phones` maps the interfaces of our phones to their extensions."""

    def __init__(self, pbx: UUID, phones: Mapping[str, str] | None = None) -> None:
        self._board = Switchboard(pbx, phones or {})
        self._calls: dict[UUID, Call] = {}
        self._untold: dict[UUID, Story] = {}  # changed, and nobody waits for it

    @property
    def calls(self) -> Mapping[UUID, Call]:
        """The live calls by id; a view that follows what is fed."""
        return MappingProxyType(self._calls)

    @property
    def unsure(self) -> frozenset[str]:
        """The uniqueids of legs that never began as far as we heard; a list tells if they are."""
        return frozenset(self._board.unsure)

    def told(self) -> Iterator[Call]:
        """Yield every call that is up or ended lately, as it was told last."""
        return (story.told for story in self._board.stories.values() if story.told)

    def call(self, call: UUID) -> Call | None:
        """Return a live or lately ended call by its id or by an alias of it."""
        story = self._board.story(call)
        return story.told if story else None

    def phone_state(self, extension: str) -> PhoneState:
        """Return what a phone does now."""
        return self._board.phones.state_of(extension)

    def feed(self, event: events.Event, *, gathering: bool = False) -> tuple[Change, ...]:
        """Take the next event; return what changed by it and what people must be told.

        `gathering` leaves the changes that nobody waits for to `gathered`.
        """
        board = self._board
        board.ordinal += 1
        why = RULES[type(event)](board, event)
        changes: list[Change] = []
        for story in board.touched.values():
            if not story.is_changed:
                continue
            story.revise()
            if gathering and story.is_quiet:
                self._untold[story.id] = story
            else:
                changes += self._tell(story)
        changes += board.phones.changes(event.at)
        if why is not None:
            concerned = next(iter(board.touched), None)
            changes.append(ImpossibleEvent(event, why, concerned))
        board.touched.clear()
        board.forget(event.at)
        return tuple(changes)

    def gathered(self) -> tuple[Change, ...]:
        """Return the changes that were left untold: each call once, as it is now."""
        if not self._untold:
            return ()
        untold = list(self._untold.values())
        return tuple(change for story in untold for change in self._tell(story))

    def _tell(self, story: Story) -> list[Change]:
        self._untold.pop(story.id, None)
        had_ended = story.told is not None and story.told.ended_at is not None
        call = story.tell()
        changes: list[Change] = []
        for gone in story.joined:
            self._calls.pop(gone, None)
            self._untold.pop(gone, None)
            changes.append(CallsJoined(call, gone))
        changes += [notice(call, story.offers[offer]) for notice, offer in story.notices]
        changes.append(CallChanged(call))
        story.joined.clear()
        story.notices.clear()
        if call.ended_at is None:
            self._calls[call.id] = call
        else:
            self._calls.pop(call.id, None)
            if not had_ended:
                changes.append(CallEnded(call))
        return changes
