"""Legs share sound: bridges, Local channels and holds."""

from datetime import datetime

from pbx_bridge.events import (
    BridgeEntered,
    BridgeLeft,
    BridgeMerged,
    Held,
    LocalBridged,
    LocalOptimised,
    LocalOptimising,
    Unheld,
)
from pbx_bridge.tracker import dials, faults, segments
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import LiveLeg


def on_bridge_entered(board: Switchboard, event: BridgeEntered) -> str | None:
    """A leg shares sound with those in the bridge; in a holding bridge it only waits."""
    live = board.met(event.leg, event.at)
    if live is None or not live.is_alive:
        return faults.LEG_GONE
    if live.bridge is not None and live.bridge.name == event.bridge:
        return None
    if (leaver := board.leaver(event.bridge, event.at)) is not None and not event.holding:
        _enter_late(board, live, event, leaver)
        if leaver[0] is live:
            return None
    leave_silently(board, live, event.at)
    replaced = board.legs.get(event.swap)
    if replaced is not None:
        _replace(board, replaced, live, event)
    if not event.holding:
        board.enter(event.bridge, live)
    board.phones.touch(live)
    segments.retell_talks(live.story, event.at)
    return None


def on_bridge_left(board: Switchboard, event: BridgeLeft) -> str | None:
    """A leg shares sound no longer."""
    live = board.known(event.leg)
    if live is None:
        return faults.LEG_UNSEEN
    board.left(event.bridge, live, event.at)
    if live.bridge is None or live.bridge.name != event.bridge:
        return None if live.replaced_in == event.bridge else "the leg is not in this bridge"
    bridge = live.bridge
    board.leave(live)
    board.phones.touch(live)
    if live.story.optimising:
        return None
    segments.leave_hold(live, bridge, event.at)
    segments.retell_talks(live.story, event.at)
    dials.ring_on(live, event.at)
    return None


def on_bridge_merged(board: Switchboard, event: BridgeMerged) -> str | None:
    """Two conversations become one; each leg's move is told on its own."""
    source, target = board.bridges.get(event.source), board.bridges.get(event.target)
    if source is None or target is None:
        return faults.BRIDGE_UNSEEN
    one, two = next(iter(source.members.values())), next(iter(target.members.values()))
    board.unite(one, two)
    return None


def on_local_bridged(board: Switchboard, event: LocalBridged) -> str | None:
    """Two halves of a Local channel: what enters one comes out of the other."""
    one, two = board.met(event.one, event.at), board.met(event.two, event.at)
    if one is None or two is None:
        return faults.HALF_UNKNOWN
    one.twin, two.twin = two, one
    segments.retell_talks(board.unite(one, two), event.at)
    return None


def on_local_optimising(board: Switchboard, event: LocalOptimising) -> str | None:
    """The legs will move, the talk goes on: wait until they have."""
    one, two = board.known(event.one), board.known(event.two)
    if one is None or two is None or not (one.is_alive and two.is_alive):
        return faults.HALF_UNKNOWN
    one.story.optimising |= {one.uniqueid, two.uniqueid}
    return None


def on_local_optimised(board: Switchboard, event: LocalOptimised) -> str | None:
    """The legs have moved: look who talks now."""
    one, two = board.known(event.one), board.known(event.two)
    if one is None or two is None:
        return faults.HALF_UNKNOWN
    one.story.optimising -= {one.uniqueid, two.uniqueid}
    segments.retell_talks(one.story, event.at)
    return None


def on_held(board: Switchboard, event: Held) -> str | None:
    """A leg puts the others of its talk on hold."""
    live = board.known(event.leg)
    if live is None or live.bridge is None:
        return faults.LEG_ALONE
    if live.hold is None:
        segments.begin_hold(live, event.at)
        board.phones.touch(live)
    return None


def on_unheld(board: Switchboard, event: Unheld) -> str | None:
    """A leg talks again; the PBX says so of some that held nobody, too."""
    live = board.known(event.leg)
    if live is None:
        return faults.LEG_UNSEEN
    segments.end_hold(live, event.at)
    board.phones.touch(live)
    return None


def _enter_late(
    board: Switchboard, live: LiveLeg, event: BridgeEntered, leaver: tuple[LiveLeg, datetime]
) -> None:
    """The other side's leaving, or its own, was told first: they talked until then."""
    other, until = leaver
    bridge = board.bridges.get(event.bridge)
    others = [other] if other is not live else list(bridge.members.values()) if bridge else []
    for one in others:
        board.unite(live, one)
    if others:
        segments.tell_late(live.story, [*others, live], event.at, until)


def leave_silently(board: Switchboard, live: LiveLeg, at: datetime) -> None:
    """The leg is elsewhere, and no event told so."""
    bridge = live.bridge
    board.leave(live)
    if bridge is not None and not live.story.optimising:
        segments.leave_hold(live, bridge, at)


def _replace(board: Switchboard, replaced: LiveLeg, live: LiveLeg, event: BridgeEntered) -> None:
    """The one leg goes on as the other, at another device or without its Local channel."""
    story = board.unite(live, replaced)
    if story.customer is replaced and live.is_party and live.extension is None:
        story.customer = live
    if replaced.bridge is not None and replaced.bridge.name == event.bridge:
        board.leave(replaced)
        replaced.replaced_in = event.bridge
        segments.end_hold(replaced, event.at)
        board.phones.touch(replaced)
