"""Phones are called: by a leg, by a queue for its caller, or through a Local channel."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from pbx_bridge.call import OfferEnd, SegmentKind
from pbx_bridge.events import (
    DialBegan,
    DialEnded,
)
from pbx_bridge.tracker import directions, faults, offers, results, segments, visits
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import LiveLeg

MISSED = frozenset({"NOANSWER", "BUSY", "CHANUNAVAIL"})
_LOCALS_AT_MOST = 16  # one behind the other

BUSY, NO_ANSWER_CAUSES, ELSEWHERE_CAUSE, NORMAL = 17, (18, 19), 26, 16


def on_dial_began(board: Switchboard, event: DialBegan) -> str | None:
    """A leg is called."""
    live = board.met(event.leg, event.at)
    dialler = board.met(event.dialler, event.at)
    if live is None:
        return faults.CALLED_UNKNOWN
    if dialler is None and (transferer := _recalling(board, live)) is not None:
        board.unite(live, transferer)
    call(board, live, dialler, event.at, dialled=event.dialled)
    return None


def on_dial_ended(board: Switchboard, event: DialEnded) -> str | None:
    """A leg is called no longer."""
    live = board.known(event.leg)
    if live is None:
        return faults.LEG_UNSEEN
    if live.is_party and not live.was_dialled:
        return _take_over(board, live, event)
    if live.guess is not None:
        _correct(live, event.status)
    end_dial(live, event.at, event.status)
    board.phones.touch(live)
    return None


def _correct(live: LiveLeg, status: str) -> None:
    """The news of a hang-up outran that of the dial's end, which knows better why."""
    story, guess, live.guess = live.story, live.guess, None
    if guess is None or status in {guess, "ANSWER"}:
        return
    if live.is_party and guess in story.dial_ends:
        story.dial_ends[story.dial_ends.index(guess)] = status
    for ring in segments.rings_of(live):
        if ring.exit_reason == guess.lower():
            story.put_segment(replace(ring, exit_reason=status.lower()))
    offers.correct(live, offer_end(live, status))
    results.tell_again(story)


def _take_over(board: Switchboard, live: LiveLeg, event: DialEnded) -> str | None:
    """Who picks a call up ends a dial that was somebody else's; the news of that may come later."""
    dialler = board.known(event.dialler)
    if event.status != "ANSWER" or dialler is None:
        return faults.DIAL_UNKNOWN
    board.unite(live, dialler)
    return None


def call(
    board: Switchboard,
    live: LiveLeg,
    dialler: LiveLeg | None,
    at: datetime,
    *,
    dialled: str = "",
) -> None:
    """Let a leg be called; once is enough, however many events say so."""
    if dialler is not None and dialler is not live:
        board.unite(live, dialler)
        live.dialler = live.dialler or dialler
        if live.is_alive:
            dialler.dials[live.uniqueid] = live
        _tell_behind(live, at)
    if live.was_dialled or not live.is_alive:
        return
    live.was_dialled = live.is_dialled = True
    board.phones.touch(live)
    if live.is_party:
        _ring(live, root_of(live), at, dialled)


def end_dial(live: LiveLeg, at: datetime, status: str) -> None:
    """Let a leg be called no longer, with what came of it."""
    if not live.is_dialled:
        return
    live.is_dialled = False
    story, root = live.story, root_of(live)
    story.open_dials.discard(live.uniqueid)
    if status == "ANSWER":
        return
    if live.is_party:
        story.dial_ends.append(status)
    offers.stop(live, at, offer_end(live, status))
    if live.dialler is not None:
        live.dialler.dials.pop(live.uniqueid, None)
    if root is not None and not story.open_dials and _ring_of(root):
        segments.end_alone(root, at, status.lower())
    for ring in segments.rings_of(live):
        if ring.ended_at is not None:  # the caller's hang-up was told first, and says not why
            segments.end(story, ring.id, at, status.lower())


def offer_end(live: LiveLeg, status: str) -> OfferEnd:
    """Tell what the end of a dial means to the agent whose phone rang."""
    if status in MISSED:
        return OfferEnd.MISSED
    return OfferEnd.ELSEWHERE if is_answered_elsewhere(live) else OfferEnd.CANCELLED


