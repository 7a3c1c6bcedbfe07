"""My day: what is due, whom one missed, and today's figures beside the team's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import storage.promises
import storage.tasks
import storage.teams
from fixtures.calls import CALLER, Teller, add_customer
from fixtures.middays import MIDDAY
from pbx_bridge.call import Call
from storage.tasks import TaskFacts, TaskKind
from web import filters
from web.desk.days import Day

NOW = MIDDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def note(desk):
    async def note(*, callback: bool = False, **facts) -> object:
        kind = TaskKind.CALLBACK if callback else TaskKind.TASK
        facts = {"kind": kind, "number": CALLER if callback else None} | facts
        async with desk.database.writing() as session:
            return await storage.tasks.add(
                session, TaskFacts(**facts), by=desk.bob.user.id, now=NOW
            )

    return note


async def counted(desk) -> dict[str, int]:
    return await (await desk.ann.client.get("/day/count")).json()


async def test_callbacks_are_listed_the_overdue_ones_first_with_who_asked(desk, note) -> None:
    ann = desk.ann.user.id
    erika = await add_customer(desk.database, "Erika <b>")
    await note(callback=True, title="later", due_at=NOW + 40 * HOUR, user_id=ann)
    await note(callback=True, title="late", due_at=NOW - HOUR, user_id=ann, customer_id=erika)
    await note(callback=True, title="free one", due_at=NOW + HOUR)
    await note(callback=True, title="Bob's", due_at=NOW - HOUR, user_id=desk.bob.user.id)
    page = await desk.ann.get("/day")
    assert page.index("late</strong>") < page.index("free one") < page.index("later</strong>")
    assert "Bob&#39;s" not in page
    for part in ("overdue since", "Erika &lt;b&gt;", "for anyone", "Take it", f'"{CALLER}"'):
        assert part in page
    assert await counted(desk) == {"due": 1, "overdue": 1}


async def test_what_is_due_is_counted_a_callback_at_its_time_and_a_task_on_its_day(
    desk, note
) -> None:
    ann = desk.ann.user.id
    day = Day.of(datetime.now(UTC))
    assert await counted(desk) == {"due": 0, "overdue": 0}
    await note(callback=True, due_at=day.end, user_id=ann)  # not yet
    await note(title="today", due_at=day.end - timedelta(seconds=1), user_id=ann)
    await note(title="tomorrow", due_at=day.end + HOUR, user_id=ann)
    await note(title="some day", user_id=ann)
    erika = await add_customer(desk.database, "Erika")
    async with desk.database.writing() as session:
        await storage.promises.add(session, erika, "x", due_on=day.date, by=ann, now=NOW)
    assert await counted(desk) == {"due": 2, "overdue": 0}


async def test_a_missed_call_stays_until_somebody_called_back_and_then_says_who(desk) -> None:
    def missed(teller: Teller) -> Call:
        call = teller.abandoned()
        alone = replace(call.offers[0], queue=None)
        return replace(call, offers=(alone,), queue=None)

    await desk.call(tell=missed, ago=500)
    page = await desk.ann.get("/day")
    assert "rang once" in page
    assert (await counted(desk))["due"] == 1
    await desk.call(by="102", ago=300)
    page = await desk.ann.get("/day")
    assert "rang once" not in page
    assert "spoken to by bob" in page.lower()
    assert (await counted(desk))["due"] == 0


async def test_calls_not_wrapped_up_and_promises_due_are_listed(desk) -> None:
    call = await desk.call()
    erika = await add_customer(desk.database, "Erika")
    async with desk.database.writing() as session:
        today = Day.of(NOW).date
        await storage.promises.add(
            session, erika, "send it", due_on=today, by=desk.ann.user.id, now=NOW
        )
    page = await desk.ann.get("/day")
    assert f"/desk/calls/{call.id}/wrap-up" in page
    assert "send it" in page


async def test_a_call_is_listed_until_it_is_wrapped_up_for_a_month(desk) -> None:
    old = await desk.call(ago=30 * 86_400)
    older = await desk.call(ago=32 * 86_400)
    for page in (await desk.ann.get("/day"), await desk.ann.get("/desk")):
        assert f"/desk/calls/{old.id}/wrap-up" in page
        assert f"/desk/calls/{older.id}/wrap-up" not in page
    fields = {"outcome": str(desk.stage.outcome)}
    await desk.send(f"/desk/calls/{old.id}/wrap-up", fields)
    assert f"/desk/calls/{old.id}/wrap-up" not in await desk.ann.get("/day")


async def test_figures_stand_beside_the_teams_average(desk) -> None:
    await desk.call(ago=100)
    await desk.call(by="102", ago=90)
    page = await desk.ann.get("/day")
    assert "<small>" not in page.split("day-figures")[1].split("</dl>")[0]
    async with desk.database.writing() as session:
        team = await storage.teams.create(session, name="Sales", now=NOW, by=None)
        members = [desk.ann.user.id, desk.bob.user.id]
        await storage.teams.change(session, team.id, name="Sales", user_ids=members, by=None)
    figures = (await desk.ann.get("/day/lists")).split("day-figures")[1].split("</dl>")[0]
    assert "1:01" in figures  # of Ann's call
    assert "team average 1.0" in figures


def test_a_day_of_the_company_may_have_twenty_three_hours() -> None:
    filters.use_zone("Europe/Berlin")
    day = Day.of(datetime(2026, 3, 29, 12, 0, tzinfo=UTC))
    assert (day.end - day.begin) == timedelta(hours=23)
    assert str(day.date) == "2026-03-29"
    filters.use_zone("UTC")


async def test_who_called_back_before_today_is_not_told_again(desk) -> None:
    def missed(teller: Teller) -> Call:
        call = teller.abandoned()
        alone = replace(call.offers[0], queue=None)
        return replace(call, offers=(alone,), queue=None)

    await desk.call(tell=missed, ago=60 * 3600)
    await desk.call(by="102", ago=50 * 3600)
    page = await desk.ann.get("/day")
    assert "rang once" not in page
    assert "spoken to by bob" not in page.lower()
