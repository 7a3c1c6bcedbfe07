"""A PBX's clock that steps back is noticed; ours is told by it."""

from datetime import UTC, datetime, timedelta

from pbx_bridge.clocks import PbxClock, StepBack

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_clock_that_goes_on_is_not_noticed() -> None:
    steps: list[StepBack] = []
    clock = PbxClock(steps.append)
    for seconds in (0.0, 1.0, 0.5, 9.0, 7.5):  # neighbours may come in another order
        clock.hear(1000 + seconds, NOON + timedelta(seconds=seconds))
    assert steps == []


def test_a_step_back_is_noticed_once_with_its_size_and_when() -> None:
    steps: list[StepBack] = []
    clock = PbxClock(steps.append)
    clock.hear(1000.0, NOON)
    earlier = NOON - timedelta(seconds=40)
    at = datetime.fromtimestamp(1001.0, UTC)
    clock.hear(1001.0, earlier)
    clock.hear(1002.0, earlier + timedelta(seconds=1))
    assert steps == [StepBack(by=timedelta(seconds=40), noticed_at=at)]
    assert str(steps[0]) == "Its clock went back by 40 seconds at 1970-01-01 00:16:41+00:00."


def test_a_message_without_a_stamp_says_nothing_of_the_clock() -> None:
    steps: list[StepBack] = []
    clock = PbxClock(steps.append)
    clock.hear(NOON.timestamp() + 3600, NOON)
    arrived = NOON + timedelta(seconds=3700)
    clock.hear(arrived.timestamp(), arrived)
    clock.hear(NOON.timestamp() + 3701, NOON + timedelta(seconds=101))
    assert steps == []


def test_one_clock_goes_on_where_another_stood() -> None:
    steps: list[StepBack] = []
    clock, earlier = PbxClock(steps.append), PbxClock()
    earlier.hear(1000.0, NOON)
    clock.go_on(earlier)
    clock.hear(1001.0, NOON - timedelta(seconds=9))
    assert [step.by.total_seconds() for step in steps] == [9]


def test_what_we_notice_is_dated_by_the_clock_of_the_pbx() -> None:
    clock = PbxClock()
    assert clock.theirs(NOON) == NOON
    clock.hear(NOON.timestamp() + 3600, NOON)
    assert clock.theirs(NOON + timedelta(seconds=3660)) == NOON + timedelta(seconds=60)
