"""After a call of a queue: the outcomes of that queue, needed or not."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.outcomes
from storage.calls import WrapUp
from storage.queues import Queue

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


async def chosen(desk, *names: str, required: bool = True) -> dict[str, UUID]:
    """Let the queue of the calls have these outcomes only; there is one more."""
    async with desk.database.writing() as session:
        made = {
            name: (await storage.outcomes.create(session, name, now=NOW, by=None)).id
            for name in ("Sold", "Later")
        }
        queue = (await session.scalars(select(Queue))).one()
        keys = [made[name] for name in names]
        await storage.outcomes.choose(session, queue.id, keys, required=required, by=None)
    return made


@pytest.fixture
def address(desk):
    async def make(**how) -> str:
        return f"/desk/calls/{(await desk.call(**how)).id}/wrap-up"

    return make


async def test_the_form_shows_the_outcomes_of_the_calls_queue(desk, address) -> None:
    await chosen(desk, "Later")
    page = await desk.ann.get(await address())
    assert "Later" in page
    assert "Sold" not in page
    assert "Order placed" not in page
    assert "Not needed for calls of this queue" not in page


async def test_where_one_is_needed_the_form_says_so_and_loses_nothing(desk, address) -> None:
    await chosen(desk, "Later")
    path = await address()
    response = await desk.ann.post(path, {"note": "long & dear"})
    text = await response.text()
    assert response.status == 422
    assert "Choose how the call came out." in text
    assert "long &amp; dear" in text
    assert await desk.rows(WrapUp) == []


async def test_where_none_is_needed_a_note_is_enough(desk, address) -> None:
    await chosen(desk, "Later", required=False)
    path = await address()
    assert "Not needed for calls of this queue" in await desk.ann.get(path)
    assert (await desk.send(path, {"note": "only this"})).status == 200
    [row] = await desk.rows(WrapUp)
    assert (row.outcome_id, row.note) == (None, "only this")


async def test_an_outcome_of_another_queue_is_refused_at_its_field(desk, address) -> None:
    made = await chosen(desk, "Later")
    response = await desk.send(await address(), {"outcome": str(made["Sold"])})
    assert response.status == 422
    assert list((await response.json())["errors"]) == ["outcome"]
    assert await desk.rows(WrapUp) == []


async def test_what_was_chosen_before_the_queue_got_a_list_can_be_stored_again(
    desk, address
) -> None:
    path = await address()
    await desk.send(path, {"outcome": str(desk.stage.outcome)})
    await chosen(desk, "Later")
    fields = {"outcome": str(desk.stage.outcome), "note": "afterthought"}
    assert "Order placed" in await desk.ann.get(path)
    assert (await desk.send(path, fields)).status == 200
    [row] = await desk.rows(WrapUp)
    assert row.note == "afterthought"
