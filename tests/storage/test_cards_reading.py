"""The cards' own connection: many at once, cut, away, and never writing."""

import asyncio
import sqlite3

import pytest
from stage.archives import NOW, NUMBER, Office

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Level
from storage.cards import Cards, CardsUnreadable
from storage.cards.readers import PostgresReader, SqliteReader
from storage.pbxs import Pbx
from storage.users import User


@pytest.fixture
async def office(database):
    office = Office(database)
    box = {"host": "x", "username": "u", "secret": "s", "created_at": NOW}
    await office.add(
        User(id=office.agent, login="ann", name="Ann", role="agent", created_at=NOW),
        Pbx(id=office.pbx, name="lab", **box),
    )
    return office


@pytest.fixture
async def cards(database):
    cards = Cards.of(database)
    yield cards
    await cards.close()


async def test_many_at_once_are_all_answered(office, cards):
    zoe = await office.customer("Zoë", NUMBER)
    found = await asyncio.gather(*(cards.find("public", NUMBER) for _ in range(50)))
    assert {card.match.customer for card in found} == {zoe}


async def test_what_was_written_a_moment_ago_is_read(office, cards):
    assert (await cards.find("public", NUMBER)).match.level is Level.UNKNOWN
    await office.customer("Zoë", NUMBER)
    assert (await cards.find("public", NUMBER)).match.level is Level.KNOWN


async def test_a_base_that_is_away_is_one_error_and_comes_back(office, cards):
    reader = cards._reader
    name = "_dsn" if isinstance(reader, PostgresReader) else "path"
    good = getattr(reader, name)
    setattr(reader, name, "postgresql://127.0.0.1:1/none" if name == "_dsn" else "/none/x.sqlite3")
    with pytest.raises(CardsUnreadable):
        await cards.find("public", NUMBER)
    setattr(reader, name, good)
    assert (await cards.find("public", NUMBER)).match.level is Level.UNKNOWN


async def test_a_connection_that_was_cut_is_opened_again(office, cards):
    reader = cards._reader
    await cards.find("public", NUMBER)
    if isinstance(reader, PostgresReader):
        reader._connection.terminate()
    else:
        assert isinstance(reader, SqliteReader)
        await reader._in_thread(reader._shut)
    assert (await cards.find("public", NUMBER)).match.level is Level.UNKNOWN


async def test_a_lookup_writes_nothing(database, cards):
    if database.is_sqlite:
        await cards.find("public", NUMBER)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await cards._reader._in_thread(
                lambda: cards._reader._connection.execute("DELETE FROM users")
            )
    else:
        assert await cards.wrap_up(uuid7(NOW), uuid7(NOW)) is None
