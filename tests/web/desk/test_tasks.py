"""Tasks and callbacks on pages: noted, changed, taken, done."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

import storage.settings
import storage.tasks
from fixtures.calls import CALLER, add_customer
from storage.tasks import Task, TaskFacts, TaskKind

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NEXT_YEAR = date.today().year + 1  # noqa: DTZ011 - any day to come
DAY = f"{NEXT_YEAR}-02-03"


async def add(desk, **facts) -> Task:
    async with desk.database.writing() as session:
        return await storage.tasks.add(session, TaskFacts(**facts), by=None, now=NOW)


async def stored(desk, key: UUID) -> Task:
    async with desk.database.reading() as session:
        return await storage.tasks.get(session, key)


async def test_a_callback_is_noted_and_the_screens_are_told(desk, pops) -> None:
    async with desk.database.writing() as session:
        await storage.settings.put(session, "time_zone", {"name": "Asia/Tokyo"}, by=None)
    erika = await add_customer(desk.database, "Erika")
    form = await desk.ann.get(f"/tasks/new?customer={erika}&number=%2B442079460101&on=customer")
    assert "Erika" in form
    assert 'value="+442079460101"' in form
    fields = {
        "kind": "callback", "number": "020 7946 0101", "due_on": DAY, "due_at": "09:00",
        "doer": "anyone", "customer": str(erika), "body": "line\nline",
    }  # fmt: skip
    response = await desk.ann.post("/tasks?on=customer", fields)
    assert response.headers["Location"] == f"/customers/{erika}#tasks"
    [task] = await desk.rows(Task)
    assert (task.kind, task.number, task.customer_id) == (TaskKind.CALLBACK, "+442079460101", erika)
    assert task.due_at == datetime(NEXT_YEAR, 2, 3, 0, 0, tzinfo=UTC)
    assert (task.user_id, task.made_by) == (None, desk.ann.user.id)
    assert pops.told == [("day_changed", ()), ("customer_changed", (erika,))]
    assert "+442079460101" in await desk.ann.get(f"/customers/{erika}")


@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        pytest.param({}, ["Say what is to be done."], id="nothing"),
        pytest.param(
            {"kind": "callback"},
            ["Say which number to call.", "Say on which day.", "Say at what time."],
            id="an empty callback",
        ),
        pytest.param({"title": "x", "due_at": "09:00"}, ["Say on which day, too."], id="no day"),
        pytest.param({"title": "x", "due_on": "soon"}, ["This is no date."], id="no date"),
        pytest.param({"title": "x", "number": "101"}, ["internal number"], id="internal"),
        pytest.param({"title": "x", "doer": "god"}, ["Choose one of the list."], id="nobody"),
        pytest.param({"title": "x" * 201}, ["At most 200 characters fit here."], id="too long"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(desk, pops, fields, sentences):
    response = await desk.ann.post("/tasks", {"body": "kept & safe"} | fields)
    page = await response.text()
    assert response.status == 422
    assert "kept &amp; safe" in page
    for sentence in sentences:
        assert sentence in page
    assert await desk.rows(Task) == []
    assert pops.told == []


async def test_a_task_is_changed_from_what_its_form_begins_with(desk) -> None:
    due = datetime(NEXT_YEAR, 2, 3, 23, 59, tzinfo=UTC)
    task = await add(desk, title="one <i>", due_at=due, user_id=desk.bob.user.id)
    page = await desk.ann.get(f"/tasks/{task.id}")
    for begun in ("one &lt;i&gt;", f'value="{DAY}"', f'value="user:{desk.bob.user.id}" selected'):
        assert begun in page
    assert "23:59" not in page  # a day without a time
    fields = {"title": "two", "due_on": DAY, "due_at": "", "doer": "me", "version": "1"}
    assert (await desk.ann.post(f"/tasks/{task.id}", fields)).headers["Location"] == "/day"
    changed = await stored(desk, task.id)
    assert (changed.title, changed.due_at, changed.user_id) == ("two", due, desk.ann.user.id)


async def test_where_a_colleague_was_first_both_texts_are_shown_and_nothing_is_lost(desk) -> None:
    task = await add(desk, title="one")
    fields = {"title": "mine", "doer": "anyone", "version": "1"}
    await desk.bob.post(f"/tasks/{task.id}", fields | {"title": "Bob's", "doer": "me"})
    late = await desk.ann.post(f"/tasks/{task.id}", fields)
    page = await late.text()
    assert late.status == 409
    assert 'value="mine"' in page
    assert "Your colleague saved: “Bob&#39;s”" in page
    assert (await stored(desk, task.id)).title == "Bob's"
    again = await desk.ann.post(f"/tasks/{task.id}", fields | {"version": "2"})
    assert again.status == 303
    assert (await stored(desk, task.id)).title == "mine"


async def test_the_first_who_takes_it_has_it_and_the_other_is_told_who(desk) -> None:
    task = await add(desk, kind=TaskKind.CALLBACK, number=CALLER, due_at=NOW)
    path = f"/tasks/{task.id}/claims"
    assert (await desk.ann.post(path)).status == 303
    assert (await desk.bob.post(path)).status == 303
    told = await desk.bob.get("/day")
    assert f"{desk.ann.user.name} has taken this already." in told
    assert (await stored(desk, task.id)).user_id == desk.ann.user.id
    assert "Take it" not in await desk.ann.get("/day")


async def test_what_is_done_goes_and_can_be_opened_again(desk, pops) -> None:
    task = await add(desk, title="x", user_id=desk.ann.user.id)
    await desk.ann.post(f"/tasks/{task.id}/completions")
    assert (await stored(desk, task.id)).done_by == desk.ann.user.id
    assert pops.told == [("day_changed", ())]
    assert f"/tasks/{task.id}" not in await desk.ann.get("/day")
    await desk.bob.post(f"/tasks/{task.id}/completions")
    assert f"{desk.ann.user.name} has done this already." in await desk.bob.get("/day")
    assert "Open again" in await desk.ann.get(f"/tasks/{task.id}")
    await desk.ann.post(f"/tasks/{task.id}/completions/delete")
    assert (await stored(desk, task.id)).done_at is None


async def test_a_task_that_is_not_there_is_not_found(desk) -> None:
    path = f"/tasks/{UUID(int=5)}"
    assert (await desk.ann.client.get(path)).status == 404
    for deed in ("", "/claims", "/completions"):
        assert (await desk.ann.post(path + deed, {"title": "x"})).status == 404
    wrong = await desk.ann.client.get("/tasks/new?customer=x")
    assert wrong.status == 404
