"""Outcomes: the list, and what calls of a queue can come to."""

from uuid import uuid4

import pytest
from sqlalchemy import select

import storage.outcomes
import storage.queues
from fixtures.calls import NOW, audited, set_stage
from storage.database import Database
from storage.errors import NotFound
from storage.outcomes import ANY, Choices
from storage.queues import Queue


async def furnished(database: Database) -> tuple[Queue, dict[str, object]]:
    """A queue, and outcomes by name; one of them is closed."""
    await set_stage(database)
    async with database.writing() as session:
        keys = {}
        for name in ("Sold", "Later", "Gone"):
            keys[name] = (await storage.outcomes.create(session, name, now=NOW, by=None)).id
        await storage.outcomes.change(session, keys["Gone"], name="Gone", active=False, by=None)
        queue = (await session.scalars(select(Queue))).one()
    return queue, keys


async def names_of(database: Database, queue: Queue, name: str | None) -> tuple[list[str], bool]:
    async with database.reading() as session:
        found, choices = await storage.outcomes.of_queue(session, queue.pbx_id, name)
    return [outcome.name for outcome in found], choices.required


async def test_a_queue_without_a_choice_takes_every_open_outcome(database: Database) -> None:
    queue, _ = await furnished(database)
    assert await names_of(database, queue, "sales") == (["Order placed", "Sold", "Later"], True)
    assert await names_of(database, queue, None) == (["Order placed", "Sold", "Later"], True)
    assert await names_of(database, queue, "unheard") == (["Order placed", "Sold", "Later"], True)


async def test_a_queue_takes_what_was_chosen_for_it_and_says_whether_one_is_needed(
    database: Database,
) -> None:
    queue, keys = await furnished(database)
    async with database.writing() as session:
        await storage.outcomes.choose(
            session, queue.id, {keys["Later"], keys["Gone"], uuid4()}, required=False, by=None
        )
    assert await names_of(database, queue, "sales") == (["Later"], False)
    assert (await names_of(database, queue, None))[0] == ["Order placed", "Sold", "Later"]
    [entry] = await audited(database, "queue.outcomes_chosen")
    chosen = sorted(map(str, (keys["Later"], keys["Gone"])))
    assert entry.details == {"outcomes": chosen, "required": False}
    async with database.reading() as session:
        assert await storage.outcomes.chosen(session) == {
            queue.id: Choices(frozenset({keys["Later"], keys["Gone"]}), required=False)
        }


async def test_chosen_again_the_last_choice_holds(database: Database) -> None:
    queue, keys = await furnished(database)
    for names in (("Sold", "Later"), ()):
        async with database.writing() as session:
            await storage.outcomes.choose(
                session, queue.id, {keys[name] for name in names}, required=True, by=None
            )
    assert (await names_of(database, queue, "sales"))[0] == ["Order placed", "Sold", "Later"]


async def test_a_queue_whose_outcomes_are_all_closed_takes_every_other(database: Database) -> None:
    queue, keys = await furnished(database)
    async with database.writing() as session:
        await storage.outcomes.choose(session, queue.id, {keys["Gone"]}, required=True, by=None)
    assert (await names_of(database, queue, "sales"))[0] == ["Order placed", "Sold", "Later"]


async def test_an_unknown_queue_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.outcomes.choose(session, uuid4(), (), required=True, by=None)


def test_choices_are_narrowed_to_what_is_offered() -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    assert ANY.among([one, two]) == {one, two}
    assert Choices(frozenset({one, three})).among([one, two]) == {one}
    assert Choices(frozenset({three})).among([one, two]) == {one, two}
