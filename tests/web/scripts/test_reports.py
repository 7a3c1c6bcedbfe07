"""What came of a script, on a page and for a spreadsheet, for supervisors."""

import csv
import io
from datetime import timedelta

import pytest

import storage.scripts
from fixtures.calls import NOW, set_stage
from fixtures.scripts import Filling, call_of, make
from storage.rules import sheets

DAYS = "since=2026-11-01&until=2026-11-30"


@pytest.fixture
async def filled(database) -> Filling:
    """One who was content, and two who were not and were asked no further."""
    stage = await set_stage(database)
    version = await make(database, stage)
    for tag, answer in (("1.1", "yes"), ("2.1", "no"), ("3.1", "no")):
        call = await call_of(database, stage, tag)
        filling = Filling(database, stage, call, version.id)
        await filling.give("f1", answer)
        await filling.go_on("s1")
    await filling.give("f2", "=1+1")
    return filling


async def script_of(filled: Filling):
    async with filled.database.reading() as session:
        [line] = await storage.scripts.listed(session)
    return line.script.id


async def test_answers_and_where_it_was_left_are_counted(filled, sign_in) -> None:
    sue = await sign_in("supervisor", "sue")
    path = f"/scripts/{await script_of(filled)}/report"
    page = await sue.get(f"{path}?{DAYS}")
    assert "Abandoned at" in page
    assert 'value="2">2</meter>' in page
    before = NOW.date() - timedelta(days=40)
    assert "No call in these days" in await sue.get(f"{path}?until={before}")
    assert "Begun" in await sue.get(f"{path}?{DAYS}&version=99&since=nonsense")


async def test_the_list_for_a_spreadsheet_holds_no_formula(filled, sign_in) -> None:
    sue = await sign_in("supervisor", "sue")
    text = await sue.get(f"/scripts/{await script_of(filled)}/report.csv?{DAYS}")
    rows = list(csv.reader(io.StringIO(text.removeprefix(sheets.MARK)), delimiter=";"))
    assert rows[0][-2:] == ["Content?", "What went wrong?"]
    assert sorted(row[-2] for row in rows[1:]) == ["no", "no", "yes"]
    assert [row[-1] for row in rows[1:] if row[-1]] == ["'=1+1"]
    kim = await sign_in("agent", "kim")
    refused = await kim.client.get(f"/scripts/{await script_of(filled)}/report.csv")
    assert refused.status == 403
