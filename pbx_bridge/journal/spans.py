"""What was going on in a call, and why it stopped, as sentences to translate; pure."""

from collections.abc import Iterator, Sequence

from pbx_bridge.call import Segment, SegmentKind
from pbx_bridge.matching import Reason, msgid

BEGINNINGS = {
    SegmentKind.IVR: msgid("{who} hears a menu or an announcement."),
    SegmentKind.QUEUE: msgid("{who} waits in the queue {queue}."),
    SegmentKind.RING: msgid("{who}: it rings, and nobody has answered yet."),
    SegmentKind.TALK: msgid("From here on they talk: {who}."),
    SegmentKind.CONSULT: msgid("From here on they consult, without the other side: {who}."),
    SegmentKind.HOLD: msgid("{who} puts the other side on hold."),
    SegmentKind.PARKED: msgid("{who} is parked."),
    SegmentKind.VOICEMAIL: msgid("{who} speaks to the voicemail."),
    SegmentKind.APPLICATION: msgid("{who} is in an application of the PBX, and talks with nobody."),
}
ENDINGS = {
    SegmentKind.IVR: msgid("The menu or announcement is over."),
    SegmentKind.QUEUE: msgid("The wait in the queue {queue} is over; why is told elsewhere."),
    SegmentKind.RING: msgid("The ringing is over."),
    SegmentKind.TALK: msgid("This talk is over: {seconds} are credited to {ours}."),
    SegmentKind.CONSULT: msgid("The consultation is over after {seconds}."),
    SegmentKind.HOLD: msgid("The hold is over after {seconds}."),
    SegmentKind.PARKED: msgid("The parking is over."),
    SegmentKind.VOICEMAIL: msgid("The voicemail is over."),
    SegmentKind.APPLICATION: msgid("The application is over."),
}
QUEUE_EXITS = {
    "answered": msgid("The queue {queue} has found an agent."),
    "abandoned": msgid("The caller left the queue {queue} by hanging up."),
    "timeout": msgid("The queue {queue} gave the caller up: the time for waiting was over."),
    "empty": msgid("The queue {queue} gave the caller up: no agent was there."),
    "unavailable": msgid("The queue {queue} gave the caller up: no agent could take calls."),
    "full": msgid("The queue {queue} was full and did not take the caller."),
    "withdrawn": msgid("The caller was taken out of the queue {queue}."),
    "key": msgid("The caller left the queue {queue} by a key."),
    "continue": msgid("The dialplan went on behind the queue {queue}."),
}
WHYS = {
    "transferred": msgid("The reason: a transfer."),
    "lost_in_transfer": msgid("The transfer was lost: nobody spoke with the other side after it."),
    "parked": msgid("The reason: the other side was parked."),
    "retrieved": msgid("Someone took the parked call."),
    "timeout": msgid("Nobody took the parked call in time."),
    "abandoned": msgid("The parked side hung up."),
    "answered": msgid("The reason: it was answered."),
    "noanswer": msgid("The reason: nobody answered in time."),
    "busy": msgid("The reason: it was busy."),
    "cancel": msgid("The reason: the calling stopped before anyone answered."),
    "gap": msgid("The end was not heard: there was a gap."),
    "restart": msgid("The PBX was started anew: nothing of before is alive."),
}
OTHER_WHY = msgid("The reason: {reason}.")
GOES_ON = msgid("The talk goes on after all: {who}.")
TURNS = {
    SegmentKind.TALK: msgid("What they said counts as talk with the other side: {who}."),
    SegmentKind.CONSULT: msgid("What they said counts as a consultation among us: {who}."),
}
JOINS_IN = msgid("They have to do with it too: {who}.")


def told(
    before: Segment | None, now: Segment, names: Sequence[str], ours: Sequence[str]
) -> Iterator[Reason]:
    """Say what is otherwise about an interval; `names` are its parties, `ours` our phones."""
    who = ", ".join(names)
    params = {"who": who, "queue": now.queue or ""}
    if before is None:
        yield _about(BEGINNINGS[now.kind], params)
    elif before.kind is not now.kind and now.kind in TURNS:
        yield _about(TURNS[now.kind], params)
    elif len(before.parties) < len(now.parties):
        yield _about(JOINS_IN, params)
    was_over = before is not None and before.ended_at is not None
    if was_over and now.ended_at is None:
        yield _about(GOES_ON, params)
    reason_before = before.exit_reason if before else None
    is_over = now.ended_at is not None and not was_over
    reason = now.exit_reason if now.exit_reason != reason_before or is_over else None
    if is_over:
        yield from _over(now, reason, params, ours)
    if reason is not None and not (is_over and _says_why(now, reason)):
        yield _why(now, reason, params)


def _over(
    now: Segment, reason: str | None, params: dict[str, str], ours: Sequence[str]
) -> Iterator[Reason]:
    if reason is not None and _says_why(now, reason):
        yield _about(QUEUE_EXITS[reason], params)
        return
    assert now.ended_at is not None  # noqa: S101 - it is over
    seconds = str(round((now.ended_at - now.started_at).total_seconds()))
    credited = ", ".join(dict.fromkeys(ours)) or "\N{EN DASH}"
    yield _about(ENDINGS[now.kind], {**params, "seconds": seconds, "ours": credited})


def _says_why(now: Segment, reason: str) -> bool:
    return now.kind is SegmentKind.QUEUE and reason in QUEUE_EXITS


def _why(now: Segment, reason: str, params: dict[str, str]) -> Reason:
    if _says_why(now, reason):
        return _about(QUEUE_EXITS[reason], params)
    text = WHYS.get(reason)
    return _about(text, {}) if text else _about(OTHER_WHY, {"reason": reason})


def _about(text: str, params: dict[str, str]) -> Reason:
    return Reason(text=text, params={k: v for k, v in params.items() if f"{{{k}}}" in text})
