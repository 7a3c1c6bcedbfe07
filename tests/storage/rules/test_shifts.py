"""Days of agents: intervals are cut at midnight, and what is not known stays visible."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pbx_bridge.presences import AgentState
from storage.rules.shifts import Stretch, shifts

BERLIN = ZoneInfo("Europe/Berlin")
ANN = UUID(int=1)
DAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 28, 11, tzinfo=UTC)  # in Berlin


def stretch(state: AgentState, began: datetime, minutes: float | None, reason: str = "") -> Stretch:
    ended = None if minutes is None else began + timedelta(minutes=minutes)
    return Stretch(ANN, "101", state, reason, began, ended)


def test_an_interval_over_midnight_is_part_of_both_days() -> None:
    late = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
    told = [stretch(AgentState.AVAILABLE, late, 90)]
    first, second = shifts(told, since=DAY, until=date(2026, 11, 28), zone=BERLIN, now=NOON)
    assert first.spent(AgentState.AVAILABLE) == 30 * 60
    assert second.spent(AgentState.AVAILABLE) == 60 * 60
    assert first.unheard == 23.5 * 3600
    assert second.unheard == 11 * 3600  # of the twelve hours until now


def test_pauses_are_told_by_reason_and_what_lasts_lasts_until_now() -> None:
    nine = datetime(2026, 11, 28, 8, tzinfo=UTC)
    told = [
        stretch(AgentState.PAUSED, nine, 10, "Lunch"),
        stretch(AgentState.PAUSED, nine + timedelta(minutes=10), 5),
        stretch(AgentState.PAUSED, nine + timedelta(minutes=20), 10, "Lunch"),
        stretch(AgentState.ON_CALL, nine + timedelta(minutes=30), None),
    ]
    [row] = shifts(told, since=date(2026, 11, 28), until=date(2026, 11, 28), zone=BERLIN, now=NOON)
    assert row.pauses == {"Lunch": 1200, "": 300}
    assert row.spent(AgentState.PAUSED) == 1500
    assert row.spent(AgentState.ON_CALL, AgentState.RINGING) == 2.5 * 3600


def test_a_day_has_the_length_that_the_zone_gives_it() -> None:
    long_day = date(2026, 10, 25)
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)
    told = [stretch(AgentState.OFFLINE, begin, 3000)]
    [row] = shifts(told, since=long_day, until=long_day, zone=BERLIN, now=NOON)
    assert (row.elapsed, row.spent(AgentState.OFFLINE), row.unheard) == (25 * 3600, 25 * 3600, 0)


def test_what_the_pbx_did_not_say_is_not_known() -> None:
    nine = datetime(2026, 11, 28, 8, tzinfo=UTC)
    told = [stretch(AgentState.UNKNOWN, nine, 60), stretch(AgentState.AVAILABLE, nine, 0)]
    [row] = shifts(told, since=DAY, until=date(2026, 11, 28), zone=BERLIN, now=NOON)
    assert row.unheard == 12 * 3600
