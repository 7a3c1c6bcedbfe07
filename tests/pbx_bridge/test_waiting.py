"""How a caller waits: since when, and at which place of the line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from pbx_bridge.call import Call, Direction, Leg, Segment, SegmentKind
from pbx_bridge.queues import Waiter
from pbx_bridge.waiting import Place, place_of, queued_at

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def segment(kind: SegmentKind, at: int, *, queue: str | None = None, end: int | None = None):
    ended_at = None if end is None else NOON + timedelta(seconds=end)
    return Segment(
        id=uuid4(), kind=kind, started_at=NOON + timedelta(seconds=at), ended_at=ended_at,
        queue=queue,
    )  # fmt: skip


def leg(uniqueid: str) -> Leg:
    return Leg(
        id=uuid4(), uniqueid=uniqueid, linkedid=uniqueid, channel="PJSIP/x-1", interface="PJSIP/x",
        number="", name="", extension=None, started_at=NOON,
    )  # fmt: skip


def call(*segments: Segment, queue: str | None = "sales", ended: bool = False) -> Call:
    return Call(
        id=uuid4(), pbx=UUID(int=1), direction=Direction.INBOUND, number="", name="", dialled="",
        started_at=NOON, queue=queue, segments=segments, ended_at=NOON if ended else None,
    )  # fmt: skip


def line(*uniqueids: str) -> list[Waiter]:
    return [Waiter(uniqueid=each, number="", name="", since=NOON) for each in uniqueids]


def test_the_place_is_the_one_in_the_pbxs_line() -> None:
    caller = replace(call(), legs=(leg("1.1"), leg("1.2")))
    assert place_of(caller, line("1.2")) == Place(1, 1)
    assert place_of(caller, line("9.1", "9.2", "1.1", "9.3")) == Place(3, 4)


def test_who_waits_in_no_line_has_no_place() -> None:
    caller = replace(call(), legs=(leg("1.1"),))
    assert place_of(caller, line("9.1")) is None
    assert place_of(caller, ()) is None


def test_the_last_queue_counts() -> None:
    one = call(
        segment(SegmentKind.IVR, 0, end=4),
        segment(SegmentKind.QUEUE, 4, queue="sales", end=9),
        segment(SegmentKind.QUEUE, 9, queue="support", end=30),
        segment(SegmentKind.TALK, 30),
        queue="support",
    )
    assert queued_at(one) == NOON + timedelta(seconds=9)
    assert queued_at(call(segment(SegmentKind.TALK, 0))) is None