def status_of(cause: int | None, dialler: LiveLeg | None) -> str:
    """Return the dial status that a hang-up cause (Q.850) amounts to."""
    if cause == BUSY:
        return "BUSY"
    if cause == 0 and dialler is None:
        return "NOANSWER"  # Asterisk 16, of an Originate that rang in vain
    if cause in NO_ANSWER_CAUSES:
        return "NOANSWER"
    return "CANCEL" if cause in (None, 0, NORMAL, ELSEWHERE_CAUSE) else "CHANUNAVAIL"


def ring_on(given: LiveLeg, at: datetime) -> None:
    """The leg was transferred to phones that ring already: from now on they ring for it."""
    story = given.story
    ringing = [live for live in story.legs if live.uniqueid in story.open_dials]
    if not (given.is_given and ringing):
        return
    given.is_given = False
    if _ring_of(given) is not None:
        return
    segments.end_wait(given, at)
    ring = segments.begin_alone(given, SegmentKind.RING, at)
    for live in ringing:
        segments.add_party(story, ring, live)


def root_of(live: LiveLeg) -> LiveLeg | None:
    """Return the party that a leg is called for, through any Local channels."""
    *_, outermost = _called_through(live)
    dialler = outermost.dialler or next(iter(outermost.dials.values()), None)
    return dialler if dialler is not None and dialler.is_party and dialler is not live else None


def _recalling(board: Switchboard, live: LiveLeg) -> LiveLeg | None:
    """Return the leg whose transfer failed after it had left, when its phone is called back."""
    others = board.phones.legs_of(live.extension)
    found = (leg for leg in others if leg.has_handed_over and leg.bridge is None)
    return next((leg for leg in found if leg is not live), None)


def _called_through(live: LiveLeg) -> Iterator[LiveLeg]:
    """Yield the leg, and the Local channels behind which it is called."""
    for _ in range(_LOCALS_AT_MOST):
        yield live
        if live.dialler is None or live.dialler.twin is None:
            return
        live = live.dialler.twin


def _ring(live: LiveLeg, root: LiveLeg | None, at: datetime, dialled: str) -> None:
    story = live.story
    if not story.open_dials:
        story.dial_ends.clear()
    story.open_dials.add(live.uniqueid)
    queue = _queue_of(live, root)
    if root is not None and root.is_alive:
        if directions.dials_out(story, root, live, dialled):
            offers.dial_out(root, at)
        if directions.dials_in(story, root, live):
            offers.stop(root, at, OfferEnd.CANCELLED)
        if root.bridge is None and queue is None:
            _wait(root, live, at)
    if live is not story.origin:
        offers.ring(live, at, queue=queue)


def _tell_behind(local: LiveLeg, at: datetime) -> None:
    """The phones behind a Local channel may ring before the PBX tells who calls the channel."""
    ringing = [*local.twin.dials.values()] if local.twin else []
    for _ in range(_LOCALS_AT_MOST):
        if not ringing:
            return
        for live in ringing:
            if not (live.is_party and live.is_dialled):
                continue
            root = root_of(live)
            queue = _queue_of(live, root)
            if queue is not None:
                offers.name_queue(live, queue)
            elif root is not None and root.is_alive and root.bridge is None:
                _wait(root, live, at)
        twins = [live.twin for live in ringing if live.twin is not None]
        ringing = [live for twin in twins for live in twin.dials.values()]


def _wait(root: LiveLeg, live: LiveLeg, at: datetime) -> None:
    root.story.queue_was_last = False
    visits.go_on(root)
    ring = _ring_of(root) or segments.begin_alone(root, SegmentKind.RING, at)
    segments.add_party(root.story, ring, live)


def _ring_of(root: LiveLeg) -> UUID | None:
    return root.alone if segments.kind_alone(root) is SegmentKind.RING else None


def _queue_of(live: LiveLeg, root: LiveLeg | None) -> str | None:
    for leg in _called_through(live):
        if leg.queue is not None:
            return leg.queue
    return visits.waiting_in(root) if root else None


def is_answered_elsewhere(live: LiveLeg) -> bool:
    """Tell whether another phone has the call for which this one rings."""
    for leg in _called_through(live):
        rivals = leg.dialler.dials.values() if leg.dialler else ()
        if any(rival.is_up and rival is not leg for rival in rivals):
            return True
    customer = live.story.customer
    return customer is not None and any(customer.uniqueid in who for who in live.story.talks)
