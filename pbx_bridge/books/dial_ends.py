"""How a phone stopped ringing: the cause of its hang-up says it, or what its dialler did then."""

from datetime import timedelta

from pbx_bridge.books import dialling
from pbx_bridge.books.channels import Channel
from pbx_bridge.books.ledgers import Ledger
from pbx_bridge.books.rows import Cel
from pbx_bridge.tracker.dials import BUSY, ELSEWHERE_CAUSE, NO_ANSWER_CAUSES, NORMAL
from pbx_bridge.tracker.dials import status_of as by_cause

_SAME_MOMENT = timedelta(milliseconds=300)
_SOON = timedelta(seconds=5)
_SAID = frozenset({BUSY, *NO_ANSWER_CAUSES, ELSEWHERE_CAUSE})  # causes that say it all
_UNSAID = frozenset({None, 0, NORMAL})


def status_of(called: Channel, ledger: Ledger) -> str:
    """Return the dial status of a channel that was called and never answered."""
    cause, dialler = called.cause, dialling.dialler_of(called, ledger)
    if dialler is not None and _sent_on(called, dialler, ledger):
        return "CANCEL"
    if cause in _SAID or dialler is None or called.ended_at is None:
        return by_cause(cause, None)
    if _lost_the_race(called, ledger):
        return "CANCEL"
    is_left = not dialler.is_up(called.ended_at + _SAME_MOMENT)
    if is_left and (dialler.gave_up or cause is None):
        return "CANCEL"
    return "NOANSWER" if cause in _UNSAID else by_cause(cause, None)


def forwarded_by(dialler: Channel, row: Cel, ledger: Ledger) -> Channel | None:
    """Return the phone that sent its caller elsewhere (302), by the row that says so.

    The row names no phone: it is the one whose channel ended next to it. On a busy PBX that may be
    long after it, when who was called instead has answered.
    """
    found = [
        (abs(called.ended_at - row.at), called)
        for called in ledger.sharing(row.linkedid)
        if called.is_called
        and called.answered_at is None
        and called.ended_at is not None
        and called.began.at < row.at
        and called.ended_at >= row.at - _SAME_MOMENT
        and dialling.dialler_of(called, ledger) is dialler
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def sent_on_for(local: Channel, ledger: Ledger) -> Channel | None:
    """Return the phone that sent its caller to where this Local channel leads.

    The row that says so may be written after another phone has answered; this channel was there
    before.
    """
    for other in ledger.sharing(local.began.linkedid):
        for row in other.rows:
            is_it = row.type == "FORWARD" and row.extra.get("forward") == local.exten
            if is_it and abs(row.at - local.began.at) <= _SOON:
                return forwarded_by(other, row, ledger)
    return None


def _sent_on(called: Channel, dialler: Channel, ledger: Ledger) -> bool:
    """The phone sent its caller elsewhere; the row that says so may come after its hang-up."""
    rows = (row for row in dialler.rows if row.type == "FORWARD")
    return any(forwarded_by(dialler, row, ledger) is called for row in rows)


def _lost_the_race(called: Channel, ledger: Ledger) -> bool:
    """Another phone that rang for the same call answered just then."""
    ended_at = called.ended_at
    return ended_at is not None and any(
        other.is_called
        and other.answered_at is not None
        and abs(other.answered_at - ended_at) <= _SAME_MOMENT
        for other in ledger.sharing(called.began.linkedid)
        if other is not called
    )
