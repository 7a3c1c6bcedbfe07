"""What the PBX's own books say of some calls, held against what we tell of them.

It reads CEL, CDR and queue_log, and shares no code with the tracker. `differences` is empty where
both agree; ALLOWED is the whole list of what may differ, each with its reason.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.books import Row
from pbx_bridge.call import Call, SegmentKind

ALLOWED = {
    "picked up": "queue_log says CONNECT with the member that rang, but whoever picked the call up"
    " talks and has the offer, which is of no queue; CEL's PICKUP proves it",
    "near": "CEL and AMI stamp the same moment one after the other, and while the PBX moves legs,"
    " in another order: what differs by less than 0.3 s is the same",
}
NEAR = 0.3  # seconds
EXITS = {
    "CONNECT": "answered",
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timeout",
    "EXITEMPTY": "empty",
    "EXITWITHKEY": "key",
    "WITHDRAW": "withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the PBX wrote down."""

    cel: Sequence[Row]
    cdr: Sequence[Row]
    queue_log: Sequence[Row]


def differences(calls: Sequence[Call], books: Books) -> list[str]:
    """Return a sentence for each point where the calls and the books do not agree."""
    return [
        *_of_legs(calls, books),
        *_of_talks(calls, books),
        *_of_cdr(calls, books),
        *_of_queues(calls, books),
    ]


def compared(calls: Sequence[Call], books: Books) -> int:
    """Return how many things `differences` holds against each other."""
    legs = sum(len(call.legs) for call in calls)
    visits = sum(s.kind is SegmentKind.QUEUE for call in calls for s in call.segments)
    # Of a leg that it is one, its begin and its end; of a visit its exit and its offers.
    return 3 * legs + len(conversations(books.cel)) + len(books.cdr) + 3 * visits


def _of_legs(calls: Sequence[Call], books: Books) -> Iterator[str]:
    begun = {row["uniqueid"]: _at(row) for row in books.cel if row["eventtype"] == "CHAN_START"}
    ended = {row["uniqueid"]: _at(row) for row in books.cel if row["eventtype"] == "CHAN_END"}
    legs = [leg for call in calls for leg in call.legs]
    counted = Counter(leg.uniqueid for leg in legs)
    for uniqueid in begun.keys() | counted.keys():
        times = counted[uniqueid]
        if times != 1 or uniqueid not in begun:
            yield f"channel {uniqueid} is told {times} times, in CEL: {uniqueid in begun}"
    for leg in legs:
        if abs(leg.started_at.timestamp() - begun.get(leg.uniqueid, 0)) > NEAR:
            yield f"{leg.channel} begins at another time than CEL says"
        if (
            leg.ended_at is None
            or abs(leg.ended_at.timestamp() - ended.get(leg.uniqueid, 0)) > NEAR
        ):
            yield f"{leg.channel} ends at another time than CEL says"


def _of_talks(calls: Sequence[Call], books: Books) -> Iterator[str]:
    told: dict[frozenset[str], float] = defaultdict(float)
    for call in calls:
        names = {leg.id: leg.channel for leg in call.legs}
        for segment in call.segments:
            if segment.kind in {SegmentKind.TALK, SegmentKind.CONSULT}:
                seconds = (segment.ended_at or call.started_at) - segment.started_at
                who = frozenset(names[party.leg] for party in segment.parties)
                told[who] += seconds.total_seconds()
    heard = conversations(books.cel)
    for who in told.keys() | heard.keys():
        ours, theirs = told.get(who, 0), heard.get(who, 0)
        if abs(ours - theirs) > NEAR:
            yield f"{sorted(who)} talk for {ours:.2f} s, CEL says {theirs:.2f} s"


def conversations(cel: Iterable[Row]) -> dict[frozenset[str], float]:
    """Return for how many seconds which channels shared sound, by CEL's bridges."""
    inside: dict[str, set[str]] = defaultdict(set)
    lasted: dict[frozenset[str], float] = defaultdict(float)
    for row, following in pairwise(sorted(cel, key=_at)):
        extra = json.loads(row["eventextra"] or "{}")
        if extra.get("bridge_technology") != "holding_bridge":
            if row["eventtype"] == "BRIDGE_ENTER":
                inside[extra["bridge_id"]].add(row["channame"])
            elif row["eventtype"] == "BRIDGE_EXIT":
                inside[extra["bridge_id"]].discard(row["channame"])
                if not inside[extra["bridge_id"]]:
                    del inside[extra["bridge_id"]]
        for who in _rooms(inside.values()):
            lasted[who] += _at(following) - _at(row)
    return lasted


def _rooms(bridges: Iterable[set[str]]) -> Iterator[frozenset[str]]:
    """Bridges with the halves of one Local channel are one room; those halves are nobody."""
    rooms: list[set[str]] = []
    for bridge in bridges:
        room = {_whole(channel) for channel in bridge}
        apart = []
        for other in rooms:
            if any("Local/" in channel for channel in room & other):
                room |= other
            else:
                apart.append(other)
        rooms = [*apart, room]
    for room in rooms:
        people = frozenset(name for name in room if not name.startswith(("Local/", "CBAnn/")))
        if len(people) > 1:
            yield people


def _whole(channel: str) -> str:
    return channel.partition(";")[0]


def _of_cdr(calls: Sequence[Call], books: Books) -> Iterator[str]:
    of_channel = defaultdict(set)
    for n, call in enumerate(calls):
        for leg in call.legs:
            of_channel[leg.channel].add(n)
    for row in books.cdr:
        channels = {row["channel"], row["dstchannel"]} - {""}
        explaining = set.intersection(*(of_channel[channel] for channel in channels))
        if len(explaining) != 1:
            yield f"the CDR row of {sorted(channels)} is explained by {len(explaining)} calls"


def _of_queues(calls: Sequence[Call], books: Books) -> Iterator[str]:
    pickups = {row["linkedid"] for row in books.cel if row["eventtype"] == "PICKUP"}
    for call in calls:
        legs = {leg.uniqueid for leg in call.legs}
        log = [row for row in books.queue_log if row["callid"] in legs]
        written = [(row["queue"], EXITS[row["event"]]) for row in log if row["event"] in EXITS]
        visits = sorted(
            (s for s in call.segments if s.kind is SegmentKind.QUEUE), key=lambda s: s.started_at
        )
        told = [(visit.queue, visit.exit_reason) for visit in visits]
        if written != told:
            yield f"{call.number} left its queues {told}, queue_log says {written}"
        entered = sum(row["event"] == "ENTERQUEUE" for row in log)
        if entered != len(visits):
            yield f"{call.number} was in {len(visits)} queues, queue_log says {entered}"
        was_picked_up = bool(pickups & {leg.linkedid for leg in call.legs})
        yield from _of_offers(call, log, was_picked_up=was_picked_up)


def _of_offers(call: Call, log: Sequence[Row], *, was_picked_up: bool) -> Iterator[str]:
    ends = Counter((offer.queue, offer.end) for offer in call.offers if offer.queue)
    events = Counter((row["queue"], row["event"]) for row in log)
    for queue in {row["queue"] for row in log}:
        told, written = ends[queue, "answered"], events[queue, "CONNECT"]
        if told != written and not (was_picked_up and told == written - 1):
            yield f"{queue} connected {told} members, queue_log says {written}"
        told, written = ends[queue, "missed"], events[queue, "RINGNOANSWER"]
        if told != written:
            yield f"{queue} rang {told} members in vain, queue_log says {written}"


def _at(row: Row) -> float:
    return float(row["eventtime"])
