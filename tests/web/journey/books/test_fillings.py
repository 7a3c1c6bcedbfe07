"""The books fill a gap: once, under the ids there are, and behind everything else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stage.watches import SECOND, Watch

import storage.calls
import storage.recoveries
from fixtures import evenings
from fixtures.calls import Stage, audited, set_stage, story
from pbx_bridge.call import Call, CallState, OfferEnd
from storage.database import Database
from storage.gaps import GapState
from storage.secrets import SecretBox, new_key
from web.journey.books import recovery
from web.journey.books.mending import closed
from web.journey.books.recovery import Recovery

STORY = "blind_twice_asterisk_22"
PATIENCE = timedelta(days=2000)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
def watch(database: Database, stage: Stage) -> Watch:
    return Watch(database, stage)


@pytest.fixture
def call(stage: Stage) -> Call:
    [call] = evenings.heard(STORY, stage.pbx)
    return call


async def test_a_call_that_the_gap_swallowed_is_stored_once_and_shows_no_card(
    watch, database, stage, call, tmp_path
) -> None:
    await evenings.seat(database, stage)
    await evenings.keep_books(database, stage, STORY, tmp_path)
    await watch.gap_over(call)
    gap = await watch.fill()
    assert (gap.state, gap.recovered, gap.mended, gap.unchanged) == (GapState.FILLED, 1, 0, 0)
    assert gap.books == ["cel", "queue_log", "cdr"]
    [row] = await watch.stored()
    told = await story(database, row.id)
    assert {leg.uniqueid for leg in told.legs} == {leg.uniqueid for leg in call.legs}
    assert row.talk_seconds == pytest.approx(call.talk_seconds, abs=0.3)
    assert [o.end for o in told.offers] == [o.end for o in call.offers]
    assert stage.users[0] in told.talked
    async with database.reading() as session:
        open_ones = await storage.calls.not_wrapped_up(
            session, stage.users[0], since=datetime.min.replace(tzinfo=UTC)
        )
    assert open_ones == []
    for _ in range(2):
        gap = await watch.fill_again()
        assert (gap.recovered, gap.mended, gap.unchanged) == (1, 0, 0)
    [same] = await watch.stored()
    assert (same.id, same.revision) == (row.id, row.revision)
    assert len(await audited(database, "call.recovered")) == 1


async def test_a_call_of_which_a_part_was_heard_is_completed_under_its_ids(
    watch, database, stage, call, tmp_path
) -> None:
    await evenings.keep_books(database, stage, STORY, tmp_path)
    half = (evenings.STREAMS / f"{STORY}.ami").read_bytes().count(b"\r\n\r\n") // 3
    [begun] = evenings.heard(STORY, stage.pbx, messages=half)
    assert begun.ended_at is None
    heard_last = max(leg.started_at for leg in begun.legs) + SECOND / 10
    await evenings.save(database, stage, closed(begun, at=call.ended_at + SECOND))
    await watch.gap_over(call, since=heard_last)
    gap = await watch.fill()
    assert (gap.recovered, gap.mended) == (0, 1)
    [row] = await watch.stored()
    assert (row.id, row.state) == (call.id, CallState.ENDED)
    assert row.talk_seconds == pytest.approx(call.talk_seconds, abs=0.3)
    assert abs(row.ended_at - call.ended_at) < SECOND
    told = await story(database, row.id)
    assert {leg.id for leg in begun.legs} <= {leg.id for leg in told.legs}
    assert OfferEnd.WITHDRAWN not in {offer.end for offer in told.offers}
    revision = row.revision
    assert (await watch.fill_again()).mended == 1
    [row] = await watch.stored()
    assert row.revision == revision


async def test_a_call_that_was_heard_whole_is_left_as_it_is(
    watch, database, stage, call, tmp_path
) -> None:
    await evenings.keep_books(database, stage, STORY, tmp_path)
    await evenings.save(database, stage, call)
    await watch.gap_over(call)
    gap = await watch.fill()
    assert (gap.recovered, gap.mended, gap.unchanged) == (0, 0, 1)
    [row] = await watch.stored()
    assert row.revision == call.revision
    assert await audited(database, "call.recovered") == []


async def test_a_call_that_is_up_is_left_to_the_tracker(
    watch, database, stage, call, tmp_path
) -> None:
    await evenings.keep_books(database, stage, STORY, tmp_path)
    half = (evenings.STREAMS / f"{STORY}.ami").read_bytes().count(b"\r\n\r\n") // 3
    [begun] = evenings.heard(STORY, stage.pbx, messages=half)
    await evenings.save(database, stage, begun)
    await watch.gap_over(call)
    gap = await watch.fill()
    assert (gap.in_progress, gap.recovered, gap.mended) == (1, 0, 0)
    [row] = await watch.stored()
    assert row.revision == begun.revision


def cut(path: Path, share: float) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[: int(len(lines) * share)]))


async def test_a_call_that_died_with_its_pbx_is_ended_when_that_showed(
    watch, database, stage, call, tmp_path
) -> None:
    await evenings.keep_books(database, stage, STORY, tmp_path, "books_cdr", "books_queue_log")
    cut(tmp_path / "book.cel.csv", 0.6)
    gap = await watch.gap_over(call)
    assert (await watch.fill()).recovered == 1
    [row] = await watch.stored()
    assert (row.state, row.ended_at) == (CallState.ENDED, gap.ended_at)
    async with database.reading() as session:
        mark = await storage.recoveries.of(session, row.id)
    assert "ended_at" in mark.uncertain


async def test_without_books_the_gap_says_so_and_is_filled_once_they_are_named(
    watch, database, stage, call, tmp_path
) -> None:
    await watch.gap_over(call)
    assert (await watch.fill()).state is GapState.NO_BOOKS
    await evenings.keep_books(database, stage, STORY, tmp_path)
    gap = await watch.fill_again()
    assert (gap.state, gap.recovered) == (GapState.FILLED, 1)


async def test_books_that_are_not_there_are_said_and_read_when_they_are(
    watch, database, stage, call, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(recovery, "LATER", timedelta(0))
    monkeypatch.setattr(recovery, "PATIENCE", PATIENCE)
    await evenings.keep_books(database, stage, STORY, tmp_path)
    books = list(tmp_path.glob("book.*"))
    for book in books:
        book.rename(book.with_name(f"away-{book.name}"))
    await watch.gap_over(call)
    gap = await watch.fill()
    assert gap.state is GapState.FAILED
    assert "is not there" in gap.failure
    for book in books:
        book.with_name(f"away-{book.name}").rename(book)
    assert (await watch.fill()).recovered == 1


async def test_books_in_a_database_fill_a_gap_as_files_do(
    watch, database, stage, call, tmp_path
) -> None:
    url = await evenings.keep_tables(STORY, tmp_path / "master.db")
    async with database.writing() as session:
        pbx = await session.get_one(evenings.Pbx, stage.pbx)
        pbx.books_sql = watch.secrets.close(url)
    await watch.gap_over(call)
    gap = await watch.fill()
    assert (gap.recovered, gap.books) == (1, ["cel"])
    assert "The database of books has no table cdr." in gap.doubts
    [row] = await watch.stored()
    assert row.talk_seconds == pytest.approx(call.talk_seconds, abs=0.3)


async def test_a_gap_is_not_filled_by_a_node_that_does_not_lead(
    database, stage, call, tmp_path
) -> None:
    await evenings.keep_books(database, stage, STORY, tmp_path)
    watch = Watch(database, stage)
    await watch.gap_over(call)
    watch.recovery = Recovery(
        database, SecretBox([new_key()]), links=watch.links, leads=lambda: False
    )
    assert (await watch.fill()).state is GapState.FILLING
    assert await watch.stored() == []
