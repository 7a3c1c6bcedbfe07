"""How a call came out, once it has ended."""

from dataclasses import replace

from pbx_bridge.call import CallResult, Direction, SegmentKind
from pbx_bridge.tracker.stories import Story

TRANSFERRED, LOST, PARKED = "transferred", "lost_in_transfer", "parked"  # how a talk ended
SPOKEN = frozenset({SegmentKind.TALK, SegmentKind.VOICEMAIL, SegmentKind.APPLICATION})

GAVE_UP = frozenset({"timeout", "empty", "unavailable", "full", "withdrawn"})  # the queue did


def result_of(story: Story) -> CallResult:
    """Return the result; the last thing that was tried decides."""
    if story.answered_at is not None:
        return CallResult.ANSWERED
    if story.was_lost:
        return CallResult.FAILED
    if story.queue_was_last:
        return _result_of_queue(story)
    return _result_of_dials(story)


def tell_again(story: Story) -> None:
    """Tell how an ended call came out, by all that is known now."""
    if story.ended_at is not None:
        _tell_what_was_lost(story)
        story.result = result_of(story)


def _tell_what_was_lost(story: Story) -> None:
    """Blame the last talk where nobody spoke with the other side after it was transferred."""
    spoken = [segment for segment in story.segments.values() if segment.kind in SPOKEN]
    for segment in spoken:
        if segment.exit_reason in {TRANSFERRED, LOST}:
            reason = LOST if segment is spoken[-1] else TRANSFERRED
            story.put_segment(replace(segment, exit_reason=reason))


def _result_of_queue(story: Story) -> CallResult:
    visits = (s for s in reversed(story.segments.values()) if s.kind is SegmentKind.QUEUE)
    reason = next((visit.exit_reason for visit in visits), None)
    return CallResult.TIMED_OUT if reason in GAVE_UP else CallResult.ABANDONED


def _result_of_dials(story: Story) -> CallResult:
    ends = set(story.dial_ends)
    given_up = (
        CallResult.ABANDONED if story.direction is Direction.INBOUND else CallResult.CANCELLED
    )
    if not ends or "CANCEL" in ends:
        return given_up
    if "NOANSWER" in ends:
        return CallResult.NO_ANSWER
    return CallResult.BUSY if "BUSY" in ends else CallResult.FAILED
