"""The history of a customer, searched on their page and as a piece for the desk."""

from datetime import UTC, datetime

import pytest

import storage.notes

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


@pytest.fixture
async def path(database, add) -> str:
    erika = await add("Erika", "020 7946 0018")
    async with database.writing() as session:
        for text in ("Likes <b>tea</b>", "Plays chess"):
            await storage.notes.add(session, erika.id, text, by=None, now=NOW)
    return f"/customers/{erika.id}"


async def test_the_page_searches_without_a_script(sign_in, path: str) -> None:
    agent = await sign_in("agent")
    page = await agent.get(f"{path}?text=TEA")
    assert "Likes &lt;b&gt;tea&lt;/b&gt;" in page
    assert "Plays chess" not in page
    assert 'value="TEA"' in page
    page = await agent.get(f"{path}?sort=promise")
    assert "Nothing of this in the history." in page


async def test_the_desk_gets_a_piece(sign_in, path: str) -> None:
    agent = await sign_in("agent")
    piece = await agent.get(f"{path}/history")
    assert "<html" not in piece
    assert "Plays chess" in piece
    assert "Find in the history" in piece
    piece = await agent.get(f"{path}/history/moments?text=chess")
    assert "Plays chess" in piece
    assert "Find in the history" not in piece


@pytest.mark.parametrize(
    "query", ["sort=x&skip=-1", "skip=x", "skip=%D9%A3", "text=%00", "text=%25"]
)
async def test_what_cannot_be_read_asks_for_nothing(sign_in, path: str, query: str) -> None:
    agent = await sign_in("agent")
    assert "chess" in await agent.get(f"{path}/history/moments?{query.replace('text=%25', '')}")


async def test_a_stranger_and_a_customer_who_is_not_there(sign_in, stranger, path: str) -> None:
    agent = await sign_in("agent")
    missing = path[:-4] + "0000"
    response = await agent.client.get(f"{missing}/history")
    assert response.status == 404
