"""Calibrations and trends on pages, for spreadsheets and for programs."""

import csv
import io
import re

import pytest

from fixtures.scorecards import GOOD, reviewed
from storage.rules import sheets

JSON = {"Accept": "application/json"}
DAYS = "since=2026-11-01&until=2026-11-30"


def marks(answers: dict[str, str]) -> dict[str, str]:
    return {f"{item}.mark": mark for item, mark in answers.items()} | {"deed": "submit"}


async def test_reviewers_rate_blind_and_compare_once_it_is_over(room, sign_in) -> None:
    tom = await sign_in("supervisor", "tom")
    path = f"/calls/{room.call.id}/calibrations"
    page = await room.sue.get(f"{path}/new")
    assert "Tom" in page
    assert "Kim" not in re.findall(r'choice-text">([^<]+)', page)
    assert (await room.sue.post(path, {"reviewers": str(tom.user.id)})).status == 422
    both = [("reviewers", str(one.user.id)) for one in (tom, room.sue)]
    made = (await room.sue.post(path, both)).headers["Location"]
    sheets_ = {}
    for one, answers in ((room.sue, GOOD), (tom, GOOD | {"i2": "2"})):
        page = await one.get(made)
        sheets_[one.user.login] = sheet = re.search(r'href="(/reviews/[0-9a-f-]{36})"', page)[1]
        note = {"whole.note": f"Said by {one.user.login}"}
        assert (await one.post(sheet, marks(answers) | note)).status == 303
        assert "Said by" not in await one.get(made)
    assert (await tom.client.get(sheets_["sue"])).status == 404
    assert "must have submitted" not in await room.sue.get(made)
    await room.sue.post(f"{made}/ends")
    page = await tom.get(made)
    assert "Said by sue" in page
    assert "37.5 %" in page
    assert "50.0 %" in page
    assert "37.5 %" in await room.sue.get("/reviews/calibrations")
    assert (await room.sue.client.get("/reviews/list")).status == 200


@pytest.fixture
async def done(room):
    by = room.sue.user.id
    await reviewed(room.database, room.call, room.kim.user.id, room.version, by=by)
    return room


async def test_trends_show_agents_items_and_queues_with_their_numbers(done, sign_in) -> None:
    page = await done.sue.get(f"/reviews/trends?{DAYS}")
    for shown in ("81.3 %", "Kim", "Sales line", "Found the need", "75.0 %", "<svg"):
        assert shown in page
    assert "16 Nov 2026: 81.3 %" in page  # the drawing says its numbers
    other = await done.sue.get(f"/reviews/trends?{DAYS}&agent={done.sue.user.id}")
    assert "No review was submitted" in other
    tom = await sign_in("supervisor", "tom")
    assert "No review was submitted" in await tom.get(f"/reviews/trends?{DAYS}")
    assert "Trends" in await tom.get("/reviews/trends?since=x&until=1-1-1&agent=x")


async def test_a_spreadsheet_has_a_line_for_each_item(done) -> None:
    text = await done.sue.get(f"/reviews/trends.csv?{DAYS}")
    rows = list(csv.reader(io.StringIO(text.removeprefix(sheets.MARK)), delimiter=";"))
    assert [row[8:] for row in rows[1:]] == [
        ["Greeted by name", "yes", "100.0"],
        ["Said that it is recorded", "yes", "100.0"],
        ["Found the need", "4", "75.0"],
    ]
    assert rows[1][:5] == ["2026-11-22", "Kim", "Sue", "Sales line", "Quality"]
    assert rows[1][6] == "81.3"
    assert (await done.kim.client.get("/reviews/trends.csv")).status == 403
