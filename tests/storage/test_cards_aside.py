"""Cards read by a process of its own: as by the thread, before it is there and after it died."""

import os
import pickle
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from stage.archives import NUMBER, Office

from fixtures import bases
from fixtures.offices import until
from storage.cards import Cards, CardsUnreadable
from storage.cards import cards as module
from storage.cards.aside import AsideReader
from storage.database import Database


@pytest.fixture
async def database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    async with bases.fresh_sqlite(sqlite_template, tmp_path) as base:
        yield base


@pytest.fixture
async def cards(database: Database) -> AsyncIterator[Cards]:
    cards = Cards.of(database, aside=True)
    yield cards
    await cards.close()


async def ready(cards: Cards) -> AsideReader:
    await cards.prepare()
    await until(lambda: cards.is_beside)
    reader = cards._reader
    assert isinstance(reader, AsideReader)
    return reader


async def test_the_process_reads_what_the_thread_reads(
    database: Database, cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe = await Office(database).customer("Zoë", NUMBER)
    on_thread = await cards.find("public", NUMBER)
    assert on_thread.match.customer == zoe
    await ready(cards)
    monkeypatch.setattr(module.queries, "candidates", None)  # here nothing can be read
    assert await cards.find("public", NUMBER) == on_thread


async def test_the_question_is_on_its_way_before_anything_is_awaited(
    database: Database, cards: Cards
) -> None:
    reader = await ready(cards)
    assert reader.aside.pid is not None
    answer = cards.find("public", NUMBER)
    assert reader.aside._line is not None
    transport = reader.aside._line._transport
    assert transport is not None
    assert transport.get_write_buffer_size() == 0
    assert (await answer).match.customer is None


async def test_the_thread_reads_what_the_process_died_over(
    database: Database, cards: Cards
) -> None:
    zoe = await Office(database).customer("Zoë", NUMBER)
    reader = await ready(cards)
    assert reader.aside.pid is not None
    os.kill(reader.aside.pid, signal.SIGKILL)
    assert (await cards.find("public", NUMBER)).match.customer == zoe
    await until(lambda: not cards.is_beside)
    assert (await cards.find("public", NUMBER)).match.customer == zoe


async def test_a_base_that_cannot_be_read_is_told_here(tmp_path: Path) -> None:
    async with Database(f"sqlite+aiosqlite:///{tmp_path}/none.sqlite3") as base:
        cards = Cards.of(base, aside=True)
        with pytest.raises(CardsUnreadable):
            await cards.prepare()
        await until(lambda: cards.is_beside)  # it begins all the same
        with pytest.raises(CardsUnreadable, match="no such table"):
            await cards.find("public", NUMBER)
        await cards.close()


async def test_a_card_crosses_as_it_is(database: Database, cards: Cards) -> None:
    await Office(database).customer("Zoë", NUMBER)
    card = await cards.find("public", NUMBER)
    again = pickle.loads(pickle.dumps(card))
    assert (again, hash(again.match.customer)) == (card, hash(card.match.customer))
    with pytest.raises(AttributeError):
        again.outcomes = ()
