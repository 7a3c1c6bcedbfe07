"""Gaps follow the links, and tell when the books are to be read for them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from stage.watches import SECOND, Watch, now

import storage.hearings
from fixtures.calls import Stage, set_stage
from storage.database import Database
from storage.gaps import Filling, Gap, GapState
from web.journey.books import recovery
from web.journey.books.recovery import PASSES, next_pass, state_after


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
def watch(database: Database, stage: Stage) -> Watch:
    return Watch(database, stage)


async def test_of_a_pbx_that_was_never_heard_nothing_is_missed(watch) -> None:
    await watch.see("refused", now(), "the secret is wrong")
    await watch.see("connected", now())
    assert await watch.gaps() == []


async def test_a_link_that_breaks_opens_a_gap_that_ends_when_it_is_back(watch) -> None:
    began = now()
    await watch.see("connected", began - SECOND)
    await watch.see("down", began, "The connection was cut.")
    await watch.see("connecting", began + SECOND)
    [gap] = await watch.gaps()
    assert (gap.state, gap.started_at, gap.cause) == (
        GapState.OPEN,
        began,
        "The connection was cut.",
    )
    await watch.see("connected", began + 5 * SECOND)
    await watch.see("connected", began + 5 * SECOND)
    [gap] = await watch.gaps()
    assert (gap.state, gap.ended_at) == (GapState.FILLING, began + 5 * SECOND)


async def test_a_break_between_two_looks_is_a_gap_as_well(watch) -> None:
    began = now()
    await watch.see("connected", began)
    await watch.see("connected", began + 3 * SECOND)
    [gap] = await watch.gaps()
    assert gap.ended_at == began + 3 * SECOND
    assert began <= gap.started_at < gap.ended_at


async def test_a_server_that_was_down_finds_its_own_gap(watch) -> None:
    await watch.see("connected", now() - 100 * SECOND)
    async with watch.database.reading() as session:
        heard = await storage.hearings.until(session, watch.stage.pbx)
    assert heard is not None
    watch.anew()
    back = now() + 60 * SECOND
    await watch.see("connecting", back - SECOND)
    [gap] = await watch.gaps()
    assert (gap.state, gap.started_at, gap.cause) == (GapState.OPEN, heard, recovery.AWAY)
    await watch.see("connected", back)
    [gap] = await watch.gaps()
    assert gap.ended_at == back


async def test_a_crash_in_a_gap_makes_one_gap_of_both(watch) -> None:
    began = now()
    await watch.see("connected", began - SECOND)
    await watch.see("down", began, "cut")
    watch.anew()
    await watch.see("connecting", began + 30 * SECOND)
    await watch.see("connected", began + 60 * SECOND)
    [gap] = await watch.gaps()
    assert (gap.started_at, gap.ended_at) == (began, began + 60 * SECOND)


async def test_a_node_that_listened_all_the_while_takes_over_without_a_gap(watch) -> None:
    await watch.see("connected", now() - 100 * SECOND)
    watch.anew()
    await watch.see("connected", now() - 50 * SECOND)
    assert await watch.gaps() == []


def gap(**fields: object) -> Gap:
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    return Gap(**{"id": UUID(int=1), "started_at": at, "ended_at": at} | fields)


@pytest.mark.parametrize(
    ("filled_after", "state", "next_after"),
    [
        pytest.param(None, GapState.FILLING, PASSES[0], id="never yet"),
        pytest.param(2 * SECOND, GapState.FILLING, PASSES[1], id="once"),
        pytest.param(59 * SECOND, GapState.FILLING, PASSES[2], id="late"),
        pytest.param(60 * SECOND, GapState.FILLING, 120 * SECOND, id="while calls go on"),
        pytest.param(90 * SECOND, GapState.FAILED, 150 * SECOND, id="failed"),
        pytest.param(timedelta(days=2), GapState.FAILED, None, id="failed for days"),
    ],
)
def test_the_books_are_read_again_until_they_have_had_their_time(
    filled_after: timedelta | None, state: GapState, next_after: timedelta | None
) -> None:
    one = gap(state=state)
    assert one.ended_at is not None
    one.filled_at = one.ended_at + filled_after if filled_after is not None else None
    expected = one.ended_at + next_after if next_after else datetime.max.replace(tzinfo=UTC)
    assert next_pass(one) == expected


@pytest.mark.parametrize(
    ("after", "in_progress", "state"),
    [
        (2 * SECOND, 0, GapState.FILLING),
        (60 * SECOND, 0, GapState.FILLED),
        (60 * SECOND, 1, GapState.FILLING),
        (timedelta(hours=24), 1, GapState.FILLED),
    ],
)
def test_a_gap_is_filled_for_good_when_nothing_more_can_come(
    after: timedelta, in_progress: int, state: GapState
) -> None:
    one = gap(state=GapState.FILLING)
    assert one.ended_at is not None
    assert state_after(one, Filling(in_progress=in_progress), one.ended_at + after) is state
