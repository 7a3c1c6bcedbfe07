"""How a caller waits: since when, and at which place of the line."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from pbx_bridge.call import Call, Direction, Segment, SegmentKind
from pbx_bridge.waiting import Place, place_of, queued_at

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def segment(kind: SegmentKind, at: int, *, queue: str | None = None, end: int | None = None):
    ended_at = None if end is None else NOON + timedelta(seconds=end)
    return Segment(
        id=uuid4(), kind=kind, started_at=NOON + timedelta(seconds=at), ended_at=ended_at,
        queue=queue,
    )  # fmt: skip


def call(*segments: Segment, queue: str | None = "sales", ended: bool = False) -> Call:
    return Call(
        id=uuid4(), pbx=UUID(int=1), direction=Direction.INBOUND, number="", name="", dialled="",
        started_at=NOON, queue=queue, segments=segments, ended_at=NOON if ended else None,
    )  # fmt: skip


def waiting(at: int, queue: str = "sales", end: int | None = None) -> Call:
    return call(segment(SegmentKind.QUEUE, at, queue=queue, end=end), queue=queue)


def test_who_came_first_stands_first() -> None:
    first, second, third = waiting(1), waiting(5), waiting(9)
    calls = [third, first, second]
    assert [place_of(one, calls) for one in (first, second, third)] == [
        Place(1, 3), Place(2, 3), Place(3, 3),
    ]  # fmt: skip


def test_who_left_or_waits_elsewhere_stands_in_no_line_of_ours() -> None:
    own = waiting(5)
    others = [waiting(1, end=3), waiting(1, "support"), call(queue=None), call(ended=True)]
    assert place_of(own, others) == Place(1, 1)


def test_a_call_is_not_counted_twice_where_the_list_holds_an_older_telling() -> None:
    own = waiting(5)
    assert place_of(own, [own, waiting(1)]) == Place(2, 2)


def test_who_waits_in_no_queue_has_no_place() -> None:
    assert place_of(call(queue=None), [waiting(1)]) is None
    assert place_of(waiting(1, end=2), [waiting(0)]) is None


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
