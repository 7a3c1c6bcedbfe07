"""How the hard stories must be told: of each call its nature, its offers and its segments.

A to D are the phones of the cast, in its order; - is somebody outside. Left out is what differs
from one evening to the next: rings answered or forwarded at once, moments in which legs are moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lab.ami import END
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call, Offer, Segment, SegmentKind
from pbx_bridge.changes import CallEnded, ImpossibleEvent
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

_BLINK, _SHORTEST_RING = 0.1, 0.5  # seconds
_CONVERSATIONS = frozenset({SegmentKind.TALK, SegmentKind.CONSULT})


@dataclass(frozen=True, slots=True)
class Telling:
    """A call in words that one can compare."""

    nature: str
    offers: str
    segments: str


def tell(call: Call, agents: Sequence[str]) -> Telling:
    """Tell a call of this cast."""
    roles = dict(zip(agents, "ABCDEFGH", strict=False))
    offers = sorted(_offer(offer, roles) for offer in call.offers)
    segments = [_segment(segment, roles) for segment in call.segments if _is_told(segment)]
    return Telling(f"{call.direction} {call.result}", ", ".join(offers), ", ".join(segments))


def tell_all(stream: bytes, agents: Sequence[str]) -> tuple[list[Call], list[str]]:
    """Return all calls of a stream as they ended, and what of it seemed impossible."""
    tracker = Tracker(UUID(int=7), {f"PJSIP/{number}": number for number in agents})
    ended: dict[UUID, None] = {}
    impossible = []
    for raw in stream.split(END):
        event = translate(Message(raw, 0.0)) if raw.startswith(b"Event: ") else None
        for change in tracker.feed(event) if event else ():
            if isinstance(change, CallEnded):
                ended[change.call.id] = None
            if isinstance(change, ImpossibleEvent):
                impossible.append(f"{change.why}: {change.event}")
    assert not tracker.calls
    last = (tracker.call(call) for call in ended)
    return list({call.id: call for call in last if call is not None}.values()), impossible


def _is_told(segment: Segment) -> bool:
    assert segment.ended_at is not None
    seconds = (segment.ended_at - segment.started_at).total_seconds()
    if segment.kind is SegmentKind.RING:
        return segment.exit_reason != "answered" and seconds >= _SHORTEST_RING
    return segment.kind not in _CONVERSATIONS or seconds >= _BLINK


def _offer(offer: Offer, roles: dict[str, str]) -> str:
    direction = "out" if offer.outgoing else ""
    attempt = str(offer.attempt) if offer.attempt > 1 else ""
    return " ".join(filter(None, (roles[offer.extension], direction, offer.end, attempt)))


def _segment(segment: Segment, roles: dict[str, str]) -> str:
    who = "".join(sorted(roles.get(party.extension or "", "-") for party in segment.parties))
    return " ".join(filter(None, (segment.kind, who, segment.exit_reason)))


TELLINGS: dict[str, list[Telling]] = {
    "attended_by_keys": [
        Telling(
            "inbound answered",
            "A answered, B answered",
            "talk -A transferred, hold A, consult AB, talk -B",
        )
    ],
    "attended_by_manager": [
        Telling(
            "inbound answered",
            "A answered, C answered",
            "queue - answered, talk -A transferred, hold A, consult AC, talk -C",
        )
    ],
    "attended_by_refer": [
        Telling(
            "inbound answered",
            "A answered, B answered",
            "talk -A transferred, hold A, consult AB, talk -B",
        )
    ],
    "autopaused": [
        Telling("inbound answered", "A missed, B answered", "queue - answered, talk -B")
    ],
    "blind_and_given_up": [
        Telling(
            "inbound answered",
            "A answered, B cancelled",
            "talk -A lost_in_transfer, hold A, ring -B cancel",
        )
    ],
    "blind_by_keys": [
        Telling(
            "inbound answered", "A answered, B answered", "talk -A transferred, hold A, talk -B"
        )
    ],
    "blind_by_refer": [
        Telling("inbound answered", "A answered, B answered", "talk -A transferred, talk -B")
    ],
    "blind_by_refer_of_sipp": [
        Telling("inbound answered", "A answered, B answered", "talk -A transferred, talk -B")
    ],
    "blind_into_a_queue": [
        Telling(
            "inbound answered",
            "A answered, B elsewhere, C answered",
            "talk -A transferred, hold A, queue - answered, talk -C",
        )
    ],
    "blind_to_nobody": [
        Telling(
            "inbound answered", "A answered, B missed", "talk -A lost_in_transfer, ring -B noanswer"
        )
    ],
    "blind_twice": [
        Telling(
            "inbound answered",
            "A answered, C answered, D answered",
            "queue - answered, talk -A transferred, hold A, talk -C transferred, talk -D",
        )
    ],
    "blonde_and_recalled": [
        Telling(
            "inbound answered",
            "A answered, A answered 2, B missed",
            "talk -A transferred, hold A, talk -A",
        )
    ],
    "blonde_by_keys": [
        Telling(
            "inbound answered", "A answered, B answered", "talk -A transferred, hold A, talk -B"
        )
    ],
    "blonde_by_refer": [
        Telling(
            "inbound answered",
            "A answered, B answered",
            "talk -A transferred, hold A, ring AB, talk -B",
        )
    ],
    "called_back": [Telling("outbound answered", "A out answered", "talk -A")],
    "clicked_and_not_taken": [Telling("outbound no_answer", "", "")],
    "conference": [
        Telling("inbound answered", "A answered, B answered", "talk -A, talk -AB, talk -B")
    ],
    "consultation_aborted": [
        Telling(
            "inbound answered", "A answered, B answered", "talk -A, hold A, consult AB, talk -A"
        )
    ],
    "consultation_busy": [
        Telling("inbound answered", "A answered, B missed", "talk -A, hold A, talk -A")
    ],
    "forwarded_by_the_phone": [Telling("inbound answered", "A cancelled, B answered", "talk -B")],
    "held_and_resumed": [Telling("inbound answered", "A answered", "talk -A, hold A, hold A")],
    "listened_to": [
        Telling("inbound answered", "A answered", "talk -A"),
        Telling("internal cancelled", "", "application B"),
    ],
    "supervised": [
        Telling("inbound answered", "A answered", "talk -A"),
        Telling("internal cancelled", "", "application B"),
    ],
    "local_members": [
        Telling("inbound answered", "A elsewhere, B answered", "queue - answered, talk -B")
    ],
    "local_members_optimised": [
        Telling("inbound answered", "A elsewhere, B answered", "queue - answered, talk -B")
    ],
    "parked_and_come_back": [
        Telling(
            "inbound answered",
            "A answered, A answered 2",
            "talk -A parked, hold A, parked - timeout, talk -A",
        )
    ],
    "parked_and_given_up": [
        Telling("inbound answered", "A answered", "talk -A parked, parked - abandoned")
    ],
    "parked_and_retrieved": [
        Telling(
            "inbound answered",
            "A answered, B answered",
            "talk -A parked, hold A, parked - retrieved, talk -B",
        )
    ],
    "picked_up": [Telling("inbound answered", "A elsewhere, B answered", "talk -B")],
    "picked_up_by_the_group": [Telling("inbound answered", "A elsewhere, B answered", "talk -B")],
    "picked_up_from_a_queue": [
        Telling(
            "inbound answered", "A elsewhere, B elsewhere, C answered", "queue - answered, talk -C"
        )
    ],
    "queue_emptied": [Telling("inbound timed_out", "A missed, B missed", "queue - empty")],
    "queue_left_by_key": [Telling("inbound abandoned", "A cancelled, B cancelled", "queue - key")],
    "taken_over_by_replaces": [
        Telling("inbound answered", "A answered, B answered", "talk -A, talk -B")
    ],
    "three_together": [
        Telling(
            "inbound answered",
            "A answered, B answered",
            "talk -A, hold A, consult AB, talk -AB, talk -B",
        )
    ],
    "two_phones_each": [
        Telling("inbound answered", "A elsewhere, B answered", "queue - answered, talk -B")
    ],
    "two_queues": [
        Telling(
            "inbound answered",
            "A missed, B missed, C answered, D elsewhere",
            "queue - timeout, queue - answered, talk -C",
        )
    ],
    "voicemail_left": [Telling("inbound no_answer", "A missed", "ring -A noanswer, voicemail -")],
    "withdrawn_from_queue": [Telling("inbound timed_out", "A missed", "queue - withdrawn")],
}
