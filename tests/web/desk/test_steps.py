"""The next step after a call: a task, a promise or a callback, and whose it is."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

import storage.settings
import storage.teams
from fixtures.calls import CALLER, add_customer
from fixtures.middays import MIDDAY
from storage.calls import WrapUp
from storage.promises import Promise
from storage.rules.moments import moment
from storage.tasks import Task, TaskKind
from web import filters
from web.desk import steps

TOMORROW = MIDDAY.date() + timedelta(days=1)
CALLBACK = {"next": "callback", "callback_on": str(TOMORROW), "callback_at": "15:30"}


@pytest.fixture
async def after(desk):
    """A way to send the form of a call, with an outcome."""

    async def send(fields: dict[str, object], **how) -> tuple[int, dict]:
        call = await desk.call(**how)
        filled = {"outcome": str(desk.stage.outcome)} | fields
        response = await desk.send(f"/desk/calls/{call.id}/wrap-up", filled)
        return response.status, await response.json()

    return send


async def zoned(desk, name: str) -> None:
    async with desk.database.writing() as session:
        await storage.settings.put(session, "time_zone", {"name": name}, by=None)


async def test_a_callback_is_noted_for_the_calls_number_at_the_companys_time(
    desk, after, pops
) -> None:
    await zoned(desk, "America/New_York")
    status, _ = await after(CALLBACK | {"callback": "the price"})
    assert status == 200
    [task] = await desk.rows(Task)
    assert (task.kind, task.title, task.number) == (TaskKind.CALLBACK, "the price", CALLER)
    zone = filters.ZoneInfo("America/New_York")
    assert task.due_at == moment(TOMORROW, time(15, 30), zone)
    assert (task.user_id, task.made_by) == (desk.ann.user.id,) * 2
    assert ("day_changed", ()) in pops.told


async def test_a_callback_to_another_number_is_read_in_any_spelling(desk, after) -> None:
    await after(CALLBACK | {"callback_number": "020 7946 0101"})
    [task] = await desk.rows(Task)
    assert task.number == "+442079460101"


@pytest.mark.parametrize("chosen", ["anyone", "team", "bob"])
async def test_a_step_is_anyones_a_teams_or_a_colleagues(desk, after, chosen) -> None:
    async with desk.database.writing() as session:
        team = await storage.teams.create(session, name="Sales", now=datetime.now(UTC), by=None)
    bob = desk.bob.user.id
    word, whose = {
        "anyone": ("anyone", (None, None)),
        "team": (f"team:{team.id}", (None, team.id)),
        "bob": (f"user:{bob}", (bob, None)),
    }[chosen]
    erika = await add_customer(desk.database, "Erika")
    fields = {"next": "task", "task": "send it", "doer": word}
    assert (await after(fields, customer=erika))[0] == 200
    [task] = await desk.rows(Task)
    assert (task.user_id, task.team_id) == whose
    assert (task.title, task.customer_id, task.due_at) == ("send it", erika, None)


async def test_a_task_for_a_day_is_due_at_its_end(desk, after) -> None:
    await zoned(desk, "Asia/Tokyo")
    await after({"next": "task", "task": "x", "task_due": str(TOMORROW + timedelta(days=1))})
    [task] = await desk.rows(Task)
    assert task.due_at.astimezone(filters.ZoneInfo("Asia/Tokyo")).time() == steps.END_OF_DAY


async def test_only_what_was_chosen_is_noted(desk, after) -> None:
    erika = await add_customer(desk.database, "Erika")
    typed = {
        "promise": "an offer", "promise_due": str(TOMORROW), "task": "x", "task_due": "no date",
        "callback_on": "0", "callback_number": "never",
    }  # fmt: skip
    assert (await after({"next": "none", **typed}, customer=erika))[0] == 200
    assert await desk.rows(Promise) == []
    assert (await after({"next": "promise", **typed}, customer=erika))[0] == 200
    assert [promise.text for promise in await desk.rows(Promise)] == ["an offer"]
    assert await desk.rows(Task) == []


async def test_a_step_sent_again_is_the_same_one(desk) -> None:
    call = await desk.call()
    for note in ("", "and a note"):
        fields = {"outcome": str(desk.stage.outcome), "note": note} | CALLBACK
        await desk.send(f"/desk/calls/{call.id}/wrap-up", fields)
    assert len(await desk.rows(Task)) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        pytest.param({"next": "task"}, {"task": "Say what is to be done."}, id="no task"),
        pytest.param(
            {"next": "task", "task": "x", "task_due": "2020-01-01"},
            {"task_due": "This day is over."},
            id="a day that is over",
        ),
        pytest.param(
            {"next": "callback"},
            {"callback_on": "Say on which day.", "callback_at": "Say at what time."},
            id="never",
        ),
        pytest.param(
            CALLBACK | {"callback_on": "2020-01-01"},
            {"callback_at": "This time is over."},
            id="a time that is over",
        ),
        pytest.param(
            CALLBACK | {"callback_at": "noon"},
            {"callback_at": "This is no time of day."},
            id="no time of day",
        ),
        pytest.param(
            CALLBACK | {"callback_number": "101"},
            {"callback_number": "101 is an internal number: it cannot be a customer's."},
            id="an internal number",
        ),
        pytest.param(
            {"next": "promise", "promise_due": str(TOMORROW)},
            {"promise": "Say what you promised."},
            id="promised nothing",
        ),
        pytest.param(CALLBACK | {"doer": "x"}, {"doer": "Choose one of the list."}, id="nobody"),
        pytest.param({"next": "later"}, {"next": "Choose one of the list."}, id="no step of ours"),
        pytest.param(
            CALLBACK | {"doer": f"user:{UUID(int=7)}"}, {"doer": "Choose one of the list."},
            id="an unknown colleague",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    desk, after, pops, fields, wrong
) -> None:
    assert await after(fields) == (422, {"errors": wrong})
    assert await desk.rows(Task) == []
    assert await desk.rows(WrapUp) == []
    assert pops.told == []


async def test_a_call_that_shows_no_number_asks_which_one_to_call(desk, after) -> None:
    status, said = await after(CALLBACK, e164=None)
    assert (status, list(said["errors"])) == (422, ["callback_number"])


async def test_a_time_that_the_clocks_skip_is_a_sentence(desk, after) -> None:
    await zoned(desk, "Europe/Berlin")
    next_year = date.today().year + 1  # noqa: DTZ011 - only the year
    skipped = next(
        day for day in (date(next_year, 3, n) for n in range(31, 0, -1)) if day.weekday() == 6
    )
    fields = CALLBACK | {"callback_on": str(skipped), "callback_at": "02:30"}
    status, said = await after(fields)
    assert status == 422
    assert said["errors"] == {
        "callback_at": "The clocks go forward on this day: 02:30 does not come. 03:30 does."
    }


async def test_without_a_script_the_form_comes_back_as_it_was_sent(desk) -> None:
    call = await desk.call()
    fields = CALLBACK | {"callback": "<i>price</i>", "note": "n", "callback_number": "12 & 3"}
    response = await desk.ann.post(f"/desk/calls/{call.id}/wrap-up", fields)
    page = await response.text()
    assert response.status == 422
    assert 'name="next" value="callback" checked' in page
    for kept in ("&lt;i&gt;price", "12 &amp; 3", f'value="{TOMORROW}"', 'value="15:30"'):
        assert kept in page


async def test_the_page_lists_what_is_noted_already(desk) -> None:
    call = await desk.call()
    path = f"/desk/calls/{call.id}/wrap-up"
    fields = {"outcome": str(desk.stage.outcome), "next": "task", "task": "send <it>"}
    await desk.send(path, fields)
    page = await desk.ann.get(path)
    assert "Noted already" in page
    assert "send &lt;it&gt;" in page


def test_fields_of_other_steps_are_not_read() -> None:
    assert steps.relevant({"note": "n", "task": "x", "doer": "me"}) == {"note": "n", "next": "none"}
    assert steps.relevant({"promise": "x"}) == {"promise": "x", "next": "promise"}
    assert steps.relevant({"next": "task", "task": "x", "promise": "y"}) == {
        "next": "task", "task": "x",
    }  # fmt: skip
