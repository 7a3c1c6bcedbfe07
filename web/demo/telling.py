"""Stories of the simulated PBX, told to a tracker as if they had happened, and stored."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from random import Random
from uuid import UUID

import storage.callers
import storage.calls
import storage.numbers
import storage.outcomes
from pbx_bridge import translate
from pbx_bridge.ami import Message
from pbx_bridge.call import Call, CallResult
from pbx_bridge.changes import CallEnded
from pbx_bridge.events import Event
from pbx_bridge.simulator.stories import Story
from pbx_bridge.tracker import Tracker
from storage.calls import CallContext
from storage.database import Session

NOTES = (
    "Wants the order split into two deliveries.",
    "Asked about opening hours on Saturday.",
    "Price was too high; will think about it.",
    "Sent the brochure by mail.",
    "Thanked us for the quick repair.",
)


async def store(
    session: Session, call: Call, seats: dict[tuple[UUID, str], UUID], random: Random,
    *, wrap_up: bool = True,
) -> None:  # fmt: skip
    """Store a call as the journey would; whoever took it wraps it up, or does not."""
    home = await storage.numbers.home(session)
    e164 = home.read(call.number) if call.number else None
    match = await storage.callers.match(session, e164) if e164 else None
    context = CallContext(
        users=seats, e164=e164,
        match=match.level if match else storage.calls.MatchLevel.WITHHELD,
        why=match.why if match else None,
        customer_id=match.customer if match else None,
    )  # fmt: skip
    await storage.calls.save(session, call, context=context)
    user = seats.get((call.pbx, call.extension or ""))
    if wrap_up and user and call.result is CallResult.ANSWERED:
        outcomes = await storage.outcomes.listed(session)
        await storage.calls.wrap_up(
            session, call.id, user_id=user, outcome_id=random.choice(outcomes).id,
            note=random.choice(NOTES) if random.random() < 0.6 else "", by=user,  # noqa: PLR2004
        )  # fmt: skip


def told(pbx_id: UUID, phones: dict[str, str], story: Story, begin: datetime) -> list[Call]:
    """Tell one story to a tracker as if it had happened from `begin` on."""
    tracker = Tracker(pbx_id, phones)
    changes = (change for event in _events(story, begin) for change in tracker.feed(event))
    return [_silent(change.call) for change in changes if isinstance(change, CallEnded)]


def _events(story: Story, begin: datetime) -> Iterable[Event]:
    at = begin.timestamp()
    for step in story:
        at += step.after
        for event in step.events:
            at += 0.001
            lines = [*event[:2], ("Timestamp", f"{at:.6f}"), *event[2:]]
            raw = "".join(f"{key}: {value}\r\n" for key, value in lines).encode()
            if known := translate.translate(Message(raw, at)):
                yield known


def _silent(call: Call) -> Call:
    """The past of the demo has no sound: a file for each call would take minutes to make."""
    return replace(call, recordings=())
