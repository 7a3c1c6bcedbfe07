"""Differences from the books on their page: listed by what became of them, left by a person."""

from datetime import UTC, datetime, timedelta

import storage.findings
from fixtures.calls import Teller
from fixtures.doors import NOBODY
from storage.findings import FindingState, Found


async def found(database, stage, *, call=None, said="1:01 talk", linkedid="1.0"):
    at = datetime.now(UTC) - timedelta(hours=1)
    one = Found(
        kind="talk_differs", call_id=call, linkedid=linkedid, at=at, said=said, books="1:06 talk"
    )
    async with database.writing() as session:
        [row] = await storage.findings.note(session, stage.pbx, [one], at=at)
    return row


async def test_differences_are_listed_with_the_way_to_their_call(
    sign_in, stage, store, database
) -> None:
    call = await store(Teller(stage.pbx).ended(), stage.context())
    await found(database, stage, call=call.id)
    await found(database, stage, said="<b>no call</b>", linkedid="2.0")
    browser = await sign_in("supervisor")
    page = await browser.get("/calls/differences")
    assert page.count(f"/calls/{call.id}") == 1
    assert "Talk differs" in page
    assert "1:06 talk" in page
    assert "&lt;b&gt;no call" in page
    assert "<b>no call" not in page


async def test_a_difference_is_left_as_it_is_by_a_person(sign_in, stage, database) -> None:
    row = await found(database, stage)
    browser = await sign_in("supervisor")
    response = await browser.post(f"/calls/differences/{row.id}/dismissals")
    assert response.status == 303
    assert "No differences" in await browser.get("/calls/differences")
    assert "1:06 talk" in await browser.get("/calls/differences?state=ignored")
    assert "None of these" in await browser.get("/calls/differences?state=mended")
    async with database.reading() as session:
        kept = await storage.findings.get(session, row.id)
    assert (kept.state, kept.closed_by) == (FindingState.IGNORED, browser.user.id)
    assert (await browser.post(f"/calls/differences/{NOBODY}/dismissals")).status == 404


async def test_an_agent_sees_no_differences(sign_in, stage, database) -> None:
    row = await found(database, stage)
    browser = await sign_in("agent")
    assert (await browser.client.get("/calls/differences")).status == 403
    assert (await browser.post(f"/calls/differences/{row.id}/dismissals")).status == 403


async def test_a_strange_state_or_place_shows_those_that_are_open(sign_in, stage, database) -> None:
    await found(database, stage)
    browser = await sign_in("supervisor")
    assert "1:06 talk" in await browser.get("/calls/differences?state=x&older_than=y")
