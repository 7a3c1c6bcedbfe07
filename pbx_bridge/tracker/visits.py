"""A caller's time in a queue, and how it ended.

The PBX says that a caller left, not why. The variable QUEUESTATUS says it where the queue gave up;
else it shows in what followed: a talk, a hang-up in the same instant, or the dialplan going on (a
key was pressed).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from pbx_bridge.call import Segment, SegmentKind
from pbx_bridge.events import QueueAbandoned, QueueJoined, QueueLeft, QueueListed
from pbx_bridge.tracker import faults, results, segments
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import LiveLeg

EXITS = {  # QUEUESTATUS → exit reason
    "TIMEOUT": "timeout",
    "LEAVEEMPTY": "empty",
    "LEAVEUNAVAIL": "unavailable",
    "JOINEMPTY": "empty",
    "JOINUNAVAIL": "unavailable",
    "FULL": "full",
    "WITHDRAW": "withdrawn",
    "CONTINUE": "continue",
}
REFUSALS = frozenset({"FULL", "JOINEMPTY", "JOINUNAVAIL"})  # the queue never let the caller in
_SAME_INSTANT = timedelta(seconds=1)


def on_queue_joined(board: Switchboard, event: QueueJoined) -> str | None:
    """A caller waits in a queue."""
    return _join(board, board.met(event.leg, event.at), event.queue, event.at)


def on_queue_listed(board: Switchboard, event: QueueListed) -> str | None:
    """A caller was waiting in a queue already when we asked."""
    since = event.at - timedelta(seconds=event.seconds)
    return _join(board, board.met(event.leg, since), event.queue, since)


def on_queue_left(board: Switchboard, event: QueueLeft) -> str | None:
    """A caller waits no longer."""
    live = board.known(event.leg)
    if live is None:
        return faults.VISIT_UNKNOWN
    if (visit := _visit(live)) is not None:
        segments.end(live.story, visit.id, event.at)
    elif not _had_left(live, event.at):
        return faults.VISIT_UNKNOWN
    return None


def on_queue_abandoned(board: Switchboard, event: QueueAbandoned) -> str | None:
    """A caller left without an agent."""
    live = board.known(event.leg)
    if live is None or (_visit(live) is None and not _had_abandoned(live)):
        return faults.VISIT_UNKNOWN
    live.abandoned_at = event.at
    return None


def take_status(live: LiveLeg, status: str, at: datetime) -> None:
    """Keep what the queue says about how the caller left."""
    visit, reason = _visit(live), EXITS.get(status)
    if reason is None:
        return
    if visit is None and not live.is_alive:
        _correct(live, reason)
    elif visit is None:
        if status in REFUSALS:
            live.story.queue_was_last = True
            segment = segments.begin_alone(live, SegmentKind.QUEUE, at)
            segments.end(live.story, segment, at, reason)
    elif visit.exit_reason is None:
        live.story.put_segment(replace(visit, exit_reason=reason))


def answer(live: LiveLeg, at: datetime) -> None:
    """The queue found an agent for the caller."""
    if (visit := _visit(live)) is not None:
        segments.end(live.story, visit.id, at, "answered")


def go_on(live: LiveLeg) -> None:
    """The caller is somewhere else now: a visit that ended unexplained was left on purpose."""
    visit = _visit(live)
    if visit is not None and visit.ended_at is not None and visit.exit_reason is None:
        reason = "key" if live.abandoned_at is None else "timeout"
        live.story.put_segment(replace(visit, exit_reason=reason))


def hang_up(live: LiveLeg, at: datetime, lost: str | None) -> None:
    """The caller is gone: one who still waited has abandoned the call."""
    visit = _visit(live)
    if visit is None:
        return
    segments.end_alone(live, at, lost or _exit_of(live, visit, at))


def waiting_in(live: LiveLeg) -> str | None:
    """Return the queue that the leg waits in now."""
    visit = _visit(live)
    return visit.queue if visit is not None and visit.ended_at is None else None


def _join(board: Switchboard, live: LiveLeg | None, queue: str, at: datetime) -> str | None:
    if live is None or not live.is_alive:
        return faults.CALLER_UNKNOWN
    live.queued = board.ordinal
    if waiting_in(live) == queue:
        return None
    go_on(live)
    live.abandoned_at = None
    live.story.queue = queue
    live.story.queue_was_last = True
    live.visit = segments.begin_alone(live, SegmentKind.QUEUE, at, queue=queue)
    return None


def _correct(live: LiveLeg, reason: str) -> None:
    """The news of the hang-up outran that of the queue's own reason."""
    last = _last(live)
    if last is not None and last.exit_reason != "answered":
        live.story.put_segment(replace(last, exit_reason=reason))


def _had_abandoned(live: LiveLeg) -> bool:
    """The news of the hang-up outran that of abandoning; what it then seemed to be is put right."""
    last = _last(live)
    if last is None or live.is_alive or last.exit_reason not in {"abandoned", "key"}:
        return False
    live.story.put_segment(replace(last, exit_reason="abandoned"))
    results.tell_again(live.story)
    return True


def _had_left(live: LiveLeg, at: datetime) -> bool:
    """The news of the hang-up outran that of leaving, and nothing told of abandoning: a key."""
    last = _last(live)
    if last is None or live.is_alive or live.abandoned_at or last.exit_reason != "abandoned":
        return False
    live.story.put_segment(replace(last, exit_reason="key", ended_at=max(at, last.started_at)))
    results.tell_again(live.story)
    return True


def _exit_of(live: LiveLeg, visit: Segment, at: datetime) -> str:
    if live.abandoned_at is None:
        return "abandoned" if visit.ended_at is None else "key"
    return "timeout" if at - live.abandoned_at > _SAME_INSTANT else "abandoned"


def _last(live: LiveLeg) -> Segment | None:
    """Return the latest visit, also one that has ended."""
    return live.story.segments[live.visit] if live.visit else None


def _visit(live: LiveLeg) -> Segment | None:
    if segments.kind_alone(live) is not SegmentKind.QUEUE or live.alone is None:
        return None
    return live.story.segments[live.alone]
