"""Channels come, change, walk through the dialplan and go."""

from dataclasses import replace
from datetime import datetime

from pbx_bridge.call import OfferEnd, SegmentKind
from pbx_bridge.events import (
    DialplanReached,
    LegBegan,
    LegChanged,
    LegEnded,
    LegView,
    PbxRestarted,
    VariableSet,
)
from pbx_bridge.tracker import (
    dials,
    directions,
    faults,
    offers,
    recordings,
    results,
    segments,
    visits,
)
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import LiveLeg, Story

MENUS = frozenset({"BackGround", "Background", "Read", "WaitExten", "Playback", "SpeechBackground"})
ALONE = dict.fromkeys(MENUS, SegmentKind.IVR) | {"VoiceMail": SegmentKind.VOICEMAIL}


def on_leg_began(board: Switchboard, event: LegBegan) -> str | None:
    """A channel was made; one of the same id that still seemed alive was lost."""
    view, at = event.leg, event.at
    if not (view.uniqueid and view.channel):
        return faults.LEG_NAMELESS
    known = board.legs.get(view.uniqueid)
    if known is not None:
        board.unsure.pop(view.uniqueid, None)
        is_same = known.is_alive and known.leg.channel == view.channel
        if is_same:
            _begin_late(board, known, event)
        if is_same or at <= (known.leg.ended_at or known.leg.started_at):
            return faults.LEG_BEGUN_BEFORE
        hang_up(board, known, at, lost="gap")
        board.disown(known)
    live = board.begin(view, at, exten=event.exten, up=event.up)
    live.is_calling = event.calls
    if event.calls or event.up:
        board.phones.touch(live)
    gone = board.hung_up_before(view, at)
    if gone is not None:
        hang_up(board, live, gone)
    return None


def _begin_late(board: Switchboard, known: LiveLeg, event: LegBegan) -> None:
    """Take from the news of a channel what other news of it, which came first, did not say."""
    directions.take_first_exten(known, event.exten)
    if not event.calls:
        directions.take_caller(known)
    board.touch(known.story)


def on_leg_changed(board: Switchboard, event: LegChanged) -> str | None:
    """A channel was answered, or its caller's number was put right."""
    live = board.met(event.leg, event.at)
    if live is not None and not live.is_party and not live.is_alive:
        return None  # the PBX goes on about Local channels that are gone
    if live is None or not live.is_alive:
        return faults.LEG_GONE
    take_caller(live, event.leg)
    if event.up and live.leg.answered_at is None:
        live.leg = replace(live.leg, answered_at=max(event.at, live.leg.started_at))
        live.story.is_changed = True
        board.phones.touch(live)
    return None


def on_leg_ended(board: Switchboard, event: LegEnded) -> str | None:
    """A channel is gone."""
    live = board.known(event.leg)
    if live is None:
        board.miss(event.leg.uniqueid, event.at)
        return faults.LEG_UNSEEN
    if not live.is_alive:
        return faults.LEG_GONE_ALREADY
    hang_up(board, live, event.at, cause=event.cause)
    return None


def on_pbx_restarted(board: Switchboard, event: PbxRestarted) -> str | None:
    """Nothing of before is alive."""
    ended_at = board.lost_at or event.at
    for live in list(board.legs.values()):
        if live.is_alive:
            hang_up(board, live, ended_at, lost="restart")
    board.begin_anew()
    board.listing_from = board.lost_at = board.deaf_from = None
    board.phones.forget_devices()
    return None


def on_dialplan_reached(board: Switchboard, event: DialplanReached) -> str | None:
    """The leg runs an application: what it dialled is known, and maybe where it is."""
    live, at = board.met(event.leg, event.at), event.at
    if live is None or not live.is_alive:
        return faults.LEG_GONE
    story = live.story
    if live is story.origin:
        directions.take_exten(story, event.exten)
        if directions.goes_out(story, live, event.exten, board.phones.extensions):
            directions.dial_out(story, event.exten)
            offers.dial_out(live, at)
    if event.exten != "h" and not event.application.startswith("App"):
        visits.go_on(live)
    kind = ALONE.get(event.application)
    is_alone = live.is_party and live.bridge is None
    if kind is not None and is_alone and segments.kind_alone(live) is not kind:
        segments.begin_alone(live, kind, at)
    return None


def on_variable_set(board: Switchboard, event: VariableSet) -> str | None:
    """The dialplan told how the caller left a queue."""
    live = board.met(event.leg, event.at)
    if live is None:
        return faults.LEG_GONE
    visits.take_status(live, event.value, event.at)
    results.tell_again(live.story)
    return None


def take_caller(live: LiveLeg, view: LegView) -> None:
    """Keep the caller's number and name as they are now."""
    if (view.number, view.name) == (live.leg.number, live.leg.name):
        return
    live.leg = replace(live.leg, number=view.number, name=view.name)
    live.story.is_changed = True
    directions.take_caller(live)


def hang_up(
    board: Switchboard,
    live: LiveLeg,
    at: datetime,
    *,
    cause: int | None = None,
    lost: str | None = None,
) -> None:
    """End a leg and all that it was doing; `lost` says why we know only that it is gone."""
    if not live.is_alive:
        return
    story = live.story
    at = max(at, live.leg.started_at)
    live.leg = replace(live.leg, ended_at=at, hangup_cause=cause)
    story.is_changed = True
    board.touch(story)
    board.unsure.pop(live.uniqueid, None)
    board.leave(live)
    _end_offer(live, at, cause, lost)
    segments.end_hold(live, at)
    visits.hang_up(live, at, lost)
    segments.end_alone(live, at, lost)
    recordings.end_all(live, at)
    story.optimising.discard(live.uniqueid)
    segments.retell_talks(story, at)
    board.phones.remove(live)
    if live.dialler is not None:
        live.dialler.dials.pop(live.uniqueid, None)
    _end_call(board, story, at, lost)


def _end_offer(live: LiveLeg, at: datetime, cause: int | None, lost: str | None) -> None:
    if lost:
        is_elsewhere = dials.is_answered_elsewhere(live)
        offers.stop(live, at, OfferEnd.ELSEWHERE if is_elsewhere else OfferEnd.WITHDRAWN)
    elif cause == dials.ELSEWHERE_CAUSE:
        offers.stop(live, at, OfferEnd.ELSEWHERE)
    if live.is_dialled:
        live.guess = dials.status_of(cause, live.dialler)
        dials.end_dial(live, at, live.guess)
    offers.stop(live, at, OfferEnd.CANCELLED)


def _end_call(board: Switchboard, story: Story, at: datetime, lost: str | None) -> None:
    story.was_lost |= lost is not None
    if story.is_alive or story.ended_at is not None:
        return
    ends = (live.leg.ended_at for live in story.legs if live.is_party)
    story.ended_at = max((end for end in ends if end is not None), default=at)
    segments.end_everything(story, story.ended_at, lost)
    results.tell_again(story)
    board.retire(story, story.ended_at)
