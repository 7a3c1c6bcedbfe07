"""Tasks and callbacks: noted, changed, taken and done, each by somebody."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

import storage.calls
import storage.histories
import storage.tasks
import storage.teams
from fixtures.calls import CALLER, NOW, Teller, add_customer, audited, set_stage
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused
from storage.tasks import Taken, Task, TaskChanged, TaskFacts, TaskKind
from storage.users import User

HOUR = timedelta(hours=1)
CALLBACK = TaskFacts(
    kind=TaskKind.CALLBACK, title="about the price", number=CALLER, due_at=NOW + HOUR
)


async def add(database: Database, facts: TaskFacts, by=None, now=NOW) -> Task:
    async with database.writing() as session:
        return await storage.tasks.add(session, facts, by=by, now=now)


async def test_a_task_is_kept_as_it_was_said_and_who_noted_it(database: Database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    erika = await add_customer(database, "Erika")
    said = TaskFacts(
        title=" send\nthe offer ", body="with\r\nprices\0", due_at=NOW + HOUR, user_id=bob,
        customer_id=erika,
    )  # fmt: skip
    task = await add(database, said, by=ann)
    async with database.reading() as session:
        [line] = await storage.tasks.open_of(session, erika)
    assert (line.task.title, line.task.body, line.task.due_at) == (
        "send the offer", "with\nprices", NOW + HOUR,
    )  # fmt: skip
    assert (line.customer, line.user, line.author, line.team) == ("Erika", "Bob", "Ann", None)
    [entry] = await audited(database, "task.added")
    assert (entry.key, entry.user_id) == (task.id, ann)
    assert entry.details == {"user": str(bob), "customer": str(erika)}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        pytest.param(TaskFacts(title=" \n"), "A task needs a title.", id="no title"),
        pytest.param(
            TaskFacts(kind=TaskKind.CALLBACK, due_at=NOW), "A callback needs a number.", id="no one"
        ),
        pytest.param(
            TaskFacts(kind=TaskKind.CALLBACK, number=CALLER), "A callback needs a time.", id="never"
        ),
    ],
)
async def test_what_lacks_something_is_refused_in_a_sentence(database, facts, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        await add(database, facts)
    assert await audited(database, "task.added") == []


async def test_nobody_and_nothing_that_is_not_there_is_named(database: Database) -> None:
    ann = (await set_stage(database)).users[0]
    for facts in (TaskFacts(title="x", customer_id=uuid4()), TaskFacts(title="x", team_id=uuid4())):
        with pytest.raises(NotFound):
            await add(database, facts)
    async with database.writing() as session:
        (await session.get_one(User, ann)).active = False
    with pytest.raises(Refused, match="no access any more"):
        await add(database, TaskFacts(title="x", user_id=ann))


async def test_noted_again_after_the_same_call_it_is_one(database: Database) -> None:
    stage = await set_stage(database)
    call = Teller(stage.pbx).ended("101")
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    ann, bob, _ = stage.users
    said = TaskFacts(title="send it", call_id=call.id, user_id=ann)
    keys = {(await add(database, said, by=ann)).id for _ in range(2)}
    assert len(keys) == 1
    other = await add(database, said, by=bob)
    assert other.id not in keys
    assert len({(await add(database, TaskFacts(title="send it"), by=ann)).id for _ in "12"}) == 2


async def test_a_change_from_what_was_read_is_saved_and_a_later_one_is_told(database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    task = await add(database, TaskFacts(title="one", user_id=ann))
    mine, theirs = TaskFacts(title="two", user_id=ann), TaskFacts(title="three", user_id=bob)
    async with database.writing() as session:
        await storage.tasks.change(session, task.id, mine, version=1, by=ann, now=NOW)
    with pytest.raises(TaskChanged) as changed:
        async with database.writing() as session:
            await storage.tasks.change(session, task.id, theirs, version=1, by=bob, now=NOW)
    assert (changed.value.theirs, changed.value.yours) == (mine, theirs)
    async with database.writing() as session:  # what is stored already is no conflict
        await storage.tasks.change(session, task.id, mine, version=1, by=bob, now=NOW)
        saved = await storage.tasks.change(
            session, task.id, theirs, version=changed.value.version, by=bob, now=NOW + HOUR
        )
    assert TaskFacts.of(saved) == theirs
    assert [entry.details for entry in await audited(database, "task.changed")] == [
        {"fields": ["title"]}, {"fields": ["title", "user_id"]},
    ]  # fmt: skip


async def test_of_two_who_take_a_task_at_once_one_has_it_and_one_is_told(database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    task = await add(database, CALLBACK)

    async def take(user) -> object:
        async with database.writing() as session:
            return await storage.tasks.claim(session, task.id, by=user, now=NOW)

    ends = await asyncio.gather(take(ann), take(bob), return_exceptions=True)
    [told] = [end for end in ends if isinstance(end, Conflict)]
    [taken] = [end for end in ends if isinstance(end, Task)]
    winner = "Ann" if taken.user_id == ann else "Bob"
    assert str(told) == f"{winner} has taken this already."
    assert isinstance(told, Taken)
    async with database.writing() as session:  # asked again by the winner, nothing changes
        again = await storage.tasks.claim(session, task.id, by=taken.user_id, now=NOW + HOUR)
    assert again.updated_at == NOW
    assert len(await audited(database, "task.claimed")) == 1


async def test_what_is_done_names_who_did_it_and_is_done_once(database: Database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    task = await add(database, TaskFacts(title="x"))
    async with database.writing() as session:
        for _ in range(2):
            await storage.tasks.finish(session, task.id, by=ann, now=NOW)
    for act in (storage.tasks.finish, storage.tasks.claim):
        with pytest.raises(Taken, match="Ann has done this already"):
            async with database.writing() as session:
                await act(session, task.id, by=bob, now=NOW)
    facts = TaskFacts(title="y")
    with pytest.raises(Refused, match="is done"):
        async with database.writing() as session:
            await storage.tasks.change(session, task.id, facts, version=2, by=ann, now=NOW)
    async with database.writing() as session:
        for _ in range(2):
            opened = await storage.tasks.reopen(session, task.id, by=bob, now=NOW)
    assert (opened.done_at, opened.done_by) == (None, None)
    assert len(await audited(database, "task.finished")) == 1
    assert len(await audited(database, "task.reopened")) == 1


async def test_one_sees_ones_own_ones_teams_and_anyones_the_longest_due_first(database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    async with database.writing() as session:
        mine, other = [
            (await storage.teams.create(session, name=name, now=NOW, by=None)).id
            for name in ("sales", "service")
        ]
    for title, hours, whose in [
        ("bob's", 0, {"user_id": bob}),
        ("own", 2, {"user_id": ann}),
        ("anyone's", 0.5, {}),
        ("my team's", -1, {"team_id": mine}),
        ("another team's", 0, {"team_id": other}),
        ("taken from my team", 0, {"team_id": mine, "user_id": bob}),
    ]:
        await add(database, TaskFacts(title=title, due_at=NOW + hours * HOUR, **whose))
    await add(database, TaskFacts(title="some day", user_id=ann))
    done = await add(database, TaskFacts(title="done", user_id=ann))
    async with database.writing() as session:
        await storage.tasks.finish(session, done.id, by=ann, now=NOW)
    await add(database, CALLBACK)
    async with database.reading() as session:
        lines = await storage.tasks.open_for(session, ann, {mine}, kind=TaskKind.TASK)
        assert [line.task.title for line in lines] == ["my team's", "anyone's", "own", "some day"]
        assert [line.team for line in lines] == ["sales", None, None, None]
        calls = await storage.tasks.open_for(session, ann, {mine}, kind=TaskKind.CALLBACK)
        assert [line.task.title for line in calls] == ["about the price"]
        due = await storage.tasks.due_for(session, ann, {mine}, until=NOW + HOUR)
        assert [task.title for task in due] == ["my team's", "anyone's", "about the price"]


async def test_a_team_that_is_dissolved_leaves_its_tasks_to_anyone(database: Database) -> None:
    ann = (await set_stage(database)).users[0]
    async with database.writing() as session:
        team = await storage.teams.create(session, name="sales", now=NOW, by=None)
    await add(database, TaskFacts(title="x", team_id=team.id))
    async with database.writing() as session:
        await storage.teams.remove(session, team.id, by=None)
    async with database.reading() as session:
        assert len(await storage.tasks.open_for(session, ann, ())) == 1


async def test_a_customers_history_tells_their_tasks(database: Database) -> None:
    await set_stage(database)
    erika = await add_customer(database, "Erika")
    await add(database, TaskFacts(title="x", customer_id=erika))
    async with database.reading() as session:
        [moment] = await storage.histories.latest_of(session, erika, limit=5)
    assert (moment.sort, moment.what.task.title) == ("task", "x")


async def test_what_was_noted_after_an_unknown_call_follows_to_the_customer(database) -> None:
    stage = await set_stage(database)
    call = Teller(stage.pbx).ended("101")
    erika, otto = [await add_customer(database, name) for name in ("Erika", "Otto")]
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    task = await add(database, TaskFacts(title="x", call_id=call.id))
    for customer in (erika, otto):
        async with database.writing() as session:
            await storage.calls.match_by_hand(session, call.id, customer, by=None)
        async with database.reading() as session:
            found = await storage.tasks.get(session, task.id)
            assert found.customer_id == customer
    assert found.version == 3


async def test_programs_read_tasks_by_what_they_ask(database: Database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    erika = await add_customer(database, "Erika")
    first = await add(database, TaskFacts(title="1", user_id=ann, customer_id=erika))
    second = await add(database, CALLBACK, now=NOW + HOUR)
    async with database.writing() as session:
        await storage.tasks.finish(session, first.id, by=bob, now=NOW)
    async with database.reading() as session:
        for asked, found in [
            ({}, [first, second]),
            ({"user_id": ann}, [first]),
            ({"customer_id": erika}, [first]),
            ({"kind": TaskKind.CALLBACK}, [second]),
            ({"done": True}, [first]),
            ({"done": False}, [second]),
            ({"due_before": NOW + 2 * HOUR}, [second]),
            ({"due_before": NOW}, []),
            ({"after": first.id}, [second]),
            ({"limit": 1}, [first]),
        ]:
            rows = await storage.tasks.listed(session, **asked)
            assert [row.id for row in rows] == [task.id for task in found], asked
