"""How a phone stopped ringing: the cause of its hang-up says it, or what its dialler did then."""

from datetime import timedelta

from pbx_bridge.books import dialling
from pbx_bridge.books.channels import Channel, Channels
from pbx_bridge.tracker.dials import BUSY, NO_ANSWER_CAUSES, NORMAL
from pbx_bridge.tracker.dials import status_of as by_cause

_SAME_MOMENT = timedelta(milliseconds=300)


def status_of(called: Channel, channels: Channels) -> str:
    """Return the dial status of a channel that was called and never answered."""
    ended_at, cause = called.ended_at, called.cause
    dialler = dialling.dialler_of(called, channels)
    if cause == BUSY or cause in NO_ANSWER_CAUSES or cause not in {None, 0, NORMAL}:
        return by_cause(cause, None)
    if dialler is None:
        return by_cause(cause, None)
    if ended_at is None or not dialler.is_up(ended_at + _SAME_MOMENT):
        return "CANCEL"
    rivals = [
        other
        for other in channels.sharing(called.began.linkedid)
        if other is not called and other.is_called and other.answered_at is not None
    ]
    if any(
        rival.answered_at and rival.answered_at <= ended_at
        for rival in rivals
        if rival.is_up(called.began.at + _SAME_MOMENT)
    ):
        return "CANCEL"
    return "NOANSWER"
