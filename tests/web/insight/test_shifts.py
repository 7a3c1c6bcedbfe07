"""What each agent was on each day, for supervisors, on a page and for a spreadsheet."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

import storage.presences
from fixtures.calls import set_stage
from pbx_bridge.ids import uuid7
from pbx_bridge.presences import AgentState, Source
from storage.presences import Interval
from storage.rules import sheets

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
PERIOD = "since=2026-11-20&until=2026-11-20"


@pytest.fixture
async def told(database) -> None:
    """The first agent was free for ten minutes, then at lunch for five, as a stranger wrote it."""
    stage = await set_stage(database)
    begun = [
        Interval(
            id=uuid7(DAY), user_id=stage.users[0], pbx_id=stage.pbx, extension="101", queue=queue,
            state=state, reason=reason, source=Source.DESK,
            began_at=DAY + timedelta(minutes=minutes),
        )
        for state, reason, minutes, queue in (
            (AgentState.AVAILABLE, "", 0, None),
            (AgentState.PAUSED, "=Lunch <b>", 10, None),
            (AgentState.PAUSED, "=Lunch <b>", 10, "sales"),
        )
    ]  # fmt: skip
    ends = {begun[0].id: begun[1].began_at}
    ends |= {one.id: DAY + timedelta(minutes=15) for one in begun[1:]}
    async with database.writing() as session:
        await storage.presences.write(session, begun, ends)


@pytest.mark.usefixtures("told")
async def test_a_day_is_added_up(sign_in) -> None:
    sue = await sign_in("supervisor", "sue")
    page = await sue.get(f"/reports/agents?{PERIOD}")
    assert "10:00" in page
    assert "=Lunch &lt;b&gt;</span> 5:00" in page
    assert "Nothing is known" in await sue.get("/reports/agents?since=2026-11-19&until=2026-11-19")
    assert "Nothing is known" in await sue.get(f"/reports/agents?{PERIOD}&user={sue.user.id}")
    assert "Agents and days" in await sue.get("/reports/agents?since=x&until=1-1-1&user=x")


@pytest.mark.usefixtures("told")
async def test_a_spreadsheet_gets_seconds(sign_in) -> None:
    sue = await sign_in("supervisor", "sue")
    text = await sue.get(f"/reports/agents.csv?{PERIOD}")
    _, row = csv.reader(io.StringIO(text.removeprefix(sheets.MARK)), delimiter=";")
    assert row[0] == "2026-11-20"
    assert row[2:9] == ["101", "600", "0", "0", "300", "'=Lunch <b> 300", "0"]
    assert int(row[9]) == 24 * 3600 - 900
    kim = await sign_in("agent", "kim")
    assert (await kim.client.get("/reports/agents.csv")).status == 403
